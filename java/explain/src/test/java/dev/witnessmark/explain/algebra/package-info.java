/** Tests of the linear algebra. */
@NullMarked
package dev.witnessmark.explain.algebra;

import org.jspecify.annotations.NullMarked;
