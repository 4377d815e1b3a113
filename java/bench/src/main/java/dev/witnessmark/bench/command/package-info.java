/** Measuring whole commands in turns: A B B A. */
@NullMarked
package dev.witnessmark.bench.command;

import org.jspecify.annotations.NullMarked;
