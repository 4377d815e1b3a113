package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/**
 * Any text, through one real vocabulary in both forms and through the library on the file itself.
 */
class RoundTripTest {

  private static @Nullable Tokenizer gguf;
  private static @Nullable Tokenizer huggingFace;
  private static long original;

  @BeforeContainer
  static void open() throws IOException {
    gguf = GoldenTokenizer.gguf();
    huggingFace = new BytePairTokenizer(GoldenTokenizer.model());
    gguf.encode("");
    // Its native code is loaded now. This file is trusted.
    original =
        TokenizersLibrary.LIB.createTokenizerFromString(
            new String(GoldenTokenizer.bytes("tokenizer.json"), StandardCharsets.UTF_8));
  }

  @AfterContainer
  static void close() {
    TokenizersLibrary.LIB.deleteTokenizer(original);
    if (gguf != null) {
      gguf.close();
    }
    if (huggingFace != null) {
      huggingFace.close();
    }
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<Integer> anything =
        Arbitraries.integers()
            .between(0, Character.MAX_CODE_POINT)
            .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE);
    Arbitrary<Integer> latin = Arbitraries.integers().between(0, 0x17F);
    Arbitrary<Integer> common =
        Arbitraries.of(' ', '\n', '\'', 's', '1', 'e', 'T', '<', '|').map(c -> (int) c);
    return Arbitraries.oneOf(anything, latin, common)
        .list()
        .ofMaxSize(60)
        .map(points -> {
          StringBuilder text = new StringBuilder();
          points.forEach(text::appendCodePoint);
          return text.toString();
        });
  }

  @Property
  void everyTextComesBackByOneWayOnly(@ForAll("texts") String text) throws IOException {
    int[] ids = required(gguf).encode(text);
    assertThat(required(huggingFace).encode(text)).containsExactly(ids);
    assertThat(originalIds(text)).containsExactly(ids);
    assertThat(required(gguf).decode(ids)).isEqualTo(text);
    TextStream stream = required(gguf).stream();
    StringBuilder streamed = new StringBuilder();
    for (int id : ids) {
      streamed.append(stream.append(id));
    }
    assertThat(streamed).hasToString(text);
    assertThat(stream.end()).isEmpty();
  }

  private static int[] originalIds(String text) {
    long encoding = TokenizersLibrary.LIB.encode(original, text, true);
    long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
    TokenizersLibrary.LIB.deleteEncoding(encoding);
    int[] result = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      result[i] = (int) ids[i];
    }
    return result;
  }

  private static Tokenizer required(@Nullable Tokenizer tokenizer) {
    if (tokenizer == null) {
      throw new IllegalStateException("not opened");
    }
    return tokenizer;
  }
}
