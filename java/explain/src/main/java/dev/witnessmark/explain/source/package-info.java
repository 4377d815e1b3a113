/**
 * Where matrices come from: tensors of a base and of its fine-tune whatever their container, the
 * difference of the two, factors of an adapter, recorded activations. Large matrices are streamed
 * block by block; what is kept of them is Gram matrices.
 */
@NullMarked
package dev.witnessmark.explain.source;

import org.jspecify.annotations.NullMarked;
