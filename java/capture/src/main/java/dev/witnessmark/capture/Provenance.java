package dev.witnessmark.capture;

import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.verdict.RunRecord;
import java.util.List;
import java.util.Optional;

/**
 * Where a capture comes from: everything about it but its files.
 *
 * @param model the model as the user named it
 * @param modelFiles its files
 * @param hyperparameters its sizes, from which the shapes of stages follow, and how its rotary
 *     embedding pairs elements
 * @param prompt the text, where there was one
 * @param tokens the token at each position from 0 on, those that were generated included
 * @param calls positions of each call of the forward pass, in order: prefill, then decoding
 * @param path how products were computed: {@code f32}, {@code q8}, {@code exact}, or a list of
 *     exceptions
 * @param matrices what each matrix did, where that was not the same for all
 * @param cache how keys and values were kept between calls: {@code f32}, {@code f16} or {@code f64}
 * @param mode how kernels were launched: {@code eager} or {@code graph}
 * @param kernels which variant of which kernel ran, a line each
 * @param contract version of the numerics contract
 * @param run what was asked, what ran, and why; its device is that of the capture
 */
public record Provenance(
    String model,
    List<InputFingerprint> modelFiles,
    Hyperparameters hyperparameters,
    Optional<String> prompt,
    List<Integer> tokens,
    List<Integer> calls,
    String path,
    List<MatrixArithmetic> matrices,
    String cache,
    String mode,
    List<String> kernels,
    int contract,
    RunRecord run) {

  public Provenance {
    modelFiles = List.copyOf(modelFiles);
    tokens = List.copyOf(tokens);
    calls = List.copyOf(calls);
    matrices = List.copyOf(matrices);
    kernels = List.copyOf(kernels);
    long called = calls.stream().mapToLong(Integer::longValue).sum();
    if (tokens.isEmpty() || called != tokens.size()) {
      throw new IllegalArgumentException(
          "%d tokens in calls of %d".formatted(tokens.size(), called));
    }
  }

  /** Number of positions that were computed. */
  public int positions() {
    return tokens.size();
  }

  /**
   * How the products of one matrix were computed.
   *
   * @param matrix its name in the model's files
   * @param type how its values are stored
   * @param path {@code f32} or {@code q8}
   * @param reason why not as asked; empty where it was
   */
  public record MatrixArithmetic(String matrix, String type, String path, String reason) {}
}
