package dev.witnessmark.falsify;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A number that is read off an experiment's outcome.
 *
 * @param name what it is, with its unit
 * @param reference what it is held against, or null for what is added here
 * @param reading how it is read off
 * @param <R> the outcome
 */
public record Quantity<R>(
    String name, @Nullable Reference reference, Function<R, Reading> reading) {

  /**
   * A number, or several, as read off.
   *
   * @param text with as many digits as the reference has
   * @param values in full; none for checksums
   */
  record Reading(String text, List<Double> values) {}

  /** A number, rounded to the decimals of its reference. */
  public static <R> Quantity<R> decimal(
      String name, Reference reference, ToDoubleFunction<R> value) {
    return series(name, reference, outcome -> new double[] {value.applyAsDouble(outcome)});
  }

  /** A number that has no reference, rounded to {@code decimals}. */
  public static <R> Quantity<R> added(String name, int decimals, ToDoubleFunction<R> value) {
    return addedSeries(name, decimals, outcome -> new double[] {value.applyAsDouble(outcome)});
  }

  /** Numbers separated by blanks, each rounded to the decimals that the reference has there. */
  public static <R> Quantity<R> series(
      String name, Reference reference, Function<R, double[]> values) {
    String[] references = reference.text().split(" ", -1);
    return new Quantity<>(
        name,
        reference,
        outcome -> numbers(values.apply(outcome), i -> Reference.decimals(references[i])));
  }

  /** Numbers that have no reference, separated by blanks. */
  public static <R> Quantity<R> addedSeries(
      String name, int decimals, Function<R, double[]> values) {
    return new Quantity<>(name, null, outcome -> numbers(values.apply(outcome), i -> decimals));
  }

  /** A float32 with its bits, for example {@code -18882.443 c69384e3}. */
  public static <R> Quantity<R> float32(
      String name, @Nullable Reference reference, Function<R, Float> value) {
    return new Quantity<>(
        name,
        reference,
        outcome -> {
          float number = value.apply(outcome);
          return new Reading(
              number + " " + hex(Float.floatToRawIntBits(number)), List.of((double) number));
        });
  }

  /** The bits of float32 numbers, separated by blanks. */
  public static <R> Quantity<R> bits(
      String name, Reference reference, Function<R, float[]> values) {
    return new Quantity<>(
        name,
        reference,
        outcome -> {
          float[] read = values.apply(outcome);
          return new Reading(
              joined(read.length, i -> hex(Float.floatToRawIntBits(read[i]))),
              IntStream.range(0, read.length).mapToObj(i -> (double) read[i]).toList());
        });
  }

  /** Whole numbers, separated by blanks. */
  public static <R> Quantity<R> integers(
      String name, Reference reference, Function<R, int[]> values) {
    return new Quantity<>(
        name,
        reference,
        outcome -> {
          int[] read = values.apply(outcome);
          return new Reading(
              joined(read.length, i -> Integer.toString(read[i])),
              IntStream.of(read).mapToObj(number -> (double) number).toList());
        });
  }

  /** CRC-32, separated by blanks where there are several. */
  public static <R> Quantity<R> checksums(
      String name, Reference reference, Function<R, int[]> values) {
    return new Quantity<>(
        name,
        reference,
        outcome -> {
          int[] read = values.apply(outcome);
          return new Reading(joined(read.length, i -> hex(read[i])), List.of());
        });
  }

  /** One CRC-32. */
  public static <R> Quantity<R> checksum(String name, Reference reference, ToIntFunction<R> value) {
    return checksums(name, reference, outcome -> new int[] {value.applyAsInt(outcome)});
  }

  Figure of(R outcome) {
    Reading read = reading.apply(outcome);
    return new Figure(name, read.text(), read.values(), reference);
  }

  private static Reading numbers(double[] values, IntUnaryOperator decimals) {
    return new Reading(
        joined(values.length, i -> rounded(values[i], decimals.applyAsInt(i))),
        DoubleStream.of(values).boxed().toList());
  }

  private static String joined(int count, IntFunction<String> text) {
    return IntStream.range(0, count).mapToObj(text).collect(Collectors.joining(" "));
  }

  private static String rounded(double value, int decimals) {
    return Double.isFinite(value)
        ? new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString()
        : Double.toString(value);
  }

  private static String hex(int bits) {
    return String.format(Locale.ROOT, "%08x", bits);
  }
}
