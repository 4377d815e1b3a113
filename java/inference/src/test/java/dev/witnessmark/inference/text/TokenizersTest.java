package dev.witnessmark.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class TokenizersTest {

  @TempDir Path folder;

  /** A prompt, and what a model made of it. */
  private record Golden(String prompt, int[] ids, int[] continuationIds, String continuation) {}

  private static List<Golden> texts() throws IOException {
    List<Golden> texts = new ArrayList<>();
    for (JsonNode text : new ObjectMapper().readTree(GoldenTokenizer.bytes("texts.json"))) {
      texts.add(
          new Golden(
              text.get("prompt").stringValue(),
              ids(text.get("ids")),
              ids(text.get("continuation_ids")),
              text.get("continuation").stringValue()));
    }
    return texts;
  }

  private static int[] ids(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  @Test
  void tokenizerJsonGivesTheRecordedIds() throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizer.huggingFace(folder)) {
      check(tokenizer);
    }
  }

  @Test
  void ggufGivesTheRecordedIds() throws IOException {
    try (Tokenizer tokenizer = GoldenTokenizer.gguf()) {
      check(tokenizer);
    }
  }

  private static void check(Tokenizer tokenizer) throws IOException {
    assertThat(tokenizer.size()).isEqualTo(1024);
    assertThat(tokenizer.begin()).hasValue(0);
    assertThat(tokenizer.ends()).containsExactly(0);
    List<Golden> texts = texts();
    assertThat(texts).hasSize(6);
    for (Golden text : texts) {
      assertThat(tokenizer.encode(text.prompt)).containsExactly(text.ids);
      assertThat(tokenizer.decode(text.ids)).isEqualTo(text.prompt);
      assertThat(tokenizer.decode(text.continuationIds)).isEqualTo(text.continuation);
      TextStream stream = tokenizer.stream();
      StringBuilder streamed = new StringBuilder();
      for (int id : text.continuationIds) {
        streamed.append(stream.append(id));
      }
      assertThat(streamed.append(stream.end())).hasToString(text.continuation);
    }
    assertThat(tokenizer.encode("a<|endoftext|>")).containsExactly(65, 0);
    assertThat(tokenizer.decode(65, 0)).isEqualTo("a<|endoftext|>");
  }

  @Test
  void withoutATokenizerTheWayOutIsNamed() throws IOException {
    GoldenTokenizer.model(folder, "{}");
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> GoldenTokenizer.open(folder))
        .satisfies(refusal -> {
          assertThat(refusal.subject()).isEqualTo("tokenizer.json");
          assertThat(refusal.detail()).contains("--tokens");
        });
  }
}
