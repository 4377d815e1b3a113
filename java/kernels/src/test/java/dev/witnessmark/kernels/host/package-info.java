/** The CPU's operations against golden results and against each other. */
@NullMarked
package dev.witnessmark.kernels.host;

import org.jspecify.annotations.NullMarked;
