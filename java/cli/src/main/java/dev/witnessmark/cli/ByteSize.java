package dev.witnessmark.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes such as {@code 512M}, {@code 2G} or plain bytes. */
final class ByteSize implements ITypeConverter<Long> {

  @Override
  public Long convert(String value) {
    String text = value.trim().toUpperCase(Locale.ROOT).replaceFirst("I?B$", "");
    int shift =
        switch (text.isEmpty() ? ' ' : text.charAt(text.length() - 1)) {
          case 'K' -> 10;
          case 'M' -> 20;
          case 'G' -> 30;
          case 'T' -> 40;
          default -> 0;
        };
    try {
      long number = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1).trim());
      if (number <= 0 || number > Long.MAX_VALUE >> shift) {
        throw new TypeConversionException("'" + value + "' is out of range");
      }
      return number << shift;
    } catch (NumberFormatException noNumber) {
      throw new TypeConversionException("'" + value + "' is no size; write for example 512M or 2G");
    }
  }
}
