package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code wmark index}, and {@code wmark info} on what it writes. */
class IndexIT {

  /** Bytes of a fingerprint. */
  private static final int EACH = 34;

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  private Program wmark() {
    return Program.packaged().in(folder);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anIndexIsWrittenAndDescribed() throws Exception {
    String base = Program.demoModel("base");

    Ended index = wmark().run("index", base, "-o", "base.bgz7", "--json");
    Ended info = wmark().run("info", "base.bgz7", "--json");
    Ended text = wmark().run("info", "base.bgz7");

    assertThat(index.complaints()).isEmpty();
    assertThat(index.exit()).isZero();
    assertThat(Schemas.INDEX.violations(index.json())).isEmpty();
    JsonNode output = index.json().get("outputs").get(0);
    assertThat(output.get("bytes").asLong()).isEqualTo(Files.size(folder.resolve("base.bgz7")));
    JsonNode described = info.jsonLines().getFirst();
    assertThat(Schemas.INFO.violations(described)).isEmpty();
    assertThat(described.get("declaredRecords").asLong())
        .isEqualTo(described.get("records").size())
        .isEqualTo(output.get("models").get(0).get("indexed").asLong());
    assertThat(described.get("notes")).isEmpty();
    assertThat(text.exit()).isZero();
    assertThat(text.out()).contains("fingerprint reduction").contains("BGZ7");
  }

  /** The fingerprints of each tensor in an index, by its name. */
  private Map<String, List<Byte>> fingerprints(String index) throws Exception {
    byte[] bytes = Files.readAllBytes(folder.resolve(index));
    Map<String, List<Byte>> fingerprints = new HashMap<>();
    for (JsonNode record :
        wmark().run("info", index, "--json").jsonLines().getFirst().get("records")) {
      int at = record.get("offset").asInt();
      List<Byte> rows = new ArrayList<>();
      for (int i = 0; i < EACH * record.get("rows").asInt(); i++) {
        rows.add(bytes[at + i]);
      }
      fingerprints.put(record.get("name").asString(), rows);
    }
    return fingerprints;
  }

  @Test
  void bothContainersOfAModelHaveTheSameFingerprints() throws Exception {
    Models model = new Models(9);
    model.folder(folder.resolve("hf"));
    model.gguf(folder.resolve("m.gguf"), TensorType.BF16);

    assertThat(wmark().run("index", "hf", "-o", "hf.bgz7", "--threads", "3").exit()).isZero();
    assertThat(wmark().run("index", "m.gguf", "-o", "gguf.bgz7", "--threads", "1").exit()).isZero();

    Map<String, List<Byte>> hf = fingerprints("hf.bgz7");
    Map<String, List<Byte>> gguf = fingerprints("gguf.bgz7");
    assertThat(gguf).hasSameSizeAs(hf).hasSize(1 + 7 * Models.BLOCKS);
    assertThat(gguf.get("blk.1.attn_q.weight"))
        .hasSize(64 * EACH)
        .isEqualTo(hf.get("model.layers.1.self_attn.q_proj.weight"));
    assertThat(gguf.get("blk.1.attn_k.weight"))
        .hasSize(32 * EACH)
        .isEqualTo(hf.get("model.layers.1.self_attn.k_proj.weight"));
    assertThat(gguf.get("blk.0.ffn_down.weight"))
        .isEqualTo(hf.get("model.layers.0.mlp.down_proj.weight"));
    assertThat(gguf.get("token_embd.weight")).isEqualTo(hf.get("model.embed_tokens.weight"));
  }

  @Test
  void shardsGoIntoAFolderOneByOneOrIntoOneIndex() throws Exception {
    String shared = "model.layers.0.mlp.up_proj.weight";
    new Models(1).file(folder.resolve("b.safetensors"), "BF16");
    new Models(1).drop(shared).file(folder.resolve("a-1.safetensors"), "BF16");
    LargeModels.write(folder.resolve("a-2.safetensors"), 1, 1);
    Files.createDirectory(folder.resolve("out"));

    Ended apart = wmark().run("index", "a-1.safetensors", "a-2.safetensors", "-o", "out");
    Ended together = wmark().run("index", "a-1.safetensors", "a-2.safetensors", "-o", "all.bgz7");

    Ended clashing = wmark().run("index", "b.safetensors", "a-2.safetensors", "-o", "c.bgz7");

    assertThat(apart.exit()).isZero();
    assertThat(together.exit()).isZero();
    assertThat(clashing.exit()).isEqualTo(3);
    assertThat(clashing.complaints()).contains(shared);
    assertThat(folder.resolve("out/a-1.bgz7")).exists();
    long sum =
        Files.size(folder.resolve("out/a-1.bgz7")) + Files.size(folder.resolve("out/a-2.bgz7"));
    assertThat(Files.size(folder.resolve("all.bgz7"))).isEqualTo(sum - 8);
  }

  @Test
  void theEmulatedDeviceGivesTheSameBytes() throws Exception {
    new Models(3).gguf(folder.resolve("m.gguf"), TensorType.F16);

    assertThat(wmark().run("index", "m.gguf", "-o", "cpu.bgz7").exit()).isZero();
    Ended emulated =
        wmark().run("index", "m.gguf", "-o", "emulated.bgz7", "--device", "emulated", "--json");

    assertThat(emulated.complaints()).isEmpty();
    assertThat(emulated.json().get("runRecord").get("device").asString()).isEqualTo("emulated");
    assertThat(folder.resolve("emulated.bgz7")).hasSameBinaryContentAs(folder.resolve("cpu.bgz7"));
  }

  @Test
  void whatIsRefusedLeavesNothing() throws Exception {
    Files.write(folder.resolve("cut.gguf"), new byte[] {'G', 'G', 'U', 'F', 3, 0});

    Ended refused = wmark().run("index", "cut.gguf", "-o", "x.bgz7");
    Ended stride = wmark().run("index", "cut.gguf", "-o", "x.bgz7", "--stride", "0");
    Ended nowhere = wmark().run("index", "cut.gguf");

    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.complaints()).contains("cut.gguf");
    assertThat(stride.exit()).isEqualTo(2);
    assertThat(nowhere.exit()).isEqualTo(2);
    assertThat(files()).containsExactly("cut.gguf");
  }

