package dev.witnessmark.causal.diff;

import dev.witnessmark.fingerprint.Projection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * Blocks in which what is asked (Q) and what is done with the answer (O) changed, while what is
 * offered (K) stayed.
 *
 * @param share the threshold t of {@code q > t}, {@code o > t}, {@code k < t}, all strict
 * @param requireK whether K must be there
 * @param blocks every block with rows of Q, K or O, ascending
 */
public record Scaffold(double share, boolean requireK, List<ScaffoldBlock> blocks) {

  public Scaffold {
    blocks = List.copyOf(blocks);
  }

  /** Judges every block of a head table. */
  static Scaffold of(Map<HeadKey, Shift> heads, double share, boolean requireK) {
    TreeSet<Long> numbers = new TreeSet<>();
    heads.forEach((key, shift) -> {
      if (isOfAttention(key.projection()) && shift.rows() > 0) {
        numbers.add(key.block());
      }
    });
    List<ScaffoldBlock> blocks = new ArrayList<>();
    for (long number : numbers) {
      OptionalDouble q = ratio(heads, number, Projection.Q);
      OptionalDouble k = ratio(heads, number, Projection.K);
      OptionalDouble o = ratio(heads, number, Projection.O);
      boolean scaffold =
          q.orElse(0) > share
              && o.orElse(0) > share
              && k.orElse(0) < share
              && !(requireK && k.isEmpty());
      blocks.add(new ScaffoldBlock(number, q, k, o, scaffold));
    }
    return new Scaffold(share, requireK, blocks);
  }

  private static boolean isOfAttention(Projection projection) {
    return projection == Projection.Q || projection == Projection.K || projection == Projection.O;
  }

  private static OptionalDouble ratio(
      Map<HeadKey, Shift> heads, long block, Projection projection) {
    Shift shift = heads.get(new HeadKey(block, projection));
    return shift == null || shift.rows() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(shift.ratio());
  }

  /** Numbers of the scaffold blocks, ascending. */
  public List<Long> numbers() {
    return blocks.stream().filter(ScaffoldBlock::scaffold).map(ScaffoldBlock::block).toList();
  }
}
