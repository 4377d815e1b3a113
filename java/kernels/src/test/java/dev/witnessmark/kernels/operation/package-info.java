/** What operations refuse, and how large their operands are. */
@NullMarked
package dev.witnessmark.kernels.operation;

import org.jspecify.annotations.NullMarked;
