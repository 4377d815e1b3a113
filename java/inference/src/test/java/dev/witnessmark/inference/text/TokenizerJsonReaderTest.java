package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonMetadata;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.inference.text.PreTokenizer.Metaspace.Prefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizerJsonReaderTest {

  /** The parts that a test may replace, each as its member or nothing. */
  private static final String BYTE_LEVEL =
      """
      "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
      "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},\
      """;

  private static final String MODEL =
      """
      "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
        "vocab": {"a": 0, "b": 1, "ab": 2, "<s>": 3, "</s>": 4}, "merges": ["a b"]}\
      """;

  private static final String TEMPLATE =
      """
      "post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel", "trim_offsets": true},
        {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "B", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "E", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"B": {"id": "B", "ids": [3, 3], "tokens": ["<s>", "<s>"]},
                            "E": {"id": "E", "ids": [4], "tokens": ["</s>"]}}}]},\
      """;

  private static TokenizerModel read(String members) throws IOException {
    return read(members, "{}", "{}");
  }

  private static TokenizerModel read(String members, String tokenizerConfig, String config)
      throws IOException {
    return TokenizerJsonReader.read(
        source("{" + members + "}"),
        new TokenizerConfig(metadata(tokenizerConfig, ""), metadata(config, "config.")),
        Limits.DEFAULT);
  }

  private static Metadata metadata(String json, String prefix) throws IOException {
    return new Metadata(JsonMetadata.read(source(json), prefix, Limits.DEFAULT));
  }

  private static BytesSource source(String json) {
    return new BytesSource("tokenizer.json", json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsEveryStep() throws IOException {
    TokenizerModel model =
        read(
            """
            "version": "1.0", "truncation": {"max_length": 1}, "padding": {"strategy": "Fixed"},
            "added_tokens": [{"id": 9, "content": "<x>", "single_word": true, "lstrip": true,
              "rstrip": false, "normalized": false, "special": true},
              {"id": 4, "content": "</s>"}],
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"},
              {"type": "Prepend", "prepend": "▁"},
              {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
              {"type": "Digits", "individual_digits": true},
              {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": "\\\\p{N}{1,3}"}, "behavior": "Isolated"},
                {"type": "Split", "pattern": {"Regex": "\\\\p{N}"}, "behavior": "Removed", "invert": true}]},
              {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false},
              {"type": "Metaspace", "replacement": "▁", "add_prefix_space": false},
              {"type": "Metaspace", "replacement": "▁"}]},
            "decoder": {"type": "Sequence", "decoders": [
              {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
              {"type": "ByteFallback"}, {"type": "Fuse"},
              {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
            "model": {"type": "BPE", "unk_token": "b", "fuse_unk": true, "byte_fallback": true,
              "ignore_merges": true, "vocab": {"a": 5, "b": 1, "ab": 2, "</s>": 4},
              "merges": [["a", "b"]]}
            """);
    assertThat(model.vocabulary().size()).isEqualTo(10);
    assertThat(model.vocabulary().text(0)).isNull();
    assertThat(model.vocabulary().text(5)).isEqualTo("a");
    assertThat(model.spelling()).isEqualTo(Spelling.SENTENCE_PIECE);
    assertThat(model.merges()).containsExactly(new Merge(5, 1));
    assertThat(model.added())
        .containsExactly(
            new AddedToken(9, true, true, false, false),
            new AddedToken(4, false, false, false, true));
    assertThat(model.unknown()).isEqualTo(1);
    assertThat(model.fuseUnknown() && model.byteFallback() && model.ignoreMerges()).isTrue();
    assertThat(model.normalizers())
        .containsExactly(Normalizer.NFC, Normalizer.PREFIX_SPACE, Normalizer.MARK_SPACES);
    assertThat(model.preTokenizers())
        .containsExactly(
            new PreTokenizer.Digits(true),
            new PreTokenizer.Split(SplitPattern.UP_TO_THREE_DIGITS, true),
            new PreTokenizer.Split(SplitPattern.ONE_DIGIT, false),
            new PreTokenizer.Metaspace(Prefix.FIRST, false),
            new PreTokenizer.Metaspace(Prefix.NEVER, true),
            new PreTokenizer.Metaspace(Prefix.ALWAYS, true));
  }

  @Test
  void aModelWithoutATypeIsOfBytePairs() throws IOException {
    TokenizerModel model = read(BYTE_LEVEL + MODEL.replace("\"type\": \"BPE\",", ""));
    assertThat(model.merges()).containsExactly(new Merge(0, 1));
    assertThat(model.unknown()).isEqualTo(-1);
    assertThat(model.spelling()).isEqualTo(Spelling.BYTE_LEVEL);
  }

  static Stream<Arguments> configurations() {
    String named =
        "\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\", \"special\": true}";
    String ids = "{\"bos_token_id\": 3, \"eos_token_id\": [4, 2]}";
    return Stream.of(
        arguments("", "{}", "{}", List.of(), List.of(), List.of()),
        arguments(TEMPLATE, "{}", "{}", List.of(3, 3), List.of(4), List.of()),
        arguments("", "{}", ids, List.of(), List.of(), List.of(4, 2)),
        arguments("", "{\"add_bos_token\": true}", ids, List.of(3), List.of(), List.of(4, 2)),
        arguments("", "{\"add_eos_token\": true}", ids, List.of(), List.of(4), List.of(4, 2)),
        arguments("", "{\"add_bos_token\": true}", "{}", List.of(), List.of(), List.of()),
        arguments(
            "",
            "{\"add_bos_token\": true, " + named + "}",
            "{}",
            List.of(3),
            List.of(),
            List.of(4)),
        arguments(
            TEMPLATE,
            "{\"add_bos_token\": true, " + named + "}",
            "{}",
            List.of(3, 3),
            List.of(4),
            List.of(4)),
        arguments(
            TEMPLATE,
            "{\"add_bos_token\": false, \"add_eos_token\": false, " + named + "}",
            ids,
            List.of(),
            List.of(),
            List.of(4, 2)),
        arguments(
            "",
            "{\"bos_token\": \"absent\", \"add_bos_token\": true}",
            "{\"bos_token_id\": 99}",
            List.of(),
            List.of(),
            List.of()));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void theConfigurationSaysWhatIsPutAround(
      String template,
      String tokenizerConfig,
      String config,
      List<Integer> before,
      List<Integer> after,
      List<Integer> ends)
      throws IOException {
    SpecialTokens special = read(template + BYTE_LEVEL + MODEL, tokenizerConfig, config).special();
    assertThat(special.before()).isEqualTo(before);
    assertThat(special.after()).isEqualTo(after);
    assertThat(special.ends()).containsExactlyElementsOf(ends);
  }

  static Stream<Arguments> malformed() {
    Class<? extends Refusal> malformed = Refusal.Malformed.class;
    Class<? extends Refusal> unsupported = Refusal.Unsupported.class;
    Class<? extends Refusal> duplicate = Refusal.Duplicate.class;
    return Stream.of(
        arguments("no model", malformed, BYTE_LEVEL + "\"version\": 1"),
        arguments("a member of another kind", unsupported, BYTE_LEVEL + MODEL + ",\"chance\": 1"),
        arguments("a model that is none", malformed, BYTE_LEVEL + "\"model\": []"),
        arguments("another model", unsupported, model("\"BPE\"", "\"WordPiece\"")),
        arguments("a model of pieces", unsupported, model("\"BPE\"", "\"Unigram\"")),
        arguments("dropout", unsupported, model("\"dropout\": null", "\"dropout\": 0.1")),
        arguments("a prefix", unsupported, model("prefix\": \"\"", "prefix\": \"##\"")),
        arguments("a suffix", unsupported, model("suffix\": null", "suffix\": \"</w>\"")),
        arguments(
            "a flag of text", malformed, model("\"fuse_unk\": false", "\"fuse_unk\": \"no\"")),
        arguments(
            "an unknown that is none", malformed, model("unk_token\": null", "unk_token\": \"?\"")),
        arguments("something in the model", unsupported, model("\"fuse_unk\"", "\"confuse_unk\"")),
        arguments("a token twice", duplicate, model("\"b\": 1", "\"b\": 1, \"a\": 7")),
        arguments("an id twice", duplicate, model("\"b\": 1", "\"b\": 1, \"c\": 1")),
        arguments("a negative id", malformed, model("\"b\": 1", "\"b\": -1")),
        arguments("an id of 2^20", unsupported, model("\"b\": 1", "\"b\": 1048576")),
        arguments(
            "an id of 2^64",
            Refusal.SizeOverflow.class,
            model("\"b\": 1", "\"b\": 18446744073709551616")),
        arguments("an id of text", malformed, model("\"b\": 1", "\"b\": \"1\"")),
        arguments("a broken id", malformed, model("\"b\": 1", "\"b\": 1.5")),
        arguments("half a character", malformed, model("\"b\": 1", "\"b\": 1, \"\\ud800\": 8")),
        arguments(
            "no vocabulary",
            malformed,
            model("{\"a\": 0, \"b\": 1, \"ab\": 2, \"<s>\": 3, \"</s>\": 4}", "{}")
                .replace("\"a b\"", "")),
        arguments(
            "merges first",
            unsupported,
            BYTE_LEVEL + "\"model\": {\"merges\": [], \"vocab\": {\"a\": 0}}"),
        arguments("a merge of what is no token", malformed, model("\"a b\"", "\"a c\"")),
        arguments("a merge to what is no token", malformed, model("\"a b\"", "\"b a\"")),
        arguments("a merge of nothing", malformed, model("\"a b\"", "\"ab\"")),
        arguments("a merge of three", malformed, model("\"a b\"", "[\"a\", \"b\", \"a\"]")),
        arguments("a merge of one", malformed, model("\"a b\"", "[\"a\"]")),
        arguments("a merge of numbers", malformed, model("\"a b\"", "[0, 1]")),
        arguments("a merge that is an object", malformed, model("\"a b\"", "{}")),
        arguments(
            "an added token of another id",
            Refusal.Inconsistent.class,
            added("{\"id\": 1, \"content\": \"a\"}")),
        arguments(
            "an added token of a taken id", duplicate, added("{\"id\": 1, \"content\": \"c\"}")),
        arguments(
            "an added token far out", unsupported, added("{\"id\": 1048576, \"content\": \"c\"}")),
        arguments("an added token below 0", unsupported, added("{\"id\": -1, \"content\": \"c\"}")),
        arguments("an added token without id", malformed, added("{\"content\": \"c\"}")),
        arguments("an added token without text", malformed, added("{\"id\": 9}")),
        arguments(
            "an added token with more",
            unsupported,
            added("{\"id\": 9, \"content\": \"c\", \"more\": 1}")),
        arguments("an added token that is none", malformed, added("1")),
        arguments(
            "long added tokens",
            unsupported,
            added(
                "{\"id\": 8, \"content\": \""
                    + "x".repeat(1 << 19)
                    + "\"},{\"id\": 9, \"content\": \""
                    + "y".repeat((1 << 19) + 1)
                    + "\"}")),
        arguments(
            "another normalizer", unsupported, step("normalizer", "{\"type\": \"Lowercase\"}")),
        arguments(
            "a normalizer with a table",
            unsupported,
            step("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}")),
        arguments("a normalizer without type", malformed, step("normalizer", "{}")),
        arguments("a normalizer that is a text", malformed, step("normalizer", "\"NFC\"")),
        arguments(
            "a normalizer with more",
            unsupported,
            step("normalizer", "{\"type\": \"NFC\", \"more\": 1}")),
        arguments(
            "another replacement",
            unsupported,
            step(
                "normalizer",
                "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"aa\"}")),
        arguments(
            "a replaced expression",
            unsupported,
            step(
                "normalizer",
                "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(a*)*b\"}, \"content\": \"▁\"}")),
        arguments(
            "many steps",
            unsupported,
            step(
                "normalizer",
                "{\"type\": \"Sequence\", \"normalizers\": ["
                    + "{\"type\": \"NFC\"},".repeat(16)
                    + "{\"type\": \"NFC\"}]}")),
        arguments(
            "an expression",
            unsupported,
            step(
                "pre_tokenizer",
                "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a*)*b\"}, \"behavior\": \"Isolated\"}")),
        arguments(
            "a split by text",
            unsupported,
            step(
                "pre_tokenizer",
                "{\"type\": \"Split\", \"pattern\": {\"String\": \" \"}, \"behavior\": \"Isolated\"}")),
        arguments(
            "another behaviour",
            unsupported,
            step(
                "pre_tokenizer",
                "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\p{N}\"}, \"behavior\": \"MergedWithNext\"}")),
        arguments(
            "removed matches",
            unsupported,
            step(
                "pre_tokenizer",
                "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\p{N}\"}, \"behavior\": \"Removed\"}")),
        arguments(
            "another pre-tokenizer",
            unsupported,
            step("pre_tokenizer", "{\"type\": \"BertPreTokenizer\"}")),
        arguments(
            "a fixed length of 0",
            unsupported,
            step("pre_tokenizer", "{\"type\": \"FixedLength\", \"length\": 0}")),
        arguments(
            "another scheme",
            unsupported,
            step(
                "pre_tokenizer",
                "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"last\"}")),
        arguments(
            "bytes that are not decoded",
            malformed,
            BYTE_LEVEL.lines().findFirst().orElseThrow() + MODEL),
        arguments(
            "decoding what are no bytes",
            malformed,
            BYTE_LEVEL.lines().skip(1).findFirst().orElseThrow() + MODEL),
        arguments(
            "another decoder",
            unsupported,
            BYTE_LEVEL.lines().findFirst().orElseThrow()
                + "\"decoder\": {\"type\": \"CTC\"},"
                + MODEL),
        arguments(
            "another post-processor",
            unsupported,
            step(
                "post_processor",
                "{\"type\": \"BertProcessing\", \"sep\": [\"a\", 0], \"cls\": [\"b\", 1]}")),
        arguments(
            "a template with what it does not define",
            malformed,
            template("{\"id\": \"B\"", "{\"id\": \"C\"")),
        arguments("a template with no token", malformed, template("[3, 3]", "[3, 5]")),
        arguments("a template below 0", malformed, template("[3, 3]", "[-1]")),
        arguments(
            "a template without the text",
            malformed,
            template("{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}},", "")),
        arguments(
            "a template with two texts",
            unsupported,
            template(
                "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}},",
                "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}},".repeat(2))),
        arguments(
            "two normalizers", duplicate, "\"normalizer\": null," + step("normalizer", "null")),
        arguments(
            "deep nesting",
            Refusal.LimitExceeded.class,
            step("normalizer", "{\"type\":".repeat(20))),
        arguments(
            "too many values",
            unsupported,
            step(
                "post_processor",
                "{\"type\": \"TemplateProcessing\", \"ids\": [" + "0,".repeat(10_000) + "0]}")),
        arguments("an end that is none", malformed, BYTE_LEVEL + MODEL + "} x {"));
  }

  private static String model(String from, String to) {
    assertThat(MODEL).contains(from);
    return BYTE_LEVEL + MODEL.replace(from, to);
  }

  private static String template(String from, String to) {
    assertThat(TEMPLATE).contains(from);
    return TEMPLATE.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to))
        + BYTE_LEVEL
        + MODEL;
  }

  private static String added(String tokens) {
    return "\"added_tokens\": [" + tokens + "]," + BYTE_LEVEL + MODEL;
  }

  private static String step(String name, String value) {
    return "\""
        + name
        + "\": "
        + value
        + ","
        + (name.equals("pre_tokenizer")
            ? BYTE_LEVEL.lines().skip(1).findFirst().orElseThrow()
            : BYTE_LEVEL)
        + MODEL;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void refuses(String what, Class<? extends Refusal> refusal, String members) {
    assertThatExceptionOfType(refusal).as(what).isThrownBy(() -> read(members));
  }

  @Test
  void aPartOfTwoGigabytesIsNotBelieved() {
    assertThatExceptionOfType(Refusal.LimitExceeded.class)
        .isThrownBy(() ->
            TokenizerJsonReader.read(
                source("{" + BYTE_LEVEL + MODEL + "}"),
                new TokenizerConfig(Metadata.EMPTY, Metadata.EMPTY),
                Limits.DEFAULT.with("json-header-bytes", 100)))
        .satisfies(refusal -> assertThat(refusal.allowed()).isEqualTo(100));
  }
}
