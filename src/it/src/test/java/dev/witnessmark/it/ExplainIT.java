package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ExplainIT {

  private static final Program WMARK = Program.packaged().brief();
  private static final String OUTPUT = "model.layers.1.self_attn.o_proj.weight";
  private static final int WIDTH = 64;

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  /** The output projection of block 1 is zero before, and {@code factor · u · vᵀ} after. */
  private String model(String name, float factor) throws Exception {
    Models model = new Models(1);
    for (int i = 0; i < WIDTH * WIDTH; i++) {
      model.set(OUTPUT, i, factor * (1 + i / WIDTH % 5) * (i % WIDTH % 7 - 3));
    }
    return model.file(folder.resolve(name + ".safetensors"), "F32").toString();
  }

  private Ended explain(String... more) throws Exception {
    String[] arguments = new String[more.length + 5];
    arguments[0] = "explain";
    System.arraycopy(more, 0, arguments, 1, more.length);
    System.arraycopy(
        new String[] {"--pcs", "4", "--k-broad", "12"}, 0, arguments, more.length + 1, 4);
    return WMARK.run(arguments);
  }

  @Test
  void aDeltaOfRankOneIsFoundAndItsCeilingReached() throws Exception {
    Ended explain = explain(model("base", 0), model("tuned", 1), "--json");

    assertThat(explain.exit()).as(explain.out() + explain.err()).isZero();
    assertThat(explain.complaints()).isEmpty();
    JsonNode document = explain.json();
    assertThat(Schemas.EXPLAIN.violations(document)).isEmpty();
    assertThat(document.at("/verdict").asString()).isEqualTo("explained");
    assertThat(document.at("/deltas").size()).isEqualTo(1);
    JsonNode delta = document.at("/deltas/0");
    assertThat(delta.get("tensor").asString()).isEqualTo(OUTPUT);
    assertThat(delta.get("rank_above_rounding").asInt()).isEqualTo(1);
    assertThat(delta.get("stable_rank").asDouble()).isCloseTo(1, within(1e-9));
    JsonNode ceiling =
        document
            .at("/perLayer")
            .valueStream()
            .filter(row -> row.get("subspace").asString().equals("dW_left_basis_ceiling"))
            .findFirst()
            .orElseThrow();
    assertThat(ceiling.get("layer").asInt()).isEqualTo(1);
    assertThat(ceiling.get("rank").asInt()).isEqualTo(1);
    assertThat(ceiling.get("energy_frac_w_oproj").asDouble()).isCloseTo(1, within(1e-9));
    assertThat(ceiling.get("conc_w_oproj").asDouble()).isCloseTo(WIDTH, within(1e-6));
    assertThat(document.at("/averaged").toString()).isEqualTo("[1]");
    assertThat(document.at("/rankings/read").size()).isPositive();
    assertThat(
            document.at("/unavailable").valueStream().map(each -> each.get("subspace").asString()))
        .contains("TaskDiff_contrast", "gate_kernel");
  }

  @Test
  void tablesAndPicturesAreWritten() throws Exception {
    Path tables = folder.resolve("tables");
    Path scatter = folder.resolve("scatter.svg");
    Path curve = folder.resolve("curve.svg");
    Ended explain =
        explain(
            model("base", 0),
            model("tuned", 1),
            "--tables",
            tables.toString(),
            "--scatter",
            scatter.toString(),
            "--curve",
            curve.toString(),
            "--every-layer");

    assertThat(explain.exit()).as(explain.err()).isZero();
    assertThat(explain.out())
        .contains("Not available because there is no hs_clean_fit")
        .contains("the weight ceiling, hold 100.0 % of their energy")
        .endsWith("explained (exit 0)\n");
    List<String> lines = Files.readAllLines(tables.resolve("per_layer.csv"));
    assertThat(lines.getFirst())
        .startsWith("layer,subspace,family,axis_kind,source,kind,rank,conc_act,z_act");
    int columns = lines.getFirst().split(",", -1).length;
    assertThat(lines).allMatch(line -> line.split(",", -1).length == columns);
    assertThat(Files.readString(tables.resolve("definitions.md"))).contains("| lm_head_read |");
    assertThat(Files.readString(tables.resolve("conclusion.md")))
        .contains("One fine-tune has no error bars");
    for (Path picture : List.of(scatter, curve)) {
      var document =
          DocumentBuilderFactory.newDefaultNSInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(Files.readAllBytes(picture)));
      assertThat(document.getElementsByTagName("circle").getLength()).isGreaterThan(5);
    }
  }

  @Test
  void ordersOfSeveralFineTunesAreHeldTogether() throws Exception {
    Ended explain = explain(model("base", 0), model("first", 1), model("second", 3), "--json");

    assertThat(explain.exit()).as(explain.err()).isZero();
    JsonNode document = explain.json();
    assertThat(Schemas.EXPLAIN.violations(document)).isEmpty();
    assertThat(document.at("/results").size()).isEqualTo(2);
    // One delta is three times the other: all shares are equal.
    assertThat(document.at("/stability/agreementOfReading").asDouble()).isCloseTo(1, within(1e-9));
    assertThat(document.at("/stability/candidates/0/mean_place").asDouble()).isEqualTo(1);
  }

  @Test
  void whatCannotBeExplainedIsRefused() throws Exception {
    String base = model("base", 0);
    Ended same = explain(base, base);
    assertThat(same.exit()).isEqualTo(3);
    assertThat(same.err()).contains("there is nothing to explain");
    Ended tooBroad = WMARK.run("explain", base, model("tuned", 1));
    assertThat(tooBroad.exit()).isEqualTo(3);
    assertThat(tooBroad.err()).contains("the hidden state has only 64");
    assertThat(explain(base, Program.demoModel("base")).err())
        .contains("has 2 blocks", "has 6: the one is no fine-tune of the other");
    assertThat(explain(base, base, "--layers", "3..1").exit()).isEqualTo(2);
    assertThat(explain(base, base, "--captures", folder.resolve("none").toString()).exit())
        .isEqualTo(3);
    Ended quantised =
        WMARK.run("explain", Program.demoModel("base"), Program.demoModel("reasoning"));
    assertThat(quantised.exit()).isEqualTo(3);
    assertThat(quantised.err()).contains("of the difference of quantised weights");
  }
}
