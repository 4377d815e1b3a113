package dev.witnessmark.format.peft;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Numbers for some modules: {@code rank_pattern} and {@code alpha_pattern}. */
final class ModuleValues {

  /** A longer key is no pattern that a person wrote. */
  private static final int LONGEST_PATTERN = 256;

  /** Character comparisons of all patterns with all modules: a few seconds. */
  private static final long MOST_COMPARISONS = 1L << 30;

  /** Reads the current value of a document. */
  @FunctionalInterface
  interface NumberReader {
    double read(JsonInput json, String member) throws IOException;
  }

  private record Rule(int place, ModulePattern pattern) {}

  private final String file;
  private final String member;
  private final List<Double> values = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final List<Rule> rules = new ArrayList<>();
  private long comparisons;

  ModuleValues(String file, String member) {
    this.file = file;
    this.member = member;
  }

  /** Reads the current value of {@code json}: an object of numbers, or null. */
  void read(JsonInput json, Limits limits, NumberReader number) throws IOException {
    if (json.atNull()) {
      return;
    }
    json.requireObject(member);
    while (json.nextMember()) {
      long at = json.offset();
      String key = json.name();
      if (values.size() + 1 > limits.metadataKeys()) {
        throw new Refusal.LimitExceeded(
            file, member, at, "the number of keys", values.size() + 1L, limits.metadataKeys());
      }
      if (ModulePattern.plain(key)) {
        places.put(key, values.size());
      } else {
        rules.add(new Rule(values.size(), pattern(key, at)));
      }
      json.enterValue();
      values.add(number.read(json, member));
    }
  }

  private ModulePattern pattern(String key, long at) throws Refusal {
    if (key.length() > LONGEST_PATTERN) {
      throw new Refusal.LimitExceeded(
          file, member, at, "the length of a pattern", key.length(), LONGEST_PATTERN);
    }
    return ModulePattern.of(key)
        .orElseThrow(() ->
            new Refusal.Unsupported(
                file, member + " " + key, at, "is a regular expression that is not read"));
  }

  /** The number for {@code module}, of the first key that matches; empty if none does. */
  OptionalDouble find(String module) throws Refusal.LimitExceeded {
    int first = places.getOrDefault(module, values.size());
    for (int dot = module.indexOf('.'); dot >= 0; dot = module.indexOf('.', dot + 1)) {
      first = Math.min(first, places.getOrDefault(module.substring(dot + 1), first));
    }
    for (Rule rule : rules) {
      if (rule.place > first) {
        break;
      }
      comparisons += (long) rule.pattern.length() * module.length();
      if (comparisons > MOST_COMPARISONS) {
        throw new Refusal.LimitExceeded(
            file, member, -1, "the work to match it", comparisons, MOST_COMPARISONS);
      }
      if (rule.pattern.matches(module)) {
        first = rule.place;
      }
    }
    return first == values.size() ? OptionalDouble.empty() : OptionalDouble.of(values.get(first));
  }
}
