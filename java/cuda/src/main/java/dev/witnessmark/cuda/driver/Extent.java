package dev.witnessmark.cuda.driver;

/** Blocks of a grid or threads of a block, in three directions. */
public record Extent(int x, int y, int z) {

  public static Extent of(int x) {
    return new Extent(x, 1, 1);
  }

  public static Extent of(int x, int y) {
    return new Extent(x, y, 1);
  }

  /** For example {@code 4x1x1}. */
  @Override
  public String toString() {
    return x + "x" + y + "x" + z;
  }
}
