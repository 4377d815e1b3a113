package dev.witnessmark.causal.palette;

import dev.witnessmark.causal.diff.TensorShift;
import dev.witnessmark.fingerprint.Projection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Edges in 64 words: each the bitwise or of the packed edges of one projection of one block, by
 * block and code of the projection; the first 64 are kept. Edges of no block go with block 0.
 *
 * @param rows the words and what they are of
 */
public record EdgePalette(List<Row> rows) {

  /** Words of a palette. */
  public static final int ROWS = 64;

  /**
   * One word.
   *
   * @param block the block
   * @param projection the projection
   * @param word the packed edges
   */
  public record Row(long block, Projection projection, long word) {}

  private record Key(long block, Projection projection) {}

  public EdgePalette {
    rows = List.copyOf(rows);
  }

  /** The palette of a diff between fingerprints. */
  public static EdgePalette of(List<TensorShift> tensors) {
    TreeMap<Key, Long> words =
        new TreeMap<>(
            Comparator.comparingLong(Key::block).thenComparingInt(key -> key.projection().code()));
    for (TensorShift tensor : tensors) {
      if (tensor.shift().shifted() > 0) {
        words.merge(
            new Key(tensor.tensor().block().orElse(0), tensor.tensor().projection()),
            tensor.packed(),
            (a, b) -> a | b);
      }
    }
    List<Row> rows = new ArrayList<>();
    words.forEach((key, word) -> {
      if (rows.size() < ROWS) {
        rows.add(new Row(key.block(), key.projection(), word));
      }
    });
    return new EdgePalette(rows);
  }
}
