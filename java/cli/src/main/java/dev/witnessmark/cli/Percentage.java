package dev.witnessmark.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 0.5} or {@code 0.5%}, both half a percent, as the share 0.005. */
final class Percentage implements ITypeConverter<Double> {

  @Override
  public Double convert(String text) {
    String number = text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : text;
    try {
      double percent = Double.parseDouble(number);
      if (percent > 0 && percent < 100) {
        return percent / 100;
      }
    } catch (NumberFormatException notNumber) {
      throw new TypeConversionException("'" + text + "' is no percentage, such as 0.5");
    }
    throw new TypeConversionException("'" + text + "' is not between 0 and 100 percent");
  }
}
