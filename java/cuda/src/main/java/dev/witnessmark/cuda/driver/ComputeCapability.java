package dev.witnessmark.cuda.driver;

/** Generation of a device, for example 9.0 of an H100, whose code is compiled for {@code sm_90}. */
public record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {

  /** The number in the names of architectures: 90 for 9.0. */
  public int number() {
    return 10 * major + minor;
  }

  @Override
  public int compareTo(ComputeCapability other) {
    return Integer.compare(number(), other.number());
  }

  @Override
  public String toString() {
    return "sm_" + number();
  }
}
