package dev.witnessmark.kernels.exact;

import java.lang.foreign.MemorySegment;
import java.util.function.IntFunction;

/**
 * What one output, or one field of its records, should hold: the real numbers and how far the
 * computed ones may be from them, in the canonical arithmetic or in any {@linkplain SumOrder
 * order}.
 *
 * <p>A budget of 0 asks for equality: of integers and selected values, and of a NaN or an infinity
 * that is certain. An infinite budget asks for nothing: a number on the way may leave the range of
 * floats, or an operand is infinite where the real result is not defined. Zeros of either sign are
 * equal.
 *
 * @param output name of the operand, with that of the field where it has several
 * @param operand index of the operand among those of the operation
 * @param values the real numbers
 * @param budgets bounds of |computed − value|, one for each
 * @param reading how the numbers are read from the operand
 */
public record Reference(
    String output, int operand, double[] values, double[] budgets, Reading reading) {

  /** Which number an operand holds. */
  @FunctionalInterface
  public interface Reading {

    /** Number {@code i} of {@code operand}. */
    double at(MemorySegment operand, long i);
  }

  static Reference of(
      String output, int operand, Reading reading, long count, IntFunction<Bounded> numbers) {
    double[] values = new double[Math.toIntExact(count)];
    double[] budgets = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      Bounded number = numbers.apply(i);
      values[i] = number.value();
      budgets[i] = number.error();
    }
    return new Reference(output, operand, values, budgets, reading);
  }

  static Reference of(String output, int operand, Reading reading, Bounded[] numbers) {
    return of(output, operand, reading, numbers.length, i -> numbers[i]);
  }

  /** Holds an operand that was computed by some means against the real numbers. */
  public Judgement judge(MemorySegment computed) {
    long outside = 0;
    long unlimited = 0;
    double used = 0;
    int worst = -1;
    for (int i = 0; i < values.length; i++) {
      if (budgets[i] == Double.POSITIVE_INFINITY) {
        unlimited++;
        continue;
      }
      double share = share(reading.at(computed, i), values[i], budgets[i]);
      if (share > 1) {
        outside++;
      }
      if (worst < 0 || share > used) {
        used = share;
        worst = i;
      }
    }
    return new Judgement(output, values.length, outside, unlimited, used, worst);
  }

  private static double share(double computed, double value, double budget) {
    if (computed == value || (Double.isNaN(computed) && Double.isNaN(value))) {
      return 0;
    }
    double share = Math.abs(computed - value) / budget;
    return Double.isNaN(share) ? Double.POSITIVE_INFINITY : share;
  }
}
