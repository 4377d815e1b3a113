package dev.witnessmark.explain.source;

import dev.witnessmark.explain.source.CaptureDescription.Identity;
import dev.witnessmark.explain.source.CaptureDescription.Personas;
import dev.witnessmark.explain.source.CaptureDescription.Prompt;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonFields;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code capture.json}, strictly: what is missing or not known is refused. */
final class CaptureDescriptionReader {

  private static final int MOST_LAYERS = 4096;
  private static final int MOST_PROMPTS = 1 << 16;
  private static final int MOST_TOKENS = 1 << 20;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final JsonInput json;
  private final List<Prompt> fit = new ArrayList<>();
  private final List<Prompt> evaluation = new ArrayList<>();
  private @Nullable Identity model;
  private @Nullable Identity delta;
  private @Nullable Personas personas;

  private CaptureDescriptionReader(JsonInput json) {
    this.json = json;
  }

  /**
   * Reads all of {@code source}.
   *
   * @throws Refusal if it is no such document, or of another layout
   */
  static CaptureDescription read(ByteSource source, Limits limits) throws IOException {
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      CaptureDescription description = new CaptureDescriptionReader(json).document();
      json.finish();
      return description;
    }
  }

  private CaptureDescription document() throws IOException {
    JsonFields fields =
        JsonFields.read(
            json,
            "",
            Set.of("schema", "layers", "width", "states", "position"),
            Map.of(
                "model", at -> model = identity(at),
                "delta", at -> delta = json.atNull() ? null : identity(at),
                "fit", at -> JsonFields.elements(json, at, MOST_PROMPTS, p -> prompt(p, fit)),
                "evaluation",
                    at -> JsonFields.elements(json, at, MOST_PROMPTS, p -> prompt(p, evaluation)),
                "personas", at -> personas = json.atNull() ? null : personas(at)));
    require(fields, "schema", CaptureDescription.SCHEMA);
    require(fields, "states", CaptureDescription.STATES);
    require(fields, "position", CaptureDescription.POSITION);
    if (model == null) {
      throw fields.wrong("schema", "the model is not said");
    }
    return new CaptureDescription(
        model,
        Optional.ofNullable(delta),
        (int) fields.count("layers", MOST_LAYERS),
        (int) fields.count("width", ModelMatrices.WIDEST),
        fit,
        evaluation,
        Optional.ofNullable(personas));
  }

  /** Refuses what was recorded in another way, which no number would show. */
  private void require(JsonFields fields, String name, String expected) throws Refusal {
    String found = fields.text(name);
    if (!found.equals(expected)) {
      throw new Refusal.Unsupported(
          json.file(),
          "/" + name,
          0,
          "is \"%s\"; what is read is \"%s\"".formatted(found, expected));
    }
  }

  private Identity identity(String pointer) throws IOException {
    JsonFields fields = JsonFields.read(json, pointer, Set.of("name", "sha256"), Map.of());
    Optional<String> hash = fields.optionalText("sha256");
    if (hash.isPresent() && !SHA256.matcher(hash.get()).matches()) {
      throw fields.wrong("sha256", "must be 64 hexadecimal digits in lower case");
    }
    return new Identity(fields.text("name"), hash);
  }

  private void prompt(String pointer, List<Prompt> prompts) throws IOException {
    List<Integer> tokens = new ArrayList<>();
    JsonFields fields =
        JsonFields.read(
            json,
            pointer,
            Set.of("text"),
            Map.of(
                "tokens",
                at -> JsonFields.elements(json, at, MOST_TOKENS, each -> tokens.add(token(each)))));
    prompts.add(new Prompt(fields.optionalText("text"), tokens));
  }

  private int token(String pointer) throws IOException {
    long token = json.count(pointer);
    if (token > Integer.MAX_VALUE) {
      throw new Refusal.Malformed(
          json.file(), pointer, json.offset(), token + " is no token of any vocabulary");
    }
    return (int) token;
  }

  private Personas personas(String pointer) throws IOException {
    JsonFields fields =
        JsonFields.read(json, pointer, Set.of("positive", "negative", "template"), Map.of());
    return new Personas(
        fields.optionalText("positive"), fields.optionalText("negative"), fields.flag("template"));
  }
}
