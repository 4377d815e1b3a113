package dev.witnessmark.capture;

import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.RotaryScaling;
import dev.witnessmark.model.transformer.SparseLayers;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.RunRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** A model of three layers, the middle one sparse, and captures that could be of it. */
final class SmallModel {

  static final int HEADS = 2;
  static final int VOCABULARY = 7;

  private SmallModel() {}

  static Hyperparameters model() {
    return model(new RotaryScaling.Llama3(8, 1, 4, 64));
  }

  static Hyperparameters model(RotaryScaling scaling) {
    return new Hyperparameters(
        "small",
        3,
        6,
        HEADS,
        1,
        4,
        5,
        VOCABULARY,
        64,
        Integer.MAX_VALUE,
        1e-5,
        new RotaryPlan(true, 4, 10_000, scaling),
        false,
        false,
        true,
        Optional.of(new SparseLayers(4, 2, 3, true, Set.of(1))));
  }

  static Provenance provenance(int positions) {
    return provenance(model(), positions);
  }

  static Provenance provenance(Hyperparameters model, int positions) {
    InputFingerprint file =
        new InputFingerprint("small.gguf", 100, "0123456789abcdef".repeat(4), "whole file");
    return new Provenance(
        "small.gguf",
        List.of(file),
        model,
        Optional.of("a \"prompt\"\n"),
        IntStream.range(0, positions).map(i -> (5 * i + 2) % VOCABULARY).boxed().toList(),
        positions == 1 ? List.of(1) : List.of(positions - 1, 1),
        "q8,down=f32",
        List.of(new Provenance.MatrixArithmetic("blk.0.ffn_down.weight", "F16", "f32", "asked")),
        "f16",
        "eager",
        List.of("matvec_q8 vector-512"),
        3,
        new RunRecord(
            "0.1",
            List.of("trace", "small.gguf"),
            "cpu",
            "vector-512",
            "widest",
            2,
            1L << 31,
            "25",
            List.of(file)));
  }

  static TracePlan everything() throws Exception {
    return TraceRequest.parse("all", "all").of(model());
  }

  /** The value of element {@code index}, counted over all positions, of a stage. */
  static float value(StageKey key, long index) {
    return 16 * Math.floorMod(key.name().hashCode(), 997) + index * 0.25f;
  }
}
