package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.testing.GgufBuilder;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores of a GGUF vocabulary, against merging by hand. */
class SentencePieceTest {

  private static final int FIRST_BYTE = 3;

  /** Pieces after {@code <unk> <s> </s>} and the bytes, each with its score. */
  private static final Map<String, Float> PIECES = pieces();

  @TempDir Path folder;

  private static Map<String, Float> pieces() {
    Map<String, Float> pieces = new LinkedHashMap<>();
    String[] multiple = {
      "\u2581a",
      "ab",
      "bc",
      "\u2581ab",
      "ca",
      "abc",
      "cab",
      "aa",
      "aab",
      "\u2581\u2581",
      "bb",
      "bbbb",
      "\u2581\u2581\u2581\u2581",
      "éa",
      "\u2581abc",
      "bbb"
    };
    for (int i = 0; i < multiple.length; i++) {
      // Not in the order of the ids.
      pieces.put(multiple[i], -(i * 7 % multiple.length) - 1f);
    }
    for (String single : new String[] {"\u2581", "a", "b", "c", "é"}) {
      pieces.put(single, -100f - pieces.size());
    }
    return pieces;
  }

  private static GgufBuilder gguf(ByteOrder order) {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    List<Float> scores = new ArrayList<>(List.of(0f, 0f, 0f));
    List<Integer> types = new ArrayList<>(List.of(2, 3, 3));
    for (int value = 0; value < 256; value++) {
      tokens.add("<0x%02X>".formatted(value));
      scores.add(0f);
      types.add(6);
    }
    PIECES.forEach((piece, score) -> {
      tokens.add(piece);
      scores.add(score);
      types.add(1);
    });
    return new GgufBuilder(order)
        .text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", tokens.toArray(String[]::new))
        .array(
            "tokenizer.ggml.scores",
            GgufBuilder.F32,
            scores.size(),
            to -> scores.forEach(score -> to.u32(Float.floatToIntBits(score))))
        .array("tokenizer.ggml.token_type", 5, types.size(), to -> types.forEach(to::u32));
  }

  private Tokenizer open(GgufBuilder builder) throws IOException {
    return GoldenTokenizer.open(Files.write(folder.resolve("vocabulary.gguf"), builder.build()));
  }

  @Test
  void agreesWithMergingByHand() throws IOException {
    Random random = new Random(5);
    try (Tokenizer tokenizer = open(gguf(ByteOrder.LITTLE_ENDIAN))) {
      for (int i = 0; i < 2000; i++) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(30); length > 0; length--) {
          text.appendCodePoint("aaabbbcc  é\n🦙".codePoints().toArray()[random.nextInt(13)]);
        }
        assertThat(tokenizer.encode(text.toString()))
            .as("'%s'", text)
            .containsExactly(byHand(text.toString()));
        assertThat(tokenizer.decode(byHand(text.toString()))).isEqualTo(text.toString());
      }
    }
  }

  /**
   * The slow way: the best pair of all neighbours, the first of equal ones, until there is none.
   */
  private static int[] byHand(String text) {
    List<String> parts = new ArrayList<>();
    if (!text.isEmpty()) {
      parts.add("\u2581");
    }
    text.replace(' ', '\u2581').codePoints().mapToObj(Character::toString).forEach(parts::add);
    while (true) {
      int best = -1;
      float bestScore = Float.NEGATIVE_INFINITY;
      for (int i = 0; i + 1 < parts.size(); i++) {
        Float score = PIECES.get(parts.get(i) + parts.get(i + 1));
        if (score != null && score > bestScore) {
          best = i;
          bestScore = score;
        }
      }
      if (best < 0) {
        break;
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    List<String> pieces = List.copyOf(PIECES.keySet());
    List<Integer> ids = new ArrayList<>(List.of(1));
    for (String part : parts) {
      int piece = pieces.indexOf(part);
      if (piece >= 0) {
        ids.add(FIRST_BYTE + 256 + piece);
      } else {
        for (byte each : part.getBytes(StandardCharsets.UTF_8)) {
          ids.add(FIRST_BYTE + Byte.toUnsignedInt(each));
        }
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  @Test
  void byteOrderDoesNotMatter() throws IOException {
    try (Tokenizer tokenizer = open(gguf(ByteOrder.BIG_ENDIAN))) {
      assertThat(tokenizer.encode("abc cab")).containsExactly(byHand("abc cab"));
    }
  }

  @Test
  void specialTokensAreFoundInTheText() throws IOException {
    try (Tokenizer tokenizer = open(gguf(ByteOrder.LITTLE_ENDIAN))) {
      assertThat(tokenizer.encode("</s><unk>")).containsExactly(1, 2, 0);
      assertThat(tokenizer.begin()).hasValue(1);
      assertThat(tokenizer.ends()).containsExactly(2);
    }
  }

  @Test
  void theFileSaysWhatIsPutAround() throws IOException {
    GgufBuilder builder =
        gguf(ByteOrder.LITTLE_ENDIAN)
            .flag("tokenizer.ggml.add_bos_token", false)
            .flag("tokenizer.ggml.add_eos_token", true)
            .flag("tokenizer.ggml.add_space_prefix", false)
            .u32("tokenizer.ggml.eos_token_id", 1)
            .u32("tokenizer.ggml.eot_token_id", 2);
    try (Tokenizer tokenizer = open(builder)) {
      int a = FIRST_BYTE + 256 + List.copyOf(PIECES.keySet()).indexOf("a");
      assertThat(tokenizer.encode("a")).containsExactly(a, 1);
      assertThat(tokenizer.decode(a, 1)).isEqualTo("a");
      assertThat(tokenizer.ends()).containsExactly(1, 2);
    }
  }
}
