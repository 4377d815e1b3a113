package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.GgufBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code wmark diff}: what it must find, and what it must never let pass. */
class DiffIT {

  private static final String BASE = Program.demoModel("base");
  private static final String REASONING = Program.demoModel("reasoning");

  private final Program wmark = Program.packaged().brief();

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  /** A difference in the last value of the last tensor: nothing is cut short. */
  @Test
  void comparesEveryValueOfEveryTensor() throws Exception {
    Models model = new Models(2);
    model.file(folder.resolve("a.safetensors"), "F32");
    model.set("model.norm.weight", 63, 3.75f).file(folder.resolve("b.safetensors"), "F32");

    Ended diff = wmark.in(folder).run("diff", "a.safetensors", "b.safetensors", "--json");

    assertThat(diff.exit()).isEqualTo(1);
    JsonNode document = diff.json();
    assertThat(document.get("tensors").size()).isEqualTo(model.tensors());
    assertThat(document.get("tensors").valueStream().mapToLong(t -> t.get("values").asLong()).sum())
        .isEqualTo(model.values());
    assertThat(DemoIT.names(document, "moved")).containsExactly("model.norm.weight");
    JsonNode norm =
        document
            .get("tensors")
            .valueStream()
            .filter(t -> t.get("status").asString().equals("moved"))
            .findFirst()
            .orElseThrow();
    assertThat(norm.get("maxAbsIndex").asLong()).isEqualTo(63);
    assertThat(norm.get("top").get(0).get("b").asDouble()).isEqualTo(3.75);
    assertThat(norm.get("equal").asLong()).isEqualTo(63);
  }

  @Test
  void undoesTheRowOrderOfGgufQueriesAndKeys() throws Exception {
    Models model = new Models(3);
    model.folder(folder.resolve("hf"));
    model
        .set("model.layers.0.self_attn.k_proj.weight", 7 * 64 + 11, 9f)
        .gguf(folder.resolve("moved.gguf"), TensorType.F16);

    Ended diff = wmark.in(folder).run("diff", "hf", "moved.gguf", "--json");

    assertThat(diff.exit()).isEqualTo(1);
    JsonNode moved =
        diff.json()
            .get("tensors")
            .valueStream()
            .filter(t -> t.get("status").asString().equals("moved"))
            .findFirst()
            .orElseThrow();
    assertThat(moved.get("a").asString()).isEqualTo("model.layers.0.self_attn.k_proj.weight");
    assertThat(moved.get("b").asString()).isEqualTo("blk.0.attn_k.weight");
    assertThat(moved.get("role").asString()).isEqualTo("attention k");
    assertThat(moved.get("block").asInt()).isZero();
    // In the row order of A.
    assertThat(moved.get("top").get(0).get("row").asInt()).isEqualTo(7);
    assertThat(moved.get("top").get(0).get("column").asInt()).isEqualTo(11);
    assertThat(moved.get("rows").get("moved").asInt()).isEqualTo(1);
  }

  @Test
  void aFileAgainstItselfIsBitIdentical() throws Exception {
    Ended diff = wmark.run("diff", BASE, BASE);

    assertThat(diff.exit()).isZero();
    assertThat(diff.out()).contains("None of 75 tensors moved.", "bit-identical (exit 0)");
  }

  @Test
  void selectsTensorsByName() throws Exception {
    Ended some = wmark.run("diff", BASE, REASONING, "--tensors", "blk.0.*", "--json");
    Ended norms =
        wmark.run(
            "diff",
            BASE,
            REASONING,
            "--tensors",
            "blk.?.attn_q.weight",
            "--tensors",
            "output*",
            "--json");

    assertThat(some.exit()).isZero();
    assertThat(some.json().get("tensors").size()).isEqualTo(12);
    assertThat(some.json().get("excluded").asInt()).isEqualTo(63);
    assertThat(norms.exit()).isEqualTo(1);
    assertThat(DemoIT.names(norms.json(), "moved"))
        .isEqualTo(Set.of("blk.2.attn_q.weight", "blk.3.attn_q.weight", "blk.4.attn_q.weight"));
  }

  @Test
  void nothingMatchedIsNotAPass() throws Exception {
    Ended noName = wmark.run("diff", BASE, BASE, "--tensors", "no.such.tensor");
    Ended noTensor =
        wmark.run("diff", Program.golden("gguf").resolve("v3-minimal.gguf").toString(), BASE);

    assertThat(noName.exit()).isEqualTo(3);
    assertThat(noName.out()).contains("could-not-compare (exit 3)");
    assertThat(noTensor.exit()).isEqualTo(3);
    assertThat(noTensor.out()).contains("could-not-compare (exit 3)");
  }

