package dev.witnessmark.parity.compare;

import dev.witnessmark.capture.Capture;
import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.Provenance;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.inference.Model;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.budget.Precision;
import java.util.Objects;
import java.util.Optional;

/**
 * A capture and what is known about how it was made.
 *
 * @param name what the report calls it: A, B or the truth
 * @param capture the stages
 * @param model the model that it is of, where it can be read
 * @param precision what it was computed in, where it does not follow the contract; empty to go by
 *     the types of its tensors
 * @param interleaved whether its rotary embedding pairs neighbours, where no manifest says so
 */
public record CaptureSide(
    String name,
    Capture capture,
    Optional<Model> model,
    Optional<Precision> precision,
    Optional<Boolean> interleaved) {

  private static final String EXACT = "exact";

  /** A capture about which only itself is known. */
  public static CaptureSide of(String name, Capture capture) {
    return new CaptureSide(name, capture, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** This side with its model. */
  public CaptureSide with(Model other) {
    return new CaptureSide(name, capture, Optional.of(other), precision, interleaved);
  }

  /** A stage that the capture has. */
  TensorView tensor(StageKey key) {
    return Objects.requireNonNull(capture.stages().get(key), () -> name + " lacks " + key);
  }

  Optional<Provenance> provenance() {
    return capture.manifest().map(Manifest::provenance);
  }

  /** Whether it was computed in float64. */
  boolean isExact() {
    return provenance().map(p -> p.path().equals(EXACT)).orElse(false);
  }

  /** Whether its bits are those that the numerics contract defines. */
  boolean followsContract() {
    return !isExact() && provenance().map(p -> p.contract() == Numerics.VERSION).orElse(false);
  }

  /** Whether a stage fed the same values has the same bits on both sides. */
  boolean computesLike(CaptureSide other) {
    return followsContract()
        && other.followsContract()
        && provenance().map(Provenance::path).equals(other.provenance().map(Provenance::path))
        && provenance().map(Provenance::cache).equals(other.provenance().map(Provenance::cache));
  }

  /** Sizes of the model, from the manifest or the model itself. */
  Optional<Hyperparameters> sizes() {
    return provenance()
        .map(Provenance::hyperparameters)
        .or(() -> model.map(Model::hyperparameters));
  }

  /** Whether rotary embedding pairs neighbours; empty where nobody knows. */
  Optional<Boolean> layout() {
    return provenance().map(p -> p.hyperparameters().rotary().interleaved()).or(() -> interleaved);
  }

  /** How the side was computed, for the report. */
  public String computed() {
    return provenance()
        .map(p -> "path %s, cache %s, %s".formatted(p.path(), p.cache(), p.run().kernels()))
        .orElseGet(() -> "another tool" + precision.map(p -> ", " + p.id()).orElse(""));
  }
}
