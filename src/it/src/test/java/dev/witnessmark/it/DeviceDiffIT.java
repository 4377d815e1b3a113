package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * {@code wmark diff --device emulated}: the kernels of a GPU, and what is made of their results.
 */
class DeviceDiffIT {

  private static final String BASE = Program.demoModel("base");
  private static final String REASONING = Program.demoModel("reasoning");

  private static final TensorType[] TYPES = {
    TensorType.Q8_0,
    TensorType.Q4_K,
    TensorType.Q6_K,
    TensorType.Q5_1,
    TensorType.IQ4_XS,
    TensorType.MXFP4,
    TensorType.IQ3_S,
    TensorType.F16,
    TensorType.BF16
  };

  private final Program wmark = Program.packaged().brief().with("EMUCUDA_LOG", "none");

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  /** The run record of the device's run, when its result has been found to be the processor's. */
  private JsonNode sameOnDevice(String a, String b, String... options)
      throws IOException, InterruptedException {
    Program here = wmark.in(folder);
    Ended expected = here.run(line(a, b, "cpu", options));
    assertThat(expected.exit()).isIn(0, 1);
    Ended eager = here.run(line(a, b, "emulated", options));
    assertThat(eager.exit()).as(eager.err()).isEqualTo(expected.exit());
    assertThat(eager.resultOnly()).isEqualTo(expected.resultOnly());
    Ended lazy = here.with("EMUCUDA_LAZY", "1").run(line(a, b, "emulated", options));
    assertThat(lazy.out()).as(lazy.err()).isEqualTo(eager.out());
    return eager.json().get("runRecord");
  }

  private static String[] line(String a, String b, String device, String... options) {
    String[] line = new String[options.length + 6];
    System.arraycopy(new String[] {"diff", a, b, "--json", "--device", device}, 0, line, 0, 6);
    System.arraycopy(options, 0, line, 6, options.length);
    return line;
  }

  @Test
  void aFineTuneHasTheSameReport() throws Exception {
    JsonNode record = sameOnDevice(BASE, REASONING);

    assertThat(record.get("device").asString()).isEqualTo("emulated");
    assertThat(record.get("kernelsReason").asString())
        .startsWith("asked for; on the host (")
        .doesNotContain("tensors");
  }

  /** Arbitrary bytes: values that are not finite, scales of any size, rows of odd lengths. */
  @Test
  void arbitraryBytesHaveTheSameReport() throws Exception {
    GgufBuilder a = new GgufBuilder().text("general.architecture", "llama");
    GgufBuilder b = new GgufBuilder().text("general.architecture", "llama");
    SafetensorsBuilder plain = new SafetensorsBuilder();
    for (TensorType type : TYPES) {
      Random random = new Random(type.name().hashCode());
      int block = type.blockElements();
      long[][] shapes = {{7, block}, {33, 3L * block}, {3, 4096 / block * block + block}};
      for (long[] shape : shapes) {
        String name = "%s.t%dx%d.weight".formatted(type, shape[0], shape[1]);
        byte[] bytes = new byte[(int) type.bytes(shape[0] * shape[1])];
        random.nextBytes(bytes);
        a.tensor(name, type, bytes, shape[1], shape[0]);
        byte[] changed = bytes.clone();
        for (int i = 0; i < 20; i++) {
          changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        }
        b.tensor(name, type, changed, shape[1], shape[0]);
        byte[] others = new byte[(int) (2 * shape[0] * shape[1])];
        random.nextBytes(others);
        plain.tensor(name, "BF16", others, shape);
      }
    }
    Files.write(folder.resolve("a.gguf"), a.build());
    Files.write(folder.resolve("b.gguf"), b.build());
    Files.write(folder.resolve("plain.safetensors"), plain.build());

    sameOnDevice("a.gguf", "b.gguf", "--threads", "3");
    sameOnDevice("plain.safetensors", "a.gguf", "--top", "100");
  }

