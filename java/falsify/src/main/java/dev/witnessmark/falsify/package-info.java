/** The numbered experiments on dequantised against fused products, each with its control. */
@NullMarked
package dev.witnessmark.falsify;

import org.jspecify.annotations.NullMarked;
