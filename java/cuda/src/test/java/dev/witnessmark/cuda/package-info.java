/** The kernels, held to the scalar oracle on whatever device the tests run on. */
@NullMarked
package dev.witnessmark.cuda;

import org.jspecify.annotations.NullMarked;
