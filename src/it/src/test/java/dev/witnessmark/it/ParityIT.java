package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code wmark parity} on the emulated device, with healthy kernels and with planted mistakes. */
class ParityIT {

  private static final Program WMARK = Program.packaged().brief();

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  static Path folder;

  /** Compiles the kernels as a user would. */
  @BeforeAll
  static void kernels() throws IOException, InterruptedException {
    Process compiler =
        new ProcessBuilder(
                Path.of("../../native/compile-kernels").toString(),
                "-I",
                Path.of("../../cuda/include").toString(),
                library().toString(),
                Path.of("src/test/resources/faults/faults.cu").toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).isZero();
  }

  private static Path library() {
    return folder.resolve("faults.so");
  }

  private static Ended parity(String... options) throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(
            List.of("parity", Program.demoModel("base"), "--tokens", "49,26", "--json"));
    line.addAll(List.of(options));
    return WMARK.run(line.toArray(String[]::new));
  }

  /** With a kernel of {@code faults.cu} in place of the one that makes {@code stage}. */
  private static Ended own(String stage, String kernel, String... options)
      throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(
            List.of("--device", "emulated", "--kernel", stage + "=" + library() + ":" + kernel));
    line.addAll(List.of(options));
    return parity(line.toArray(String[]::new));
  }

  private static JsonNode valid(Ended ended) {
    JsonNode document = ended.json();
    assertThat(Schemas.PARITY.violations(document)).isEmpty();
    return document;
  }

  @Test
  void ourKernelsHaveTheOraclesBitsInEveryMode() throws Exception {
    Ended parity = parity("--device", "emulated", "--modes", "eager,graph", "--generate", "1");

    assertThat(parity.exit()).as(parity.out() + parity.err()).isZero();
    JsonNode document = valid(parity);
    assertThat(document.get("verdict").asString()).isEqualTo("bit-identical");
    assertThat(document.at("/prompts/0/runs").valueStream().map(run -> run.get("mode").asString()))
        .containsExactly("eager", "graph");
    // The prompt at once and one token, each through all stages.
    assertThat(document.at("/prompts/0/runs/1/stages").asInt()).isEqualTo(2 * (17 * 6 + 3));
  }

  @Test
  void aKernelThatFollowsTheContractHasTheOraclesBits() throws Exception {
    Ended parity = own("ffn_gate", "right");

    assertThat(parity.exit()).as(parity.out() + parity.err()).isZero();
    JsonNode document = valid(parity);
    assertThat(document.get("verdict").asString()).isEqualTo("bit-identical");
    assertThat(document.at("/ownKernels/0/name").asString()).isEqualTo("right");
    assertThat(document.at("/ownKernels/0/inPlaceOf").asString()).isEqualTo("matvec_q8_q4_k");
  }

  /** Each stage is judged by its own inputs, so one mistake does not hide another. */
  @Test
  void mistakesAreFoundWhereTheyAreAndNowhereElse() throws Exception {
    Path junit = folder.resolve("parity.xml");
    Path sarif = folder.resolve("parity.sarif");
    Ended parity =
        own(
            "ffn_gate",
            "scales_paired_wrongly",
            "--kernel",
            "ffn_up=" + library() + ":nibbles_swapped",
            "--kernel",
            "q_post_rope=" + library() + ":rotary_off_by_one",
            "--kernel",
            "attention=" + library() + ":head_missing",
            "--kernel",
            "ffn_swigl=" + library() + ":fast_exp",
            "--junit",
            junit.toString(),
            "--sarif",
            sarif.toString());

    assertThat(parity.exit()).as(parity.out() + parity.err()).isEqualTo(1);
    JsonNode document = valid(parity);
    assertThat(document.get("verdict").asString()).isEqualTo("differs");
    assertThat(document.at("/prompts/0/unstable").isNull()).isTrue();
    List<String> places =
        document
            .at("/prompts/0/faults")
            .valueStream()
            .map(fault -> fault.get("stage").asString())
            .toList();
    List<String> expected =
        IntStream.range(0, 6)
            .boxed()
            .flatMap(layer ->
                Stream.of("q_post_rope", "attention", "ffn_gate", "ffn_up", "ffn_swigl")
                    .map(stage -> "layer-%d/%s".formatted(layer, stage)))
            .toList();
    assertThat(places).containsExactlyElementsOf(expected);
    assertThat(document.at("/prompts/0/graft/recovered").asBoolean()).isTrue();

    assertThat(junit)
        .content()
        .contains(
            "classname=\"wmark parity on ",
            "<failure type=\"stage-differs\" message=\"layer-0/attention differs by itself");
    JsonNode log = new Ended(0, Files.readString(sarif), "").json();
    assertThat(log.at("/runs/0/results").size()).isEqualTo(document.get("findings").size());
    JsonNode result = log.at("/runs/0/results/0");
    assertThat(result.get("ruleId").asString()).isEqualTo("stage-differs");
    assertThat(result.at("/locations/0/physicalLocation/artifactLocation/uri").asString())
        .endsWith("/faults.so");
  }

  /** Only a call of one token meets the stale key. */
  @Test
  void aMistakeOfDecodingIsFoundToo() throws Exception {
    Ended parity = own("attention", "key_stale", "--generate", "1");

    assertThat(parity.exit()).as(parity.out() + parity.err()).isEqualTo(1);
    JsonNode document = valid(parity);
    assertThat(document.at("/prompts/0/faults/0/stage").asString()).isEqualTo("layer-0/attention");
    assertThat(document.at("/prompts/0/faults/0/budget/used").asDouble()).isGreaterThan(1);
  }

  @Test
  void anotherOrderOfAdditionsIsNoMistake() throws Exception {
    Ended parity = own("attention", "any_order");

    assertThat(parity.exit()).as(parity.out() + parity.err()).isZero();
    JsonNode document = valid(parity);
    assertThat(document.get("verdict").asString()).isEqualTo("within-budget");
    assertThat(document.at("/prompts/0/faults/0/budget/used").asDouble())
        .isGreaterThan(0)
        .isLessThanOrEqualTo(1);
  }

  /** One launch in twenty is wrong; a run has six. */
  @Test
  void aRaceIsFoundByRepeating() throws Exception {
    Ended parity = own("post_attn_residual", "race", "--repeat", "4");

    assertThat(parity.exit()).as(parity.out() + parity.err()).isEqualTo(1);
    JsonNode document = valid(parity);
    assertThat(document.at("/prompts/0/unstable/stage").asString())
        .isEqualTo("layer-1/post_attn_residual");
    assertThat(document.at("/findings/0/kind").asString()).isEqualTo("unstable");
  }

  @Test
  void withoutTheDeviceThereIsNoAnswer() throws Exception {
    Ended parity = parity("--device", "cuda:17");

    assertThat(parity.exit()).isEqualTo(3);
    assertThat(parity.complaints()).contains("device cuda:17 was asked for and cannot run");
    assertThat(parity.out()).isEmpty();
  }
}
