package dev.witnessmark.capture;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.ByteSourceStream;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonInput;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which stage another tool means by a name. Rules come from a text of lines {@code NAME = STAGE},
 * or a JSON object of such pairs:
 *
 * <pre>
 * // the layer's number is where # stands
 * model.layers.#.mlp.down_proj = ffn_out
 * blk.last.ffn                 = layer-5/ffn_out
 * model.norm                   = final_norm
 * </pre>
 *
 * <p>A rule without {@code #} comes before those with, and any before the names that captures
 * themselves have.
 */
public final class NameMap {

  private static final int MOST_RULES = 100_000;
  private static final int LARGEST = 16 << 20;

  /** Numbers of a name that may be the layer's: no tool writes more, and a hostile name may. */
  private static final int MOST_NUMBERS = 16;

  private static final String NUMBER = "#";
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  private final Map<String, Target> rules = new HashMap<>();

  /**
   * What a rule leads to.
   *
   * @param layer empty where the name says it
   */
  private record Target(Stage stage, Optional<Integer> layer) {}

  private NameMap() {}

  /** No rules: only names that captures themselves have are known. */
  public static NameMap none() {
    return new NameMap();
  }

  /**
   * Reads the rules in {@code source}.
   *
   * @throws Refusal if one of them makes no sense
   */
  public static NameMap read(ByteSource source, Limits limits) throws IOException {
    if (source.size() > LARGEST) {
      throw new Refusal.Malformed(
          source.name(),
          "name map",
          0,
          "its length is %d, at most %d is read".formatted(source.size(), LARGEST));
    }
    NameMap map = new NameMap();
    try (BufferedReader text =
        new BufferedReader(
            new InputStreamReader(
                new ByteSourceStream(source, 0, source.size()),
                StandardCharsets.UTF_8.newDecoder()))) {
      int line = 0;
      for (String next = text.readLine(); next != null; next = text.readLine()) {
        line++;
        if (next.isBlank() || next.strip().startsWith("//")) {
          continue;
        }
        if (map.rules.isEmpty() && next.strip().startsWith("{")) {
          return json(source, limits);
        }
        map.line(source.name(), "line " + line, next);
      }
    } catch (CharacterCodingException noText) {
      throw new Refusal.Malformed(source.name(), "name map", -1, "is not UTF-8 text");
    }
    return map;
  }

  private static NameMap json(ByteSource source, Limits limits) throws IOException {
    NameMap map = new NameMap();
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      while (json.nextMember()) {
        String name = json.name();
        json.enterValue();
        map.add(source.name(), name, name, json.text(name));
      }
      json.finish();
    }
    return map;
  }

  private void line(String file, String subject, String line) throws Refusal {
    int equals = line.indexOf('=');
    if (equals < 0) {
      throw new Refusal.Malformed(file, subject, -1, "has no =; write NAME = STAGE");
    }
    add(file, subject, line.substring(0, equals).strip(), line.substring(equals + 1).strip());
  }

  private void add(String file, String subject, String name, String target) throws Refusal {
    int number = name.indexOf(NUMBER);
    if (name.isEmpty() || number != name.lastIndexOf(NUMBER)) {
      throw new Refusal.Malformed(
          file, subject, -1, "the name is empty or has more than one #, the layer's number");
    }
    if (rules.put(name, target(file, subject, number >= 0, target)) != null) {
      throw new Refusal.Duplicate(file, subject, -1, "there is another rule for " + name);
    }
    if (rules.size() > MOST_RULES) {
      throw new Refusal.Malformed(
          file, subject, -1, "there are more than %d rules".formatted(MOST_RULES));
    }
  }

  private static Target target(String file, String subject, boolean numbered, String text)
      throws Refusal {
    String plain = text.startsWith("layer-#/") ? text.substring("layer-#/".length()) : text;
    Optional<StageKey> key = StageKey.ofName(text);
    Optional<Stage> stage = Stage.of(plain);
    if (key.isPresent() && !numbered) {
      boolean layered = key.get().layer() != StageKey.NO_LAYER;
      return new Target(
          key.get().stage(), layered ? Optional.of(key.get().layer()) : Optional.empty());
    }
    if (stage.isPresent() && numbered && stage.get().scope() != Stage.Scope.MODEL) {
      return new Target(stage.get(), Optional.empty());
    }
    if (stage.isPresent() && !numbered && stage.get().scope() == Stage.Scope.FIRST_LAYER) {
      return new Target(stage.get(), Optional.of(0));
    }
    throw new Refusal.Malformed(
        file,
        subject,
        -1,
        "%s is no stage such as %s"
            .formatted(text, numbered ? "ffn_out" : "layer-3/ffn_out or final_norm"));
  }

  /** The stage that {@code name} means, if it means one. */
  public Optional<StageKey> stage(String name) {
    Target exact = rules.get(name);
    if (exact != null) {
      return Optional.of(StageKey.of(exact.stage(), exact.layer().orElse(StageKey.NO_LAYER)));
    }
    Matcher digits = DIGITS.matcher(name);
    for (int i = 0; i < MOST_NUMBERS && digits.find(); i++) {
      Target target =
          rules.get(name.substring(0, digits.start()) + NUMBER + name.substring(digits.end()));
      if (target != null) {
        String layer = digits.group().replaceFirst("^0+(?=.)", "");
        return StageKey.ofName("layer-%s/%s".formatted(layer, target.stage().id()));
      }
    }
    return StageKey.ofName(name);
  }
}
