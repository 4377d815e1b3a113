package dev.witnessmark.inference.text;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonInput;
import dev.witnessmark.inference.text.PreTokenizer.Metaspace.Prefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code tokenizer.json}, the format of the tokenizers library: a normalizer, a
 * pre-tokenizer, a model of type BPE, a post-processor and a decoder. A step that is not known is
 * refused by name, since without it the ids would be others.
 */
final class TokenizerJsonReader {

  /** Nobody chains more; each may make the text longer. */
  private static final int MOST_STEPS = 16;

  private final String file;
  private final JsonInput json;
  private final Vocabulary vocabulary;
  private final MergeList merges;
  private final List<Normalizer> normalizers = new ArrayList<>();
  private final List<PreTokenizer> preTokenizers = new ArrayList<>();
  private final List<JsonObject> added = new ArrayList<>();
  private final List<JsonObject> postProcessors = new ArrayList<>();
  private final List<JsonObject> decoders = new ArrayList<>();
  private Optional<String> unknown = Optional.empty();
  private boolean vocabularyRead;
  private boolean fuseUnknown;
  private boolean byteFallback;
  private boolean ignoreMerges;

  private TokenizerJsonReader(String file, JsonInput json) {
    this.file = file;
    this.json = json;
    this.vocabulary = new Vocabulary(file);
    this.merges = new MergeList(vocabulary, "model.merges");
  }

