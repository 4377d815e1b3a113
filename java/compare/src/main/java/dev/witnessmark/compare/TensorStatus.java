package dev.witnessmark.compare;

/** What became of one tensor. From best to worst. */
public enum TensorStatus {
  /** Same type, same bytes. */
  BIT_IDENTICAL("bit-identical"),
  /** Other bytes, but every decoded value is the same number. */
  IDENTICAL("identical"),
  /** Every difference is at most what rounding to the two storage types explains. */
  WITHIN_QUANTISATION("within-quantisation"),
  /** At least one value differs by more than storage explains. */
  MOVED("moved"),
  /** Same tensor, other shape. */
  INCOMPATIBLE("incompatible"),
  /** No counterpart in B. */
  ONLY_IN_A("only-in-a"),
  /** No counterpart in A. */
  ONLY_IN_B("only-in-b");

  private final String label;

  TensorStatus(String label) {
    this.label = label;
  }

  /** The name in reports of every kind. */
  public String label() {
    return label;
  }

  /** True where the two sides agree as far as their storage can tell. */
  public boolean agrees() {
    return compareTo(WITHIN_QUANTISATION) <= 0;
  }

  /** True where values of both sides were compared. */
  public boolean compared() {
    return compareTo(MOVED) <= 0;
  }
}