  @Test
  void viewsAndWideNumbersAreWorkOfTheHostAndSaidToBe() throws Exception {
    Models model = new Models(3);
    model.folder(folder.resolve("hf"));
    model
        .set("model.layers.0.self_attn.k_proj.weight", 7 * 64 + 11, 9f)
        .gguf(folder.resolve("moved.gguf"), TensorType.F16);
    assertThat(sameOnDevice("hf", "moved.gguf").get("kernelsReason").asString())
        .endsWith(", values of 4 tensors are put in order or computed");

    byte[] longs = new byte[8 * 40];
    new Random(1).nextBytes(longs);
    Files.write(
        folder.resolve("a.safetensors"),
        new SafetensorsBuilder().tensor("positions", "I64", longs, 40).build());
    longs[17] ^= 1;
    Files.write(
        folder.resolve("b.safetensors"),
        new SafetensorsBuilder().tensor("positions", "I64", longs, 40).build());
    assertThat(sameOnDevice("a.safetensors", "b.safetensors").get("kernelsReason").asString())
        .endsWith(", 1 tensors are compared, in float64");
  }

  @Test
  void theDemoRunsOnADevice() throws Exception {
    Ended demo = wmark.run("demo", "--device", "emulated");

    assertThat(demo.exit()).as(demo.err()).isZero();
    assertThat(demo.out()).contains("exactly the six tensors");
  }

  /** Calls after those of the self-check: while slots are made, filled, reduced and collected. */
  @ParameterizedTest
  @CsvSource({
    "cuStreamCreate:2:2",
    "cuMemHostAlloc:2:2",
    "cuMemAlloc:10:2",
    "cuMemcpyHtoDAsync:9:700",
    "cuLaunchKernel:30:719",
    "cuMemcpyDtoHAsync:8:700",
    "cuStreamSynchronize:4:700"
  })
  void aFailureOfTheDeviceIsNoVerdict(String failure) throws Exception {
    for (String lazy : new String[] {"0", "1"}) {
      Ended diff =
          wmark
              .with("EMUCUDA_FAIL", failure)
              .with("EMUCUDA_LAZY", lazy)
              .run("diff", BASE, REASONING, "--device", "emulated", "--threads", "1", "--json");

      assertThat(diff.exit()).as(diff.err()).isEqualTo(3);
      assertThat(diff.out()).isEmpty();
      assertThat(diff.complaints())
          .startsWith("wmark: ")
          .contains("cuda:0 (Emulated CUDA device")
          .doesNotContain("self-check", "internal error");
    }
  }

  @Test
  void theJournalOfAFailedRunIsContinuedOnTheProcessor() throws Exception {
    String[] resume = {"--resume", folder.resolve("journal").toString(), "--threads", "1"};
    Ended failed =
        wmark
            .with("EMUCUDA_FAIL", "cuMemcpyHtoDAsync:9:700")
            .run(line(BASE, REASONING, "emulated", resume));
    Ended continued = wmark.run(line(BASE, REASONING, "cpu", resume));

    assertThat(failed.exit()).isEqualTo(3);
    assertThat(continued.exit()).isEqualTo(1);
    assertThat(continued.resultOnly())
        .isEqualTo(wmark.run("diff", BASE, REASONING, "--json").resultOnly());
  }

  @Test
  void whatCannotRunIsRefusedBeforeWork() throws Exception {
    assertThat(wmark.run("diff", BASE, REASONING, "--device", "gpu").exit()).isEqualTo(2);
    Ended noDevice =
        wmark.with("EMUCUDA_DEVICES", "0").run("diff", BASE, BASE, "--device", "emulated");
    assertThat(noDevice.exit()).isEqualTo(3);
    assertThat(noDevice.complaints()).contains("device emulated was asked for", "--device cpu");
    Ended little = wmark.run("diff", BASE, BASE, "--device", "emulated", "--max-memory", "24M");
    assertThat(little.exit()).isEqualTo(2);
    assertThat(little.complaints()).contains("--max-memory", "one worker needs");
  }
}
