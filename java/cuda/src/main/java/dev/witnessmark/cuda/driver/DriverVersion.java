package dev.witnessmark.cuda.driver;

/**
 * The newest CUDA version that a driver supports.
 *
 * @param number {@code 1000 * major + 10 * minor}, as the driver reports it
 */
public record DriverVersion(int number) {

  /** For example {@code CUDA 13.0}. */
  @Override
  public String toString() {
    return "CUDA " + number / 1000 + "." + number % 1000 / 10;
  }
}
