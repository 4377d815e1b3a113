package dev.witnessmark.format.peft;

import dev.witnessmark.format.TensorView;

/**
 * What an adapter adds to one weight of its base: {@code scale · B · A}, or its transpose.
 *
 * @param target name of the weight in the base, for example {@code
 *     model.layers.0.mlp.down_proj.weight}
 * @param a {@code [r, in]}
 * @param b {@code [out, r]}
 * @param scale lora_alpha / r, or lora_alpha / √r for a rank-stabilised adapter
 * @param transposed true if the base stores the weight as {@code [in, out]}, so that the transpose
 *     of the product is added: embeddings, and layers with {@code fan_in_fan_out}
 */
public record LowRankUpdate(
    String target, TensorView a, TensorView b, double scale, boolean transposed) {}
