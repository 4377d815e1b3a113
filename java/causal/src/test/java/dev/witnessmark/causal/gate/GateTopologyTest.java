package dev.witnessmark.causal.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.causal.testing.Golden;
import dev.witnessmark.causal.testing.RowsInMemory;
import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.fingerprint.RouterName;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class GateTopologyTest {

  private static final JsonNode GOLDEN = Golden.json("gate.json");
  private static final FingerprintModel MODEL = Golden.index("moe");

  /** D3: routers are told by components of their names, not by parts of them. */
  @Test
  void routersByNameD3() {
    assertThat(GOLDEN.get("tensors").size()).isEqualTo(13);
    for (JsonNode tensor : GOLDEN.get("tensors")) {
      assertThat(RouterName.matches(tensor.get("name").asString()))
          .isEqualTo(tensor.get("router_correct").asBoolean());
    }
  }

  @Test
  void clustersAtBothThresholds() throws IOException {
    assertThat(GOLDEN.get("by_threshold").size()).isEqualTo(2);
    for (JsonNode golden : GOLDEN.get("by_threshold")) {
      GateTopology gates =
          GateTopology.of(MODEL, golden.get("redundancy_threshold").asLong(), 4096);
      assertThat(gates.blocks()).hasSize(golden.get("correct_clusters").size());
      for (int i = 0; i < gates.blocks().size(); i++) {
        JsonNode expected = golden.get("correct_clusters").get(i);
        RoutedBlock block = gates.blocks().get(i);
        assertThat(block.block())
            .isEqualTo(
                expected.get("block").isNull()
                    ? OptionalLong.empty()
                    : OptionalLong.of(expected.get("block").asLong()));
        assertThat(block.experts()).isEqualTo(expected.get("n_experts").asInt());
        assertThat(block.meanDistance()).isEqualTo(expected.get("mean_pairwise_l1").asDouble());
        assertThat(block.redundantPairs()).isEqualTo(expected.get("redundant_pairs").asLong());
        assertThat(block.pairs()).isEqualTo(expected.get("total_pairs").asLong());
        List<ExpertGroup> groups = new ArrayList<>();
        for (JsonNode group : expected.get("groups_sorted")) {
          List<Integer> members = new ArrayList<>();
          group.forEach(member -> members.add(member.asInt()));
          groups.add(new ExpertGroup(members));
        }
        assertThat(block.groups()).isEqualTo(groups);
      }
      JsonNode overall = golden.get("correct_overall");
      assertThat(gates.redundantPairs()).isEqualTo(overall.get("redundant_pairs").asLong());
      assertThat(gates.pairs()).isEqualTo(overall.get("total_pairs").asLong());
      assertThat(gates.truth())
          .isEqualTo(
              new Truth(
                  overall.get("truth").get(0).floatValue(),
                  overall.get("truth").get(1).floatValue()));
      crossReference(gates, golden.get("correct_cross_reference"));
    }
  }

  private static void crossReference(GateTopology gates, JsonNode golden) {
    List<Long> scaffold = new ArrayList<>();
    GOLDEN.get("scaffold_blocks").forEach(block -> scaffold.add(block.asLong()));
    CrossReference cross = CrossReference.of(scaffold, MODEL, MODEL, gates);
    assertThat(cross.entries()).hasSize(golden.size());
    for (int i = 0; i < golden.size(); i++) {
      CrossReference.Entry entry = cross.entries().get(i);
      JsonNode expected = golden.get(i);
      assertThat(entry.block()).isEqualTo(expected.get("block").asLong());
      assertThat(entry.redundancy())
          .isEqualTo(
              expected.get("has_router").asBoolean()
                  ? OptionalDouble.of(expected.get("redundancy").asDouble())
                  : OptionalDouble.empty());
      assertThat(entry.routingDominated()).isEqualTo(expected.get("routing_dominated").asBoolean());
    }
  }

  private static RowsInMemory router(String name, int experts, int spread, long seed) {
    short[] values = new short[experts * Fingerprint.DIMENSIONS];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) (random.nextGaussian() * spread);
    }
    return new RowsInMemory(name, LayerType.FEED_FORWARD, 64, values);
  }

  private static FingerprintModel model(RowsInMemory... tensors) {
    return new FingerprintModel("m", List.of(tensors), List.of(), List.of(), List.of(), List.of());
  }

  /** A dense gate is no router, however many rows it has. */
  @Test
  void aDenseGateHasNoExperts() throws IOException {
    GateTopology gates =
        GateTopology.of(model(router("blk.5.ffn_gate.weight", 11_008, 5, 1)), 500, 4096);
    assertThat(gates.blocks()).isEmpty();
  }

  @Test
  void routersOfNoBlockComeLastAndByThemselves() throws IOException {
    GateTopology gates =
        GateTopology.of(
            model(
                router("router.weight", 4, 300, 1), router("blk.0.ffn_gate_inp.weight", 8, 300, 2)),
            500,
            4096);
    assertThat(gates.blocks())
        .extracting(RoutedBlock::block)
        .containsExactly(OptionalLong.of(0), OptionalLong.empty());
    assertThat(gates.blocks()).extracting(RoutedBlock::experts).containsExactly(8, 4);
  }

  /** Weights of usual size are nearer to each other than the usual threshold, related or not. */
  @Test
  void unrelatedExpertsAreNotRedundant() throws IOException {
    GateTopology gates =
        GateTopology.of(
            model(
                router("blk.0.ffn_gate_inp.weight", 64, 5, 1),
                router("blk.1.ffn_gate_inp.weight", 64, 5, 2)),
            500,
            4096);
    assertThat(gates.blind()).isTrue();
    for (RoutedBlock block : gates.blocks()) {
      assertThat(block.redundantPairs()).isEqualTo(block.pairs());
      assertThat(block.redundancy()).isEqualTo(Redundancy.AS_UNRELATED);
    }
  }

  @Test
  void copiesOfExpertsAreBeyondChance() throws IOException {
    RowsInMemory copies = router("blk.1.ffn_gate_inp.weight", 64, 5, 2);
    System.arraycopy(copies.values(), 0, copies.values(), 17 * 32, 17 * 32);
    GateTopology gates =
        GateTopology.of(model(router("blk.0.ffn_gate_inp.weight", 64, 5, 1), copies), 1, 4096);
    assertThat(gates.blocks().get(0).redundancy()).isEqualTo(Redundancy.AS_UNRELATED);
    assertThat(gates.blocks().get(1).redundancy()).isEqualTo(Redundancy.BEYOND_CHANCE);
    assertThat(gates.blocks().get(1).redundantPairs()).isEqualTo(32);
    assertThat(gates.blocks().get(1).groups()).hasSize(32);
    assertThat(gates.blocks().get(1).smallestDistance()).isZero();
  }

  @Test
  void oneRouterAloneHasNoNull() throws IOException {
    GateTopology gates =
        GateTopology.of(model(router("blk.0.ffn_gate_inp.weight", 8, 5, 1)), 500, 4096);
    assertThat(gates.unrelated().known()).isFalse();
    assertThat(gates.blocks().getFirst().redundancy()).isEqualTo(Redundancy.UNKNOWN);
  }

  @Test
  void tooManyExpertsAreRefused() {
    FingerprintModel model = model(router("blk.0.ffn_gate_inp.weight", 33, 5, 1));
    assertThatThrownBy(() -> GateTopology.of(model, 500, 32))
        .isInstanceOf(CouldNotCompare.class)
        .hasMessageContaining("33 experts");
  }

  /** Blocks of models that are built otherwise do not correspond. */
  @Test
  void blocksOfDifferentArchitecturesAreNotCompared() throws IOException {
    FingerprintModel dense =
        model(new RowsInMemory("blk.0.attn_q.weight", LayerType.ATTENTION, 64, new short[17 * 4]));
    GateTopology gates = GateTopology.of(MODEL, 500, 4096);
    CrossReference cross = CrossReference.of(List.of(1L, 9L), dense, MODEL, gates);
    assertThat(cross.sameArchitecture()).isFalse();
    assertThat(cross.verdict()).isEqualTo("NOT COMPARABLE");
  }
}
