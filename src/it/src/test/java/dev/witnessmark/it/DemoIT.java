package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The first thing that anybody does with it. */
class DemoIT {

  /** What training was allowed to change. */
  static final Set<String> TRAINED =
      Set.of(
          "blk.2.attn_q.weight",
          "blk.2.attn_output.weight",
          "blk.3.attn_q.weight",
          "blk.3.attn_output.weight",
          "blk.4.attn_q.weight",
          "blk.4.attn_output.weight");

  @Test
  void findsTheSixTensorsThatTrainingMoved() throws Exception {
    Ended demo = Program.packaged().run("demo");

    assertThat(demo.exit()).isZero();
    assertThat(demo.complaints()).isEmpty();
    assertThat(demo.out())
        .contains("6 of 75 tensors moved, all of them attention q and o in blocks 2–4.")
        .contains("69 are bit-identical.")
        .contains("exactly the six tensors");
  }

  /** The demo's claim, checked without believing the demo. */
  @Test
  void theSameSixTensorsMoveInAnOrdinaryDiff() throws Exception {
    Ended diff =
        Program.packaged()
            .run("diff", Program.demoModel("base"), Program.demoModel("reasoning"), "--json");

    assertThat(diff.exit()).isEqualTo(1);
    JsonNode document = diff.json();
    assertThat(names(document, "moved")).isEqualTo(TRAINED);
    assertThat(names(document, "bit-identical")).hasSize(69);
    assertThat(document.get("tensors").size()).isEqualTo(75);
    assertThat(document.get("tensors").valueStream().mapToLong(t -> t.get("values").asLong()).sum())
        .isEqualTo(5_051_904);
    assertThat(document.get("skipped").size()).isZero();
  }

  static Set<String> names(JsonNode document, String status) {
    return document
        .get("tensors")
        .valueStream()
        .filter(tensor -> tensor.get("status").asString().equals(status))
        .map(tensor -> tensor.get("a").asString())
        .collect(Collectors.toSet());
  }
}
