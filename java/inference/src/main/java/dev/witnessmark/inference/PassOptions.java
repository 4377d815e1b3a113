package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.Element;

/**
 * How a forward pass is run. None of it changes a bit of canonical results, except {@code paths}
 * and {@code cache}.
 *
 * @param paths the path of each matrix
 * @param batch most positions of one call
 * @param positions most positions of a sequence: the length of the KV cache
 * @param cache how keys and values are kept: {@link Element#FLOAT32} or {@link Element#FLOAT16}
 * @param weightBytes bytes of weights that may stay on the device
 */
public record PassOptions(
    PathPlan paths, int batch, int positions, Element cache, long weightBytes) {

  public PassOptions {
    if (batch < 1 || positions < 1) {
      throw new IllegalArgumentException(
          "batch %d and positions %d must be at least 1".formatted(batch, positions));
    }
  }
}
