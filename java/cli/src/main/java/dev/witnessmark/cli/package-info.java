/** The command line: thin commands over the library. No arithmetic here. */
@NullMarked
package dev.witnessmark.cli;

import org.jspecify.annotations.NullMarked;
