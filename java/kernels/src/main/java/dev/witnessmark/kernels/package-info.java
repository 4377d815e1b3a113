/** What is computed. */
@NullMarked
package dev.witnessmark.kernels;

import org.jspecify.annotations.NullMarked;
