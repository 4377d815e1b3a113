package dev.witnessmark.capture;

import dev.witnessmark.model.transformer.RotaryScaling;
import java.util.List;
import java.util.Optional;

/** How a manifest writes the scaling of rotary embedding: a word and its numbers in order. */
final class ScalingForm {

  private ScalingForm() {}

  static String kind(RotaryScaling scaling) {
    return switch (scaling) {
      case RotaryScaling.None() -> "none";
      case RotaryScaling.Linear linear -> "linear";
      case RotaryScaling.Llama3 llama -> "llama3";
      case RotaryScaling.Yarn yarn -> "yarn";
      case RotaryScaling.Factors factors -> "factors";
    };
  }

  static List<Double> parameters(RotaryScaling scaling) {
    return switch (scaling) {
      case RotaryScaling.None() -> List.of();
      case RotaryScaling.Linear(double factor) -> List.of(factor);
      case RotaryScaling.Llama3 llama ->
          List.of(
              llama.factor(),
              llama.lowFrequency(),
              llama.highFrequency(),
              (double) llama.context());
      case RotaryScaling.Yarn yarn ->
          List.of(
              yarn.factor(),
              (double) yarn.context(),
              yarn.betaFast(),
              yarn.betaSlow(),
              yarn.temperature());
      case RotaryScaling.Factors(var factors) -> factors;
    };
  }

  /** The scaling with this word and these numbers; empty if there is none. */
  static Optional<RotaryScaling> of(String kind, List<Double> p) {
    return Optional.ofNullable(
        switch (kind + " " + (kind.equals("factors") ? "" : p.size())) {
          case "none 0" -> new RotaryScaling.None();
          case "linear 1" -> new RotaryScaling.Linear(p.get(0));
          case "llama3 4" ->
              new RotaryScaling.Llama3(p.get(0), p.get(1), p.get(2), p.get(3).intValue());
          case "yarn 5" ->
              new RotaryScaling.Yarn(p.get(0), p.get(1).intValue(), p.get(2), p.get(3), p.get(4));
          case "factors " -> new RotaryScaling.Factors(p);
          default -> null;
        });
  }
}
