package dev.witnessmark.format.gguf;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file name of one part of a split model: {@code BASE-00002-of-00005.gguf}.
 *
 * @param number from 1 to {@code count}
 * @param count 2 or more
 */
public record SplitName(String base, int number, int count) {

  private static final Pattern PATTERN =
      Pattern.compile("(.*)-([0-9]{5})-of-([0-9]{5})\\.gguf", Pattern.DOTALL);

  /** Empty if the last name of {@code path} is not that of a part. */
  public static Optional<SplitName> of(Path path) {
    Matcher match = PATTERN.matcher(String.valueOf(path.getFileName()));
    if (!match.matches()) {
      return Optional.empty();
    }
    int number = Integer.parseInt(match.group(2));
    int count = Integer.parseInt(match.group(3));
    return number >= 1 && number <= count && count >= 2
        ? Optional.of(new SplitName(match.group(1), number, count))
        : Optional.empty();
  }

  /** What all parts of one model have in common. */
  public String model() {
    return base + "-of-" + count;
  }

  /** The file name of part {@code other}. */
  String fileName(int other) {
    return "%s-%05d-of-%05d.gguf".formatted(base, other, count);
  }
}
