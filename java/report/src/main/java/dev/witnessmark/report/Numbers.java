package dev.witnessmark.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them; the same in every locale. */
final class Numbers {

  /** Stands for a value that is not defined. */
  static final String UNDEFINED = "–";

  private static final String[] COUNT_UNITS = {"", " K", " M", " G", " T", " P", " E"};
  private static final String[] BYTE_UNITS = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};

  private Numbers() {}

  /** For example {@code 5,051,904}. */
  static String exact(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** For example {@code 1 tensor}, {@code 75 tensors}. */
  static String of(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** For example {@code 5.05 M}. */
  static String count(long value) {
    return scaled(value, 1000, COUNT_UNITS);
  }

  /** For example {@code 9.6 MiB}. */
  static String bytes(long value) {
    return scaled(value, 1024, BYTE_UNITS);
  }

  private static String scaled(long value, int base, String[] units) {
    double scaled = value;
    int unit = 0;
    while (Math.rint(scaled) >= base && unit < units.length - 1) {
      scaled /= base;
      unit++;
    }
    if (unit == 0) {
      return value + units[0];
    }
    String digits = scaled < 9.995 ? "%.2f" : scaled < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, digits, scaled) + units[unit];
  }

  /** Four significant digits, plain where that stays short. */
  static String measure(@Nullable Double value) {
    if (value == null) {
      return UNDEFINED;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    double magnitude = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    if (magnitude >= 1e-3 && magnitude < 1e5) {
      int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(magnitude)));
      return String.format(Locale.ROOT, "%." + Math.min(decimals, 6) + "f", value);
    }
    return String.format(Locale.ROOT, "%.3e", value);
  }

  /** A cosine with as many digits as tell it from one. */
  static String cosine(@Nullable Double value) {
    if (value == null) {
      return UNDEFINED;
    }
    double gap = 1 - Math.abs(value);
    if (gap < 1e-12) {
      return value > 0 ? "1" : "-1";
    }
    int decimals = Math.clamp((int) Math.ceil(-Math.log10(gap)) + 2, 4, 14);
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** As few digits as tell it, at most six, for example {@code 99} or {@code 99.5}. */
  static String plain(double value) {
    return String.format(Locale.ROOT, "%.6f", value).replaceFirst("\\.?0+$", "");
  }

  /** A share in percent with its sign, for example {@code −3.4}. */
  static String signed(double share) {
    String text = String.format(Locale.ROOT, "%+.1f", 100 * share).replace('-', '−');
    return text.equals("−0.0") ? "+0.0" : text;
  }

  /** For example {@code 12.3 %}. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
