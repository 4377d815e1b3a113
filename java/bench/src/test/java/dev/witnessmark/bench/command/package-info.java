/** Tests of measuring commands in turns. */
@NullMarked
package dev.witnessmark.bench.command;

import org.jspecify.annotations.NullMarked;
