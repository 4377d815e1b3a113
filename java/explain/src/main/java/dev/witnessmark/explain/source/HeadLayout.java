package dev.witnessmark.explain.source;

/**
 * Which key/value head serves which query head of grouped-query attention.
 *
 * @param heads query heads
 * @param keyValueHeads key/value heads, a divisor of {@code heads}
 * @param size rows of a head
 */
public record HeadLayout(int heads, int keyValueHeads, int size) {

  /**
   * For every row of the queries the row of the keys or values that serves it: head h is served by
   * head {@code ⌊h · keyValueHeads / heads⌋}.
   */
  public int[] headwise() {
    int[] order = new int[heads * size];
    for (int row = 0; row < order.length; row++) {
      order[row] = keyValueHead(row / size) * size + row % size;
    }
    return order;
  }

  /**
   * The same as published: every row repeated in place, which mixes heads up wherever one serves
   * several.
   */
  public int[] rowwise() {
    int[] order = new int[heads * size];
    for (int row = 0; row < order.length; row++) {
      order[row] = row / (heads / keyValueHeads);
    }
    return order;
  }

  /** The key/value head that serves query head {@code head}. */
  public int keyValueHead(int head) {
    return head * keyValueHeads / heads;
  }
}
