package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Optional;

/**
 * The scores of {@link Attention} by themselves, with its bits. Where a key is later than the query
 * the result is +0.
 *
 * @param queries number of positions that ask, the last ones of the sequence
 * @param heads query heads, a multiple of {@code keyValueHeads}; head h reads key/value head h ·
 *     keyValueHeads / heads
 * @param keyValueHeads key/value heads
 * @param headSize elements of a head
 * @param cached positions in the cache, those of the queries included
 * @param cache {@link Element#FLOAT32} or {@link Element#FLOAT16}
 */
public record AttentionScores(
    int queries, int heads, int keyValueHeads, int headSize, int cached, Element cache)
    implements Operation {

  public AttentionScores {
    Check.attention(queries, heads, keyValueHeads, headSize, cached, cache);
  }

  /** {@link Attention#scale()}. */
  public float scale() {
    return Attention.scale(headSize);
  }

  /** Who sees which position. */
  public CausalMask mask() {
    return new CausalMask(queries, cached);
  }

  @Override
  public Family family() {
    return Family.ATTENTION_SCORES;
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
    return List.of(
        Operand.in("queries", Element.FLOAT32, Check.elements(queries, heads, headSize)),
        Operand.in("keys", cache, Check.elements(cached, keyValueHeads, headSize)),
        Operand.out("scores", Element.FLOAT32, Check.elements(heads, queries, cached)));
  }

  @Override
  public String shape() {
    return "q=%d heads=%d/%d×%d cached=%d %s"
        .formatted(queries, heads, keyValueHeads, headSize, cached, cache);
  }

  @Override
  public long arithmeticOperations() {
    return Check.elements(mask().pairs(), heads, 2L * headSize);
  }
}
