package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.Element;

/**
 * One call of the forward pass: positions that are computed together.
 *
 * @param positions how many tokens, at least 1
 * @param cached positions before them, in the KV cache
 * @param cache how keys and values are kept: {@link Element#FLOAT32} or {@link Element#FLOAT16}
 */
public record Call(int positions, int cached, Element cache) {

  /** All positions that the last one sees. */
  public int visible() {
    return Math.addExact(positions, cached);
  }
}
