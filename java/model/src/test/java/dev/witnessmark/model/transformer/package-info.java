/** Tests of the sizes and stages of a decoder. */
@NullMarked
package dev.witnessmark.model.transformer;

import org.jspecify.annotations.NullMarked;
