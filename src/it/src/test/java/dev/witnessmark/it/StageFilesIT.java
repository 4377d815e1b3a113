package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.AprtWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code wmark diff} and {@code wmark info} on stage files. */
class StageFilesIT {

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  private Program wmark() {
    return Program.packaged().brief().in(folder);
  }

  private void write(String name, long layer, float... values) throws IOException {
    try (AprtWriter writer = new AprtWriter(folder.resolve(name), layer)) {
      writer.write(0, Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values));
      writer.commit(values.length);
    }
  }

  @BeforeEach
  void files() throws IOException {
    write("a.bin", 0, 0.5f, -1.25f, 2.0f, -0.0f, 3.5f, 1.0f);
    write("b.bin", 0, 0.5f, -1.0f, 2.0f, 0.0f, 3.0f, 1.25f);
    write("zero.bin", 0, 0.5f, -1.25f, 2.0f, 0.0f, 3.5f, 1.0f);
    write("layer7.bin", 7, new float[6]);
    write("head.bin", AprtHeader.WHOLE_MODEL, 1, 2);
    write("none.bin", 0);
    Files.write(folder.resolve("cut.bin"), new byte[] {'A', 'P', 'R', 'T', 0, 0, 0, 0});
  }

  @ParameterizedTest
  @CsvSource({
    "a.bin, a.bin, 0, bit-identical",
    "a.bin, zero.bin, 0, identical",
    "a.bin, b.bin, 1, differs",
    "none.bin, none.bin, 3, could-not-compare",
  })
  void everyFormSaysTheSame(String a, String b, int exit, String verdict) throws Exception {
    Ended text = wmark().run("diff", a, b);
    Ended json = wmark().run("diff", a, b, "--json", "--top", "2");

    assertThat(text.exit()).isEqualTo(exit);
    assertThat(json.exit()).isEqualTo(exit);
    assertThat(text.out()).contains("%s (exit %d)".formatted(verdict, exit));
    JsonNode document = json.json();
    assertThat(Schemas.STAGE_DIFF.violations(document)).isEmpty();
    assertThat(document.get("verdict").asString()).isEqualTo(verdict);
    assertThat(document.get("exitCode").asInt()).isEqualTo(exit);
  }

  @Test
  void topIsHowManyPairsAreListed() throws Exception {
    JsonNode document = wmark().run("diff", "a.bin", "b.bin", "--json", "--top", "2").json();
    assertThat(document.get("top_diffs").size()).isEqualTo(2);
    assertThat(document.get("top_diffs").get(0).get("index").asInt()).isEqualTo(4);
    assertThat(document.get("cosine_sim").asDouble()).isEqualTo(0.993570988150713);
  }

  @ParameterizedTest
  @CsvSource({
    "a.bin, head.bin, dim_product mismatch",
    "a.bin, layer7.bin, layer mismatch",
    "cut.bin, missing.bin, 12 bytes",
    "a.bin, missing.bin, missing.bin",
    "missing.bin, a.bin, missing.bin",
  })
  void whatCannotBeComparedSaysWhy(String a, String b, String why) throws Exception {
    Ended diff = wmark().run("diff", a, b);
    assertThat(diff.exit()).isEqualTo(3);
    assertThat(diff.complaints()).contains(why);
  }

  @Test
  void aStageFileAndAModelAreRefusedClearly() throws Exception {
    Ended diff = wmark().run("diff", "a.bin", Program.demoModel("base"));
    assertThat(diff.exit()).isEqualTo(3);
    assertThat(diff.complaints()).contains("a.bin is a stage file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--csv", "--all", "--explain-budget", "--tensors=x", "--sort=max"})
  void optionsThatWouldBePassedOverAreUsageErrors(String option) throws Exception {
    assertThat(wmark().run("diff", "a.bin", "b.bin", option).exit()).isEqualTo(2);
  }

  @Test
  void infoSaysWhatAStageFileHolds() throws Exception {
    Ended info = wmark().run("info", "a.bin", "head.bin", "cut.bin", "--json", "--stats");
    assertThat(info.exit()).isEqualTo(3);
    assertThat(info.jsonLines()).flatExtracting(Schemas.INFO::violations).isEmpty();
    JsonNode first = info.jsonLines().getFirst();
    assertThat(first.get("layer").asInt()).isZero();
    assertThat(first.get("values").asInt()).isEqualTo(6);
    assertThat(first.get("statistics").get("maximum").asDouble()).isEqualTo(3.5);
    assertThat(info.jsonLines().get(1).get("layer").isNull()).isTrue();
    assertThat(info.jsonLines().get(2).get("error").get("kind").asString()).isEqualTo("truncated");
  }
}
