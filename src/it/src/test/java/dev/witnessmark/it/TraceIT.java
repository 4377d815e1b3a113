package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code wmark trace} on a model that ships with the program: six layers. */
class TraceIT {

  private static final Program WMARK = Program.packaged();
  private static final String MODEL = Program.demoModel("base");

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void aPromptIsContinuedAndItsStagesAreKept() throws Exception {
    Path capture = folder.resolve("capture");
    Ended trace =
        WMARK.run(
            "trace",
            MODEL,
            "--prompt",
            "Q: 23+48=? A:",
            "--generate",
            "2",
            "--stages",
            "attn_norm,ffn_out,lm_head",
            "--layers",
            "0..2",
            "--out",
            capture.toString(),
            "--json");

    assertThat(trace.exit()).as(trace.err()).isZero();
    JsonNode document = trace.json();
    assertThat(Schemas.TRACE.violations(document)).isEmpty();
    assertThat(document.get("generatedText").asString()).startsWith(" 7");
    assertThat(document.get("generated").size()).isEqualTo(2);
    assertThat(document.at("/capture/stages").asInt()).isEqualTo(5);
    assertThat(files(capture))
        .containsExactly(
            "layer-0/attn_norm.bin",
            "layer-0/ffn_out.bin",
            "layer-1/attn_norm.bin",
            "layer-1/ffn_out.bin",
            "lm_head.bin",
            "manifest.json");
    JsonNode manifest = new Ended(0, Files.readString(capture.resolve("manifest.json")), "").json();
    assertThat(manifest.get("schema").asString()).isEqualTo("wmark-capture-v1");
    assertThat(manifest.get("tokens").size()).isEqualTo(document.get("tokens").size() + 2);
    assertThat(manifest.get("stages").size()).isEqualTo(5);
  }

  @Test
  void whatIsThereStays() throws Exception {
    Path precious = Files.writeString(folder.resolve("precious.txt"), "mine");
    Ended trace =
        WMARK.run(
            "trace", MODEL, "--tokens", "1,2", "--stages", "ffn_out", "--out", folder.toString());

    assertThat(trace.exit()).as(trace.out()).isEqualTo(3);
    assertThat(trace.complaints()).contains("precious.txt");
    assertThat(files(folder)).containsExactly("precious.txt");
    assertThat(precious).hasContent("mine");
  }

  @Test
  void tokensNeedNoTextAndStagesNoFolder() throws Exception {
    Ended trace = WMARK.run("trace", MODEL, "--tokens", "1,2,3", "--summary", "--json");

    assertThat(trace.exit()).as(trace.err()).isZero();
    JsonNode document = trace.json();
    assertThat(Schemas.TRACE.violations(document)).isEmpty();
    assertThat(document.get("prompt").isNull()).isTrue();
    assertThat(document.get("tokens").valueStream().map(JsonNode::asInt)).containsExactly(1, 2, 3);
    assertThat(document.get("capture").isNull()).isTrue();
    // Seventeen of each layer, the embedding, and two of the whole model.
    assertThat(document.get("summaries").size()).isEqualTo(17 * 6 + 3);
  }

  @Test
  void theArbiterKeepsFloat64() throws Exception {
    Path capture = folder.resolve("exact");
    Ended trace =
        WMARK.run(
            "trace",
            MODEL,
            "--tokens",
            "1,2,3",
            "--path",
            "exact",
            "--stages",
            "final_norm",
            "--out",
            capture.toString());

    assertThat(trace.exit()).as(trace.err()).isZero();
    assertThat(trace.out())
        .contains("path exact · cache f64", " 3 tokens: [1, 2, 3]", " captured 1 stage of 3");
    assertThat(files(capture))
        .containsExactly("exact.safetensors", "final_norm.bin", "manifest.json");
  }

  @ParameterizedTest
  @CsvSource({
    "--tokens 1 --stages ffn_outt --out x, 2, no stage is called \"ffn_outt\"",
    "--tokens 1 --out x, 2, --out needs --stages",
    "--tokens 1 --stages ffn_out --layers 0..7 --out x, 3, 0..6",
  })
  void whatCannotBeCapturedSaysWhy(String options, int exit, String why) throws Exception {
    Ended trace = WMARK.in(folder).run(("trace " + MODEL + " " + options).split(" "));

    assertThat(trace.exit()).isEqualTo(exit);
    assertThat(trace.complaints()).contains(why);
    assertThat(trace.out()).isEmpty();
    assertThat(folder.resolve("x")).doesNotExist();
  }
}