  @Test
  void aCutIndexIsRefusedUnlessReadLeniently() throws Exception {
    new Models(1).file(folder.resolve("m.safetensors"), "F32");
    assertThat(wmark().run("index", "m.safetensors", "-o", "m.bgz7").exit()).isZero();
    byte[] whole = Files.readAllBytes(folder.resolve("m.bgz7"));
    Files.write(folder.resolve("cut.bgz7"), Arrays.copyOf(whole, whole.length - 1));

    Ended strict = wmark().run("info", "cut.bgz7");
    Ended lenient = wmark().run("info", "cut.bgz7", "--lenient", "--json");
    Ended diff = wmark().run("diff", "m.bgz7", "m.safetensors");

    assertThat(strict.exit()).isEqualTo(3);
    assertThat(lenient.exit()).isZero();
    JsonNode document = lenient.jsonLines().getFirst();
    assertThat(Schemas.INFO.violations(document)).isEmpty();
    assertThat(document.get("truncated").asBoolean()).isTrue();
    assertThat(document.get("records").size())
        .isEqualTo(document.get("declaredRecords").asInt() - 1);
    assertThat(diff.exit()).isEqualTo(3);
    assertThat(diff.complaints()).contains("wmark info, causal and gates");
  }

  @Test
  void aKilledRunLeavesNoIndexAndContinues() throws Exception {
    LargeModels.write(folder.resolve("m.safetensors"), 16, 1);
    String[] resumed = {"index", "m.safetensors", "-o", "m.bgz7", "--resume", "m.journal"};
    Path journal = folder.resolve("m.journal");

    Running running = wmark().start(resumed);
    while (running.process().isAlive()
        && (!Files.exists(journal) || Files.readAllLines(journal).size() < 3)) {
      running.process().waitFor(1, TimeUnit.MILLISECONDS);
    }
    running.signal("KILL");
    int code = running.process().waitFor();
    if (code == 137) {
      assertThat(folder.resolve("m.bgz7")).doesNotExist();
    }

    assertThat(wmark().run(resumed).exit()).isZero();
    assertThat(wmark().run("index", "m.safetensors", "-o", "whole.bgz7").exit()).isZero();
    assertThat(folder.resolve("m.bgz7")).hasSameBinaryContentAs(folder.resolve("whole.bgz7"));
    assertThat(files()).containsExactly("m.bgz7", "m.journal", "m.safetensors", "whole.bgz7");
  }
}
