package dev.witnessmark.fingerprint.bgz7;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Shards that the names of the others promise: {@code NAME-00002-of-00011} says how many there are,
 * {@code NAME_shard03} that there are those before.
 */
final class ShardNumbers {

  private static final Pattern OF = Pattern.compile("(.*)-(\\d{1,6})-of-(\\d{1,6})(\\..*)?");
  private static final Pattern NUMBERED = Pattern.compile("(.*shard)[-_]?(\\d{1,6})(\\..*)?");

  /** Missing numbers that a sentence names. */
  private static final int MOST_NAMED = 20;

  private final TreeSet<Integer> found = new TreeSet<>();
  private int last;

  private ShardNumbers() {}

  /** A sentence for every series of shards of which some are missing. */
  static List<String> missing(List<Path> files) {
    Map<String, ShardNumbers> series = new TreeMap<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      Matcher of = OF.matcher(name);
      Matcher numbered = NUMBERED.matcher(name);
      if (of.matches()) {
        series
            .computeIfAbsent(of.group(1), none -> new ShardNumbers())
            .add(of.group(2), of.group(3));
      } else if (numbered.matches()) {
        series
            .computeIfAbsent(numbered.group(1), none -> new ShardNumbers())
            .add(numbered.group(2), numbered.group(2));
      }
    }
    return series.entrySet().stream()
        .map(each -> each.getValue().sentence(each.getKey()))
        .flatMap(Optional::stream)
        .toList();
  }

  private void add(String number, String count) {
    found.add(Integer.valueOf(number));
    last = Math.max(last, Integer.parseInt(count));
  }

  private Optional<String> sentence(String stem) {
    List<Integer> missing =
        IntStream.rangeClosed(Math.min(1, found.first()), last)
            .filter(number -> !found.contains(number))
            .boxed()
            .toList();
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    String named =
        missing.stream().limit(MOST_NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    return Optional.of(
        "%s: %d shards are missing: %s%s"
            .formatted(stem, missing.size(), named, missing.size() > MOST_NAMED ? ", ..." : ""));
  }
}
