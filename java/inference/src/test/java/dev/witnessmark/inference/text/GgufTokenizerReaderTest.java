package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.ByteWriter;
import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.format.testing.Malformed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GgufTokenizerReaderTest {

  private static final int I32 = 5;
  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final String MERGES = "tokenizer.ggml.merges";
  private static final String TYPES = "tokenizer.ggml.token_type";
  private static final String SCORES = "tokenizer.ggml.scores";

  @TempDir Path folder;

  private static GgufBuilder model(String name) {
    return new GgufBuilder().text("tokenizer.ggml.model", name);
  }

  private Checkpoint checkpoint(GgufBuilder builder) throws IOException {
    return CheckpointReader.open(
        Files.write(folder.resolve("vocabulary.gguf"), builder.build()), Limits.DEFAULT);
  }

  private Tokenizer open(GgufBuilder builder) throws IOException {
    try (Checkpoint checkpoint = checkpoint(builder)) {
      return Tokenizers.of(checkpoint, Limits.DEFAULT);
    }
  }

  /** What becomes of "1234 ab'S" tells most splits apart. */
  static Stream<Arguments> pieces() {
    return Stream.of(
        arguments("gpt-2", List.of("1234", " ab", "'", "S")),
        arguments("default", List.of("123", "4", " ab", "'", "S")),
        arguments("smollm", List.of("1", "2", "3", "4", " ab", "'", "S")),
        arguments("llama-bpe", List.of("123", "4", " ab", "'S")),
        arguments("tekken", List.of("1", "2", "3", "4", " ab", "'S")),
        arguments("qwen2", List.of("1", "2", "3", "4", " ab", "'S")),
        arguments("deepseek-r1-qwen", List.of("1", "2", "3", "4", " ab", "'S")),
        arguments("deepseek-coder", List.of("1", "2", "3", "4", " ab", "'", "S")));
  }

  @ParameterizedTest
  @MethodSource("pieces")
  void textIsSplitAsTheNameSays(String name, List<String> expected) throws IOException {
    GgufBuilder builder =
        model("gpt2")
            .text("tokenizer.ggml.pre", name)
            .texts(
                TOKENS, "1", "2", "3", "4", "Ġ", "a", "b", "'", "S", "12", "123", "1234", "Ġa",
                "Ġab", "'S")
            .texts(MERGES, "1 2", "12 3", "123 4", "Ġ a", "Ġa b", "' S");
    try (Tokenizer tokenizer = open(builder)) {
      List<String> pieces =
          Arrays.stream(tokenizer.encode("1234 ab'S")).mapToObj(tokenizer::decode).toList();
      assertThat(pieces).isEqualTo(expected);
    }
  }

  @Test
  void wholeTokensComeFirstWhereTheModelIsSuch() throws IOException {
    for (String name : new String[] {"llama-bpe", "gpt-2"}) {
      GgufBuilder builder =
          model("gpt2")
              .text("tokenizer.ggml.pre", name)
              .texts(TOKENS, "a", "b", "ab", "<begin>")
              .array(TYPES, I32, 4, to -> to.u32(1).u32(1).u32(1).u32(3))
              .u32("tokenizer.ggml.bos_token_id", 3)
              .texts(MERGES);
      try (Tokenizer tokenizer = open(builder)) {
        if (name.equals("gpt-2")) {
          assertThat(tokenizer.encode("ab")).containsExactly(0, 1);
        } else {
          assertThat(tokenizer.encode("ab")).containsExactly(3, 2);
          assertThat(tokenizer.decode(3, 2)).isEqualTo("ab");
        }
      }
    }
  }

  @Test
  void charactersAreComposedWhereTheOriginalDoes() throws IOException {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (String name : new String[] {"qwen2", "deepseek-r1-qwen"}) {
      GgufBuilder builder =
          model("gpt2")
              .text("tokenizer.ggml.pre", name)
              .texts(TOKENS, "e", "Ã", "©", "Ì", "ģ")
              .texts(MERGES);
      try (Tokenizer tokenizer = open(builder)) {
        lengths.put(name, tokenizer.encode("e\u0301").length);
      }
    }
    assertThat(lengths).containsExactly(Map.entry("qwen2", 2), Map.entry("deepseek-r1-qwen", 3));
  }

  static Stream<Malformed> malformed() {
    return Stream.of(
        refused("no tokenizer", Refusal.MissingPart.class, new GgufBuilder()),
        refused("another model", Refusal.Unsupported.class, model("t5")),
        refused(
            "model of another type",
            Refusal.MissingPart.class,
            new GgufBuilder().u32("tokenizer.ggml.model", 1)),
        refused("no tokens", Refusal.MissingPart.class, model("gpt2").texts(MERGES)),
        refused("no merges", Refusal.MissingPart.class, model("gpt2").texts(TOKENS, "a")),
        refused("no scores", Refusal.MissingPart.class, model("llama").texts(TOKENS, "a")),
        refused(
            "tokens of numbers",
            Refusal.Malformed.class,
            model("gpt2").array(TOKENS, I32, 1, to -> to.u32(1))),
        refused("one token, no list", Refusal.Malformed.class, model("gpt2").text(TOKENS, "a")),
        refused(
            "types of another type",
            Refusal.Malformed.class,
            bytePairs().array(TYPES, GgufBuilder.U32, 3, to -> to.u32(1).u32(1).u32(1))),
        refused(
            "scores that are texts",
            Refusal.Malformed.class,
            model("llama").texts(TOKENS, "a").texts(SCORES, "1")),
        refused(
            "too few types",
            Refusal.Inconsistent.class,
            bytePairs().array(TYPES, I32, 2, to -> to.u32(1).u32(1))),
        refused(
            "too many types",
            Refusal.Inconsistent.class,
            bytePairs().array(TYPES, I32, 4, to -> to.u32(1).u32(1).u32(1).u32(1))),
        refused("too few scores", Refusal.Inconsistent.class, scored(1f, "a", "b")),
        refused("a score that is NaN", Refusal.Malformed.class, scored(Float.NaN, "a")),
        refused("a long token", Refusal.Unsupported.class, scored(1f, "a".repeat(129))),
        refused(
            "a token twice",
            Refusal.Duplicate.class,
            model("gpt2").texts(TOKENS, "a", "b", "a").texts(MERGES)),
        refused(
            "no UTF-8",
            Refusal.Malformed.class,
            model("gpt2")
                .array(TOKENS, GgufBuilder.STR, 1, to -> to.u64(1).u8(0xFF))
                .texts(MERGES)),
        refused(
            "another split",
            Refusal.Unsupported.class,
            bytePairs().text("tokenizer.ggml.pre", "klingon")),
        refused(
            "a merge of one",
            Refusal.Malformed.class,
            model("gpt2").texts(TOKENS, "a").texts(MERGES, "a")),
        refused(
            "a merge of three",
            Refusal.Malformed.class,
            model("gpt2").texts(TOKENS, "a").texts(MERGES, "a a a")),
        refused(
            "a merge of what is no token",
            Refusal.Malformed.class,
            model("gpt2").texts(TOKENS, "a", "ab").texts(MERGES, "a b")),
        refused(
            "a merge to what is no token",
            Refusal.Malformed.class,
            model("gpt2").texts(TOKENS, "a", "b").texts(MERGES, "a b")),
        refused(
            "an id out of range",
            Refusal.Malformed.class,
            bytePairs().u32("tokenizer.ggml.bos_token_id", 3)),
        refused(
            "an end out of range",
            Refusal.Malformed.class,
            bytePairs().u32("tokenizer.ggml.eos_token_id", 0xFFFFFFFFL)),
        refused(
            "many tokens",
            Refusal.Unsupported.class,
            model("gpt2")
                .array(TOKENS, GgufBuilder.STR, (1 << 20) + 1, numbered((1 << 20) + 1))
                .texts(MERGES)));
  }

  private static Malformed refused(
      String what, Class<? extends Refusal> refusal, GgufBuilder builder) {
    return new Malformed(what, builder.build(), refusal);
  }

  private static GgufBuilder bytePairs() {
    return model("gpt2").texts(TOKENS, "a", "b", "ab").texts(MERGES, "a b");
  }

  private static GgufBuilder scored(float score, String... tokens) {
    return model("llama")
        .texts(TOKENS, tokens)
        .array(SCORES, GgufBuilder.F32, 1, to -> to.u32(Float.floatToIntBits(score)));
  }

  private static Consumer<ByteWriter> numbered(int count) {
    return to -> {
      for (int i = 0; i < count; i++) {
        to.u64(0);
      }
    };
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refuses(Malformed malformed) throws IOException {
    Path file = Files.write(folder.resolve("malformed.gguf"), malformed.file());
    assertThatExceptionOfType(malformed.refusal())
        .isThrownBy(() -> GoldenTokenizer.open(file))
        .satisfies(refusal -> assertThat(refusal.file()).isEqualTo(file.toString()));
  }

  /** What the reader of the header has checked is checked again: the file can change in between. */
  @Test
  void claimsOfTheHeaderAreNotBelieved() throws IOException {
    try (Checkpoint checkpoint = checkpoint(bytePairs())) {
      MetadataValue.Sequence tokens =
          (MetadataValue.Sequence)
              Objects.requireNonNull(checkpoint.metadata().entries().get(TOKENS));
      for (MetadataValue.Sequence claim :
          new MetadataValue.Sequence[] {
            sequence(tokens, tokens.count(), tokens.offset(), Integer.MAX_VALUE),
            sequence(tokens, tokens.count(), tokens.offset() + 8, tokens.bytes()),
            sequence(tokens, tokens.count() + 1, tokens.offset(), tokens.bytes()),
          }) {
        assertThatExceptionOfType(Refusal.Inconsistent.class)
            .isThrownBy(() -> Tokenizers.of(claiming(checkpoint, claim), Limits.DEFAULT))
            .satisfies(refusal -> assertThat(refusal.expected()).isEqualTo(claim.count()));
      }
      assertThatExceptionOfType(Refusal.Truncated.class)
          .isThrownBy(() ->
              Tokenizers.of(
                  claiming(checkpoint, sequence(tokens, tokens.count(), tokens.offset(), 11)),
                  Limits.DEFAULT))
          .satisfies(refusal -> {
            assertThat(refusal.needed()).isEqualTo(8);
            assertThat(refusal.available()).isEqualTo(2);
          });
      assertThatExceptionOfType(Refusal.Truncated.class)
          .isThrownBy(() ->
              Tokenizers.of(
                  claiming(checkpoint, sequence(tokens, tokens.count(), tokens.offset(), 8)),
                  Limits.DEFAULT))
          .satisfies(refusal -> {
            assertThat(refusal.needed()).isEqualTo(1);
            assertThat(refusal.available()).isZero();
          });
    }
  }

  private static MetadataValue.Sequence sequence(
      MetadataValue.Sequence of, long count, long offset, long bytes) {
    return new MetadataValue.Sequence(of.elementType(), count, of.head(), offset, bytes);
  }

  private static Checkpoint claiming(Checkpoint checkpoint, MetadataValue.Sequence tokens) {
    Map<String, MetadataValue> entries = new LinkedHashMap<>(checkpoint.metadata().entries());
    entries.put(TOKENS, tokens);
    return new Checkpoint(
        checkpoint.path(),
        checkpoint.format(),
        checkpoint.formatVersion(),
        new Metadata(entries),
        checkpoint.tensors(),
        checkpoint.files());
  }
}
