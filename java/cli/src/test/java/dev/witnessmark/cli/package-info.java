/** Tests of the command line. */
@NullMarked
package dev.witnessmark.cli;

import org.jspecify.annotations.NullMarked;
