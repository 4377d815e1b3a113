package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class FalsifyIT {

  private static final Program WMARK = Program.packaged();

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  @Test
  void everyExperimentIsReproduced() throws Exception {
    Ended falsify = WMARK.run("falsify");

    assertThat(falsify.exit()).as(falsify.out() + falsify.err()).isZero();
    assertThat(falsify.complaints()).isEmpty();
    assertThat(falsify.out())
        .contains(
            "9 experiments",
            " 015  RMSNorm (A6)",
            "rejected   the difference grows more than linearly with depth (published as confirmed)")
        .endsWith("reproduced (exit 0)\n");
  }

  @Test
  void theDocumentSaysTheSame() throws Exception {
    Path file = folder.resolve("falsify.json");
    Ended falsify = WMARK.run("falsify", "009", "006", "--json", "--out", file.toString());

    assertThat(falsify.exit()).as(falsify.err()).isZero();
    assertThat(falsify.out()).isEmpty();
    JsonNode document = new Ended(0, Files.readString(file), "").json();
    assertThat(Schemas.FALSIFY.violations(document)).isEmpty();
    assertThat(document.at("/verdict").asString()).isEqualTo("reproduced");
    assertThat(document.at("/experiments").valueStream().map(e -> e.get("number").asString()))
        .containsExactly("006", "009");
    assertThat(document.at("/runRecord/device").asString()).startsWith("cpu ");
  }

  @Test
  void cudaKernelsHaveTheSameBits() throws Exception {
    Ended falsify = WMARK.run("falsify", "--device", "emulated", "--json");

    assertThat(falsify.exit()).as(falsify.out() + falsify.err()).isZero();
    JsonNode document = falsify.json();
    assertThat(Schemas.FALSIFY.violations(document)).isEmpty();
    assertThat(document.at("/oracle").asString()).isEqualTo("cpu scalar");
    assertThat(document.at("/device").asString()).startsWith("emulated");
  }

  @Test
  void whatCanBeRunIsListed() throws Exception {
    Ended list = WMARK.run("falsify", "--list");

    assertThat(list.exit()).isZero();
    assertThat(list.out().lines()).hasSize(9).first().asString().startsWith("006  ");
  }

  @Test
  void whatCannotRunIsRefused() throws Exception {
    Ended missing = WMARK.run("falsify", "--device", "cuda:17");
    assertThat(missing.exit()).isEqualTo(3);
    assertThat(missing.err()).contains("device cuda:17 was asked for and cannot run");
    assertThat(missing.out()).isEmpty();

    Ended unknown = WMARK.run("falsify", "014");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("014: no such experiment; there are 006, 007");
    assertThat(WMARK.run("falsify", "--list", "--json").exit()).isEqualTo(2);
  }

  @Test
  void aRealModelIsExplainedMatrixByMatrix() throws Exception {
    Ended text =
        WMARK.run("falsify", "--model", Program.demoModel("base"), "--prompt", "Q: 23+48=? A:");

    assertThat(text.exit()).as(text.out() + text.err()).isZero();
    assertThat(text.out())
        .contains(
            "in all of 43 matrices",
            "confirmed  the paths differ by no more than rounding of activations explains",
            "confirmed  differences of layers add up and do not compound",
            "…33 more (--all)")
        .endsWith("explained (exit 0)\n");

    Ended json =
        WMARK.run(
            "falsify", "--model", Program.demoModel("base"), "--tokens", "50,27,294", "--json");
    assertThat(json.exit()).as(json.err()).isZero();
    assertThat(Schemas.FALSIFY_MODEL.violations(json.json())).isEmpty();
    assertThat(json.json().at("/matrices").size()).isEqualTo(43);
    assertThat(json.json().at("/layers").size()).isEqualTo(6);
    assertThat(json.json().at("/runRecord/inputs").size()).isEqualTo(1);
  }

  @Test
  void modelAndPromptBelongTogether() throws Exception {
    assertThat(WMARK.run("falsify", "--model", Program.demoModel("base")).exit()).isEqualTo(2);
    assertThat(WMARK.run("falsify", "--prompt", "hello").exit()).isEqualTo(2);
    assertThat(
            WMARK
                .run("falsify", "008", "--model", Program.demoModel("base"), "--tokens", "1")
                .exit())
        .isEqualTo(2);
    assertThat(WMARK.run("falsify", "--model", "no-such.gguf", "--tokens", "1").exit())
        .isEqualTo(3);
  }
}