  @Test
  void exitZeroForgivesOnlyADifference() throws Exception {
    Ended differs = wmark.run("diff", BASE, REASONING, "--exit-zero", "--json");
    Ended nothing = wmark.run("diff", BASE, BASE, "--tensors", "none", "--exit-zero");
    Ended missing = wmark.run("diff", BASE, "/no/such/file", "--exit-zero");

    assertThat(differs.exit()).isZero();
    assertThat(differs.json().get("verdict").asString()).isEqualTo("differs");
    assertThat(nothing.exit()).isEqualTo(3);
    assertThat(missing.exit()).isEqualTo(3);
  }

  @Test
  void refusesADeviceThatIsNotThere() throws Exception {
    Ended cuda = wmark.run("diff", BASE, BASE, "--device", "cuda");

    assertThat(cuda.exit()).isEqualTo(3);
    assertThat(cuda.out()).isEmpty();
    assertThat(cuda.complaints()).contains("cuda", "--device cpu");
  }

  @Test
  void givesTheSameBytesAgainAndWithOtherThreads() throws Exception {
    Ended first = wmark.run("diff", BASE, REASONING, "--json");
    Ended again = wmark.run("diff", BASE, REASONING, "--json");
    Ended one = wmark.run("diff", BASE, REASONING, "--json", "--threads", "1");
    Ended five = wmark.run("diff", BASE, REASONING, "--json", "--threads", "5");

    assertThat(again.out()).isEqualTo(first.out());
    assertThat(one.resultOnly()).isEqualTo(first.resultOnly());
    assertThat(five.resultOnly()).isEqualTo(first.resultOnly());
    assertThat(five.json().get("runRecord").get("threads").asInt()).isEqualTo(5);
  }

  @Test
  void saysTheSameInEveryLocaleAndTimeZone() throws Exception {
    Ended here = wmark.run("diff", BASE, REASONING, "--json");
    String[] command = {"diff", BASE, REASONING, "--all", "--explain-budget"};
    String text = withoutTime(wmark.run(command).out());
    String limits = wmark.run("limits").out();

    for (String language : new String[] {"tr-TR", "ar-EG-u-nu-arab"}) {
      String[] parts = language.split("-", 3);
      Program elsewhere =
          wmark
              .with("LC_ALL", parts[0] + "_" + parts[1] + ".UTF-8")
              .with("TZ", "Pacific/Chatham")
              .with(
                  "JAVA_TOOL_OPTIONS",
                  "-Duser.language=%s -Duser.country=%s -Duser.timezone=Pacific/Chatham"
                          .formatted(parts[0], parts[1])
                      + (language.endsWith("arab") ? " -Duser.extensions=u-nu-arab" : ""));
      assertThat(elsewhere.run("diff", BASE, REASONING, "--json").out())
          .as(language)
          .isEqualTo(here.out());
      assertThat(withoutTime(elsewhere.run(command).out())).as(language).isEqualTo(text);
      assertThat(elsewhere.run("limits").out()).as(language).isEqualTo(limits);
    }
  }

  private static String withoutTime(String text) {
    return text.replaceAll("\\d+\\.\\d\\d s ·", "");
  }

  @Test
  void acceptsAnyNameOfAFile() throws Exception {
    Path base = Path.of(BASE);
    Path strange = Files.createDirectories(folder.resolve("größe+ 模型 'x' $HOME"));
    Path copy = Files.copy(base, strange.resolve("a+b ü.gguf"));
    Files.createSymbolicLink(folder.resolve("link.gguf"), copy);
    String relative = "größe+ 模型 'x' $HOME/../größe+ 模型 'x' $HOME/a+b ü.gguf";

    for (String locale : new String[] {"C.UTF-8", "C"}) {
      Program here = wmark.in(folder).with("LC_ALL", locale);
      Ended absolute = here.run("diff", copy.toString(), BASE, "--json");
      assertThat(absolute.complaints()).as(locale).isEmpty();
      assertThat(absolute.exit()).as(locale).isZero();
      assertThat(absolute.json().get("checkpointA").get("name").asString())
          .isEqualTo(copy.toString());
      assertThat(here.run("diff", relative, "link.gguf").exit()).as(locale).isZero();
    }
  }

  /** A name inside a file that tries to paint on the terminal. */
  @Test
  void neutralisesNamesThatWouldControlTheTerminal() throws Exception {
    String hostile = "evil\u001b[31m\u202egpj.weight";
    new Models(1).file(folder.resolve("a.safetensors"), "F32");
    byte[] one = new byte[] {0, 0, (byte) 0x80, 0x3f};
    Files.write(
        folder.resolve("b.gguf"),
        new GgufBuilder().tensor(hostile, TensorType.F32, one, 1).build());

    Ended diff = wmark.in(folder).run("diff", "a.safetensors", "b.gguf", "--all");
    Ended info = wmark.in(folder).run("info", "b.gguf", "--all", "--stats");

    assertThat(diff.exit()).isEqualTo(3);
    assertThat(diff.out() + diff.err() + info.out() + info.err())
        .contains("evil\\u001b[31m\\u202egpj.weight")
        .doesNotContain("\u001b")
        .doesNotContain("\u202e");
  }
}
