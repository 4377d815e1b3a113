package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * Attention of the last positions of a sequence over its KV cache, causal: query i is at position
 * {@code cached - queries + i} and sees the keys up to and with its own.
 *
 * @param queries number of positions that ask: 1 when decoding, more in prefill
 * @param heads query heads, a multiple of {@code keyValueHeads}; head h reads key/value head h ·
 *     keyValueHeads / heads
 * @param keyValueHeads key/value heads
 * @param headSize elements of a head
 * @param cached positions in the cache, those of the queries included
 * @param cache {@link Element#FLOAT32} or {@link Element#FLOAT16}
 */
public record Attention(
    int queries, int heads, int keyValueHeads, int headSize, int cached, Element cache)
    implements Operation {

  public Attention {
    Check.attention(queries, heads, keyValueHeads, headSize, cached, cache);
  }

  /** What scores are multiplied by: 1/√headSize in double, rounded once. */
  public float scale() {
    return scale(headSize);
  }

  static float scale(int headSize) {
    return (float) (1 / Math.sqrt(headSize));
  }

  /** Who sees which position. */
  public CausalMask mask() {
    return new CausalMask(queries, cached);
  }

  @Override
  public Family family() {
    return Family.ATTENTION;
  }

  @Override
  public Optional<String> variant() {
    return Optional.of(cache.name());
  }

  @Override
  public List<Number> parameters() {
    return List.of(queries, heads, keyValueHeads, headSize, cached, scale());
  }

  @Override
  public List<Operand> operands() {
    long asked = Check.elements(queries, heads, headSize);
    long kept = Check.elements(cached, keyValueHeads, headSize);
    return List.of(
        Operand.in("queries", Element.FLOAT32, asked),
        Operand.in("keys", cache, kept),
        Operand.in("values", cache, kept),
        Operand.out("results", Element.FLOAT32, asked));
  }

  @Override
  public String shape() {
    return "q=%d heads=%d/%d×%d cached=%d %s"
        .formatted(queries, heads, keyValueHeads, headSize, cached, cache);
  }

  @Override
  public long arithmeticOperations() {
    return Check.elements(mask().pairs(), heads, 4L * headSize + 20);
  }
}
