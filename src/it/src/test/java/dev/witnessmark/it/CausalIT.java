package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class CausalIT {

  private static final Program WMARK = Program.packaged().brief();
  private static final String BASE = Program.demoModel("base");
  private static final String REASONING = Program.demoModel("reasoning");

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  /** The training was free to change q and o of blocks 2, 3 and 4, and nothing else. */
  @Test
  void theScaffoldOfTheReasoningModelIsFound() throws Exception {
    Ended causal = WMARK.run("causal", BASE, REASONING, "--measure", "relative", "--json");

    assertThat(causal.exit()).as(causal.err()).isEqualTo(1);
    assertThat(causal.complaints()).isEmpty();
    JsonNode document = causal.json();
    assertThat(Schemas.CAUSAL.violations(document)).isEmpty();
    assertThat(document.at("/scaffold").valueStream().map(b -> b.get("block").asInt()))
        .containsExactly(2, 3, 4);
    assertThat(
            document
                .at("/heads")
                .valueStream()
                .filter(head -> head.get("shifted").asInt() > 0)
                .map(head -> head.get("block").asInt() + head.get("projection").asString()))
        .containsExactly("2O", "2Q", "3O", "3Q", "4O", "4Q");
    assertThat(document.at("/null/mean").asDouble()).isBetween(1.3, 1.6);
    assertThat(document.at("/exitCode").asInt()).isEqualTo(1);
  }

  /** At the usual threshold fingerprints see next to nothing here, and that is said. */
  @Test
  void fingerprintsSayWhatTheyCannotSee() throws Exception {
    Ended blind = WMARK.run("causal", BASE, REASONING);
    assertThat(blind.out())
        .contains("Scaffold: no block")
        .contains("The threshold is blind for 16,640 of 16,640 rows");

    Ended unclear = WMARK.run("causal", BASE, REASONING, "--threshold", "200");
    assertThat(unclear.exit()).isEqualTo(4);
    assertThat(unclear.out()).endsWith("unclear (exit 4)\n");

    Ended inUnits = WMARK.run("causal", BASE, REASONING, "--null-threshold", "0.1");
    assertThat(inUnits.exit()).isEqualTo(1);
    assertThat(inUnits.out()).contains("Scaffold: blocks 2–4");
  }

  @Test
  void formsOfOneModelHaveTheSameFingerprints() throws Exception {
    Path safetensors = new Models(1).folder(folder.resolve("hf"));
    Path gguf = new Models(1).gguf(folder.resolve("f16.gguf"), TensorType.F16);

    Ended causal = WMARK.run("causal", safetensors.toString(), gguf.toString(), "--threshold", "0");

    assertThat(causal.exit()).as(causal.out() + causal.err()).isZero();
    assertThat(causal.out()).endsWith("identical (exit 0)\n");
  }

  @Test
  void everyOutputIsWritten() throws Exception {
    List<String> names = List.of("edges.parquet", "heads.parquet", "report.md", "heads.svg");
    Ended causal =
        WMARK.run(
            "causal",
            BASE,
            REASONING,
            "--null-threshold",
            "0.5",
            "--edges",
            folder.resolve(names.get(0)).toString(),
            "--heads",
            folder.resolve(names.get(1)).toString(),
            "--markdown",
            folder.resolve(names.get(2)).toString(),
            "--picture",
            folder.resolve(names.get(3)).toString(),
            "--trace",
            "blk.2.attn_q.weight:7",
            "--no-revisit",
            "--exit-zero");

    assertThat(causal.exit()).as(causal.err()).isZero();
    assertThat(causal.complaints()).isEmpty();
    assertThat(causal.out()).contains("Back from row 7 of blk.2.attn_q.weight, 8 steps");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(names);
    }
    assertThat(Files.readString(folder.resolve("edges.parquet"), StandardCharsets.ISO_8859_1))
        .startsWith("PAR1")
        .endsWith("PAR1");
    assertThat(Files.readString(folder.resolve("report.md"))).contains("## Reasoning scaffold");
    assertThat(Files.readString(folder.resolve("heads.svg"))).contains("<svg ");
  }

  @Test
  void severalModelsMakeAPalette() throws Exception {
    Path palette = folder.resolve("scaffold.pal8");
    Path feedback = folder.resolve("feedback.json");
    Files.writeString(feedback, "{\"heads\":[{\"block\":2,\"projection\":\"Q\",\"score\":0.9}]}");
    Ended causal =
        WMARK.run(
            "causal",
            BASE,
            REASONING,
            REASONING,
            "--between",
            "--pair",
            BASE,
            REASONING,
            "--null-threshold",
            "0.5",
            "--palette",
            palette.toString(),
            "--feedback",
            feedback.toString(),
            "--json");

    assertThat(causal.exit()).as(causal.err()).isEqualTo(1);
    JsonNode document = causal.json();
    assertThat(Schemas.CAUSAL.violations(document)).isEmpty();
    assertThat(document.at("/diffs").size()).isEqualTo(4);
    assertThat(document.at("/diffs/2/verdict").isMissingNode()).isTrue();
    assertThat(document.at("/diffs/2/total/shifted").asLong()).isZero();
    assertThat(document.at("/volatility/scaleInvariant").toString()).isEqualTo("[2,3,4]");
    assertThat(document.at("/beliefs/heads/1/rounds").asInt()).isEqualTo(1);
    byte[] bytes = Files.readAllBytes(palette);
    assertThat(bytes).hasSize(4101).startsWith('P', 'A', 'L', '8', 0);
    // Blocks 2, 3 and 4 in the first layer.
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(5)).isEqualTo(0b11100);
  }

  @Test
  void whatMakesNoSenseIsRefused() throws Exception {
    assertThat(WMARK.run("causal", BASE).exit()).isEqualTo(2);
    assertThat(WMARK.run("causal", BASE, REASONING, "--threshold", "-1").exit()).isEqualTo(2);
    assertThat(WMARK.run("causal", BASE, REASONING, "--between").exit()).isEqualTo(2);
    assertThat(
            WMARK
                .run("causal", BASE, REASONING, "--threshold", "1", "--null-threshold", "1")
                .exit())
        .isEqualTo(2);
    Ended missing = WMARK.run("causal", BASE, folder.resolve("none.bgz7").toString());
    assertThat(missing.exit()).isEqualTo(3);
    assertThat(missing.err()).contains("none.bgz7");

    Path damaged = folder.resolve("damaged.bgz7");
    Files.write(damaged, new byte[] {'B', 'G', 'Z', '7', 1, 0, 0, 0, 9});
    Ended refused = WMARK.run("causal", BASE, damaged.toString());
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.err()).contains("damaged.bgz7: refused.");
    assertThat(WMARK.run("causal", BASE, damaged.toString(), "--measure", "relative").err())
        .contains("is an index; --measure relative needs the weights");
    Path edges = folder.resolve("base.gguf");
    Files.copy(Path.of(BASE), edges);
    Ended spared = WMARK.run("causal", edges.toString(), REASONING, "--edges", edges.toString());
    assertThat(spared.exit()).isEqualTo(3);
    assertThat(Files.mismatch(edges, Path.of(BASE))).isEqualTo(-1);
  }

  /** Two routers; in the second one every expert is there twice. */
  private Path mixture() throws Exception {
    SafetensorsBuilder model = new SafetensorsBuilder();
    SplittableRandom random = new SplittableRandom(5);
    for (int block = 0; block < 2; block++) {
      ByteBuffer values = ByteBuffer.allocate(32 * 64 * 4).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < 32 * 64; i++) {
        values.putFloat(
            block == 1 && i >= 16 * 64
                ? values.getFloat(4 * (i - 16 * 64))
                : (float) random.nextGaussian());
      }
      model.tensor("model.layers." + block + ".mlp.gate.weight", "F32", values.array(), 32, 64);
      model.tensor(
          "model.layers." + block + ".mlp.gate_proj.weight", "F32", values.array(), 32, 64);
    }
    return Files.write(folder.resolve("mixture.safetensors"), model.build());
  }

  @Test
  void expertsAreHeldAgainstUnrelatedOnes() throws Exception {
    Ended gates = WMARK.run("gates", mixture().toString(), "--json");

    assertThat(gates.exit()).as(gates.err()).isZero();
    JsonNode document = gates.json();
    assertThat(Schemas.GATES.violations(document)).isEmpty();
    assertThat(document.at("/models/0/blocks").size()).isEqualTo(2);
    assertThat(document.at("/models/0/blocks/0/redundancy").asString())
        .isEqualTo("as unrelated rows");
    assertThat(document.at("/models/0/blocks/1/redundancy").asString()).isEqualTo("beyond chance");
    assertThat(document.at("/models/0/blocks/1/smallestDistance").asInt()).isZero();
  }

  @Test
  void modelsThatDoNotCorrespondAreNotCrossed() throws Exception {
    Ended gates =
        WMARK.run(
            "gates", mixture().toString(), "--scaffold", BASE, REASONING, "--measure", "relative");

    assertThat(gates.exit()).as(gates.err()).isZero();
    assertThat(gates.out()).contains("NOT COMPARABLE").doesNotContain("block 2:");
  }

  @Test
  void aModelWithoutRoutersHasNone() throws Exception {
    Ended gates = WMARK.run("gates", BASE);
    assertThat(gates.exit()).isEqualTo(3);
    assertThat(gates.out()).contains("has no router");
    assertThat(WMARK.run("gates", mixture().toString(), "--max-experts", "31").err())
        .contains("32 experts in one block, at most 31 are compared");
  }
}
