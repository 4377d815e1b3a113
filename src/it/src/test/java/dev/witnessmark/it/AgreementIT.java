package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Text, JSON, CSV and exit code of the same comparison say the same. */
class AgreementIT {

  private static final String Q = "model.layers.1.self_attn.q_proj.weight";

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  static Path models;

  @BeforeAll
  static void write() throws Exception {
    new Models(1).folder(models.resolve("bf16"));
    new Models(1).gguf(models.resolve("f16.gguf"), TensorType.F16);
    new Models(1).file(models.resolve("f32.safetensors"), "F32");
    // Less than half a bfloat16 step from the value that bfloat16 holds.
    new Models(1).set(Q, 5, 1.0f).folder(models.resolve("one"));
    new Models(1).set(Q, 5, 1.001f).file(models.resolve("nearly-one.safetensors"), "F32");
    new Models(1).set(Q, 5, Float.NaN).folder(models.resolve("nan"));
    new Models(1).drop(Q).folder(models.resolve("without"));
    new Models(1).set(Q, 5, 100f).gguf(models.resolve("moved.gguf"), TensorType.F16);
  }

  @ParameterizedTest
  @CsvSource({
    "bf16,                bf16,                   bit-identical,       0",
    "bf16,                f16.gguf,               identical,           0",
    "f16.gguf,            f32.safetensors,        identical,           0",
    "one,                 nearly-one.safetensors, within-quantisation, 0",
    "bf16,                moved.gguf,             differs,             1",
    "bf16,                nan,                    differs,             1",
    "nan,                 nan,                    bit-identical,       0",
    "bf16,                without,                differs,             1",
    "without,             bf16,                   differs,             1",
  })
  void everyFormSaysTheSame(String a, String b, String verdict, int exit) throws Exception {
    Program wmark = Program.packaged().brief().in(models);

    Ended text = wmark.run("diff", a, b, "--all");
    Ended json = wmark.run("diff", a, b, "--json");
    Ended csv = wmark.run("diff", a, b, "--csv");

    assertThat(List.of(text.exit(), json.exit(), csv.exit())).containsOnly(exit);
    assertThat(text.out()).contains("%n%s (exit %d)".formatted(verdict, exit));
    assertThat(text.complaints() + json.complaints() + csv.complaints()).isEmpty();
    JsonNode document = json.json();
    assertThat(document.get("verdict").asString()).isEqualTo(verdict);
    assertThat(document.get("exitCode").asInt()).isEqualTo(exit);
    assertThat(Schemas.DIFF.violations(document)).isEmpty();
    assertThat(statusesInCsv(csv)).isEqualTo(statusesInJson(document));
  }

  private static Map<String, Long> statusesInCsv(Ended csv) {
    List<String> lines = csv.out().lines().toList();
    int column = List.of(lines.getFirst().split(",", -1)).indexOf("status");
    return counted(lines.stream().skip(1).map(line -> line.split(",", -1)[column]).toList());
  }

  private static Map<String, Long> statusesInJson(JsonNode document) {
    return counted(
        document.get("tensors").valueStream().map(t -> t.get("status").asString()).toList());
  }

  private static Map<String, Long> counted(List<String> statuses) {
    return statuses.stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }
}