  /**
   * Reads all of {@code source}.
   *
   * @param config what the files beside it say
   * @throws Refusal if it is not as the format says, contradicts itself, or does what is not known
   */
  static TokenizerModel read(ByteSource source, TokenizerConfig config, Limits limits)
      throws IOException {
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      TokenizerJsonReader reader = new TokenizerJsonReader(source.name(), json);
      reader.members();
      json.finish();
      return reader.model(config);
    }
  }

  private void members() throws IOException {
    while (json.nextMember()) {
      String name = json.name();
      json.enterValue();
      switch (name) {
        case "added_tokens" -> addedTokens();
        case "normalizer" -> {
          for (JsonObject step : steps(name, "normalizers")) {
            normalizers.add(normalizer(step));
          }
        }
        case "pre_tokenizer" -> {
          for (JsonObject step : steps(name, "pretokenizers")) {
            preTokenizers.add(preTokenizer(step));
          }
        }
        case "post_processor" -> postProcessors.addAll(steps(name, "processors"));
        case "decoder" -> decoders.addAll(steps(name, "decoders"));
        case "model" -> bytePairs();
        // How a batch is cut and filled up, which is no matter of one text.
        case "version", "truncation", "padding" -> json.skip();
        default -> throw unsupported("member", "'%s'".formatted(name));
      }
    }
  }

  private TokenizerModel model(TokenizerConfig config) throws IOException {
    if (vocabulary.size() == 0) {
      throw new Refusal.Malformed(file, "model", -1, "there is no vocabulary");
    }
    AddedTokenList tokens = new AddedTokenList(vocabulary);
    for (JsonObject token : added) {
      add(token, tokens);
    }
    int unknownId = -1;
    if (unknown.isPresent()) {
      unknownId = vocabulary.id(unknown.get());
      if (unknownId < 0) {
        throw new Refusal.Malformed(
            file, "model.unk_token", -1, "'%s' is no token".formatted(unknown.get()));
      }
    }
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    for (JsonObject step : postProcessors) {
      postProcess(step, before, after);
    }
    return new TokenizerModel(
        vocabulary,
        spelling(),
        merges.merges(),
        tokens.tokens(),
        unknownId,
        fuseUnknown,
        byteFallback,
        ignoreMerges,
        normalizers,
        preTokenizers,
        config.special(vocabulary, before, after));
  }

  private void addedTokens() throws IOException {
    json.requireArray("added_tokens");
    while (json.nextElement()) {
      if (added.size() == AddedTokenList.MOST) {
        throw unsupported("added_tokens", "more than %d of them".formatted(AddedTokenList.MOST));
      }
      json.requireObject("added_tokens");
      added.add(JsonObject.read(file, "added_tokens", json).orElseThrow());
    }
  }

  private void add(JsonObject token, AddedTokenList to) throws IOException {
    long id = token.whole("id");
    if (id < 0 || id >= Vocabulary.MOST_TOKENS) {
      throw token.unsupported("the id %d".formatted(id));
    }
    to.add(
        new AddedToken(
            (int) id,
            token.flag("single_word", false),
            token.flag("lstrip", false),
            token.flag("rstrip", false),
            token.flag("normalized", true)),
        token.text("content"),
        token.offset());
    token.ignore("special").finish();
  }

  /** The steps of a member: none, one, or those of a sequence. */
  private List<JsonObject> steps(String name, String elements) throws IOException {
    List<JsonObject> steps = new ArrayList<>();
    Optional<JsonObject> first = JsonObject.read(file, name, json);
    if (first.isPresent()) {
      flatten(first.get(), elements, steps);
    }
    return steps;
  }

  private static void flatten(JsonObject step, String elements, List<JsonObject> to)
      throws IOException {
    if (step.text("type").equals("Sequence")) {
      for (JsonObject inner : step.objects(elements)) {
        flatten(inner, elements, to);
      }
      step.finish();
      return;
    }
    if (to.size() == MOST_STEPS) {
      throw step.unsupported("a sequence of more than %d steps".formatted(MOST_STEPS));
    }
    to.add(step);
  }

  private static Normalizer normalizer(JsonObject step) throws IOException {
    Normalizer result =
        switch (step.text("type")) {
          case "NFC" -> Normalizer.NFC;
          case "Prepend" -> {
            requireSpace(step, step.text("prepend"), Spelling.SPACE);
            yield Normalizer.PREFIX_SPACE;
          }
          case "Replace" -> {
            requireSpace(step, literal(step), " ");
            requireSpace(step, step.text("content"), Spelling.SPACE);
            yield Normalizer.MARK_SPACES;
          }
          default -> throw unknownStep(step, "normalizer");
        };
    step.finish();
    return result;
  }

  private static PreTokenizer preTokenizer(JsonObject step) throws IOException {
    PreTokenizer result =
        switch (step.text("type")) {
          case "ByteLevel" ->
              new PreTokenizer.ByteLevel(
                  step.ignore("trim_offsets").flag("add_prefix_space", true),
                  step.flag("use_regex", true));
          case "Split" -> split(step);
          case "Digits" -> new PreTokenizer.Digits(step.flag("individual_digits", false));
          case "Metaspace" -> metaspace(step);
          default -> throw unknownStep(step, "pre-tokenizer");
        };
    step.finish();
    return result;
  }

  private static PreTokenizer split(JsonObject step) throws IOException {
    JsonObject pattern = step.object("pattern");
    String expression =
        pattern
            .optionalText("Regex")
            .orElseThrow(() -> step.unsupported("a split by what is no expression"));
    pattern.finish();
    SplitPattern known =
        SplitPattern.of(expression)
            .orElseThrow(() ->
                step.unsupported("the expression '%s', by which it splits,".formatted(expression)));
    String behavior = step.text("behavior");
    boolean invert = step.flag("invert", false);
    // Whether matches or what lies between them are meant: both are pieces.
    if (behavior.equals("Isolated")) {
      return new PreTokenizer.Split(known, true);
    }
    if (behavior.equals("Removed") && invert) {
      return new PreTokenizer.Split(known, false);
    }
    throw step.unsupported("a split of behaviour '%s'".formatted(behavior));
  }

  private static PreTokenizer.Metaspace metaspace(JsonObject step) throws IOException {
    requireSpace(step, step.text("replacement"), Spelling.SPACE);
    step.ignore("str_rep");
    boolean legacy = step.flag("add_prefix_space", true);
    String scheme = step.optionalText("prepend_scheme").orElse(legacy ? "always" : "never");
    Prefix prefix =
        switch (scheme) {
          case "never" -> Prefix.NEVER;
          case "first" -> Prefix.FIRST;
          case "always" -> Prefix.ALWAYS;
          default -> throw step.unsupported("the scheme '%s'".formatted(scheme));
        };
    return new PreTokenizer.Metaspace(prefix, step.flag("split", true));
  }

  private void postProcess(JsonObject step, List<Integer> before, List<Integer> after)
      throws IOException {
    switch (step.text("type")) {
      // Moves offsets, which nobody asks for.
      case "ByteLevel" ->
          step.ignore("add_prefix_space").ignore("trim_offsets").ignore("use_regex");
      case "TemplateProcessing" -> template(step.ignore("pair"), before, after);
      default -> throw unknownStep(step, "post-processor");
    }
    step.finish();
  }

  /** What the template of a single text puts around it. */
  private void template(JsonObject step, List<Integer> before, List<Integer> after)
      throws IOException {
    JsonObject tokens = step.object("special_tokens");
    boolean textSeen = false;
    for (JsonObject piece : step.objects("single")) {
      if (piece.names().equals(Set.of("Sequence"))) {
        if (textSeen) {
          throw step.unsupported("a template with the text twice");
        }
        textSeen = true;
      } else {
        String name = piece.object("SpecialToken").text("id");
        for (long id : tokens.object(name).wholes("ids")) {
          if (id < 0 || id >= vocabulary.size() || vocabulary.text((int) id) == null) {
            throw step.malformed(name, "has the id %d, which no token has".formatted(id));
          }
          (textSeen ? after : before).add((int) id);
        }
      }
    }
    if (!textSeen) {
      throw step.malformed("single", "is a template without the text");
    }
  }

  private Spelling spelling() throws IOException {
    boolean byteLevel = false;
    for (JsonObject step : decoders) {
      switch (step.text("type")) {
        case "ByteLevel" -> byteLevel = true;
        case "Replace" -> requireSpace(step, literal(step), Spelling.SPACE);
        case "Metaspace" -> requireSpace(step, step.text("replacement"), Spelling.SPACE);
        case "ByteFallback", "Fuse" -> {}
        case "Strip" -> requireSpace(step, step.text("content"), " ");
        default -> throw unknownStep(step, "decoder");
      }
    }
    boolean toBytes = preTokenizers.stream().anyMatch(PreTokenizer.ByteLevel.class::isInstance);
    if (byteLevel != toBytes) {
      throw new Refusal.Malformed(
          file,
          "decoder",
          -1,
          byteLevel
              ? "decodes bytes, and the pre-tokenizer makes none"
              : "does not decode the bytes that the pre-tokenizer makes");
    }
    return byteLevel ? Spelling.BYTE_LEVEL : Spelling.SENTENCE_PIECE;
  }

  private void bytePairs() throws IOException {
    json.requireObject("model");
    while (json.nextMember()) {
      String name = json.name();
      String subject = "model." + name;
      json.enterValue();
      switch (name) {
        case "type" -> {
          String type = json.text(subject);
          if (!type.equals("BPE")) {
            throw unsupported(subject, "'%s'".formatted(type));
          }
        }
        case "vocab" -> vocabulary(subject);
        case "merges" -> merges(subject);
        case "unk_token" -> unknown = optionalText(subject);
        case "fuse_unk" -> fuseUnknown = flag(subject);
        case "byte_fallback" -> byteFallback = flag(subject);
        case "ignore_merges" -> ignoreMerges = flag(subject);
        case "dropout" -> {
          if (!json.atNull()) {
            throw unsupported(subject, "chance in the ids");
          }
        }
        case "continuing_subword_prefix", "end_of_word_suffix" -> {
          if (optionalText(subject).isPresent()) {
            throw unsupported(subject, "a mark in the tokens");
          }
        }
        default -> throw unsupported(subject, "it");
      }
    }
  }

  private void vocabulary(String subject) throws IOException {
    json.requireObject(subject);
    vocabularyRead = true;
    while (json.nextMember()) {
      long at = json.offset();
      String text = json.name();
      json.enterValue();
      vocabulary.add(text, json.count(subject), at);
    }
  }

  private void merges(String subject) throws IOException {
    json.requireArray(subject);
    if (!vocabularyRead) {
      throw unsupported(subject, "a list of merges before the vocabulary");
    }
    while (json.nextElement()) {
      long at = json.offset();
      if (json.atArray()) {
        List<String> pair = new ArrayList<>(2);
        while (json.nextElement()) {
          pair.add(json.text(subject));
          if (pair.size() > 2) {
            break;
          }
        }
        if (pair.size() != 2) {
          throw new Refusal.Malformed(file, subject, at, "a merge is not of two tokens");
        }
        merges.add(pair.getFirst(), pair.getLast(), at);
      } else {
        merges.add(json.text(subject), at);
      }
    }
  }

  private boolean flag(String subject) throws IOException {
    long at = json.offset();
    if (json.scalar(subject) instanceof MetadataValue.Flag(boolean value)) {
      return value;
    }
    throw new Refusal.Malformed(file, subject, at, "is neither true nor false");
  }

  /** The current value, if it is a text and not empty; null is none. */
  private Optional<String> optionalText(String subject) throws IOException {
    return json.atNull()
        ? Optional.empty()
        : Optional.of(json.text(subject)).filter(text -> !text.isEmpty());
  }

  /** The pattern of a step, which must be a text as it is. */
  private static String literal(JsonObject step) throws IOException {
    JsonObject pattern = step.object("pattern");
    String literal =
        pattern
            .optionalText("String")
            .orElseThrow(() -> step.unsupported("a replacement by an expression"));
    pattern.finish();
    return literal;
  }

  private static void requireSpace(JsonObject step, String found, String expected)
      throws IOException {
    if (!found.equals(expected)) {
      throw step.unsupported("'%s' in the place of '%s'".formatted(found, expected));
    }
  }

  private static Refusal unknownStep(JsonObject step, String what) throws IOException {
    return step.unsupported("the %s '%s'".formatted(what, step.text("type")));
  }

  private Refusal unsupported(String subject, String what) {
    return new Refusal.Unsupported(
        file, subject, json.offset(), what + " " + Tokenizers.NOT_SUPPORTED);
  }
}
