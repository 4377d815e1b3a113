/** Tests of the explanation of a fine-tune. */
@NullMarked
package dev.witnessmark.explain;

import org.jspecify.annotations.NullMarked;
