/** Tests of tensors seen as matrices. */
@NullMarked
package dev.witnessmark.compare.matrix;

import org.jspecify.annotations.NullMarked;
