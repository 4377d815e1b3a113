package dev.witnessmark.format.peft;

import dev.witnessmark.format.TensorView;

public record LowRankUpdate(
    String target, TensorView a, TensorView b, double scale, boolean transposed) {}
