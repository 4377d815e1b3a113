package dev.witnessmark.explain.candidate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.SymmetricMatrix;
import dev.witnessmark.explain.source.Captures;
import dev.witnessmark.explain.source.GramStore;
import dev.witnessmark.explain.source.ModelMatrices;
import dev.witnessmark.explain.source.TensorDelta;
import dev.witnessmark.explain.source.Tuning;
import dev.witnessmark.explain.testing.GoldenTensors;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The subspaces themselves: fingerprints of all projectors, every entry of some. */
class GoldenCandidatesTest {

  /** Twelve digits of sums of up to 4096 entries, of projectors good to 1e-10 each. */
  private static final double FINGERPRINT = 1e-7;

  /** The projectors were stored as float32. */
  private static final double ENTRY = 1e-7;

  @ParameterizedTest
  @CsvSource({"expected.json, 4, 12", "expected_pcs8.json, 8, 24"})
  void projectors(String file, int pcs, int broad) throws IOException {
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    try (Operand base = open("base");
        Operand tuned = open("tuned");
        Captures captures = Captures.open(GoldenTensors.path("captures"), Limits.DEFAULT);
        GoldenTensors projectors = GoldenTensors.open("projectors.safetensors")) {
      Tuning tuning = Tuning.of(base, tuned);
      ModelMatrices model = tuning.model();
      GramStore grams = new GramStore(model, 0);
      ModelContext context =
          ModelContext.of(
              model,
              grams,
              Optional.of(captures),
              new ModelContext.Widths(pcs, broad, false),
              OptionalInt.of(2));
      SymmetricMatrix downstream = grams.unembedding().orElseThrow();
      for (int layer = model.layers() - 1; layer >= 0; layer--) {
        LayerContext here =
            new LayerContext(context, layer, Optional.of(downstream), delta(tuning, layer));
        for (JsonNode each : GoldenTensors.json(file).get("candidates")) {
          String name = each.get("name").asString();
          Candidate candidate =
              Stream.of(Candidate.values())
                  .filter(c -> c.label().equals(name))
                  .findFirst()
                  .orElseThrow();
          Optional<JsonNode> row = row(each.get("layers"), layer);
          if (row.isEmpty() || !here.missing(candidate).isEmpty()) {
            continue;
          }
          Basis basis = here.built(candidate).basis();
          assertThat(basis.orthonormalityError()).as(name).isLessThan(1e-12);
          compare(name + layer, basis, row.get().get("projector"), wrong);
          String stored = name + ".layer" + layer;
          if (pcs == 4 && has(projectors, stored)) {
            assertThat(basis.projector().full().values())
                .as(stored)
                .containsExactly(projectors.matrix(stored).values(), within(ENTRY));
            compared++;
          }
        }
        for (var role : model.readers()) {
          downstream = downstream.plus(grams.gram(role, layer).orElseThrow());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(compared).isEqualTo(pcs == 4 ? 2 : 0);
  }

  private static Optional<JsonNode> row(JsonNode layers, int layer) {
    return StreamSupport.stream(layers.spliterator(), false)
        .filter(row -> row.get("layer").asInt() == layer)
        .findFirst();
  }

  private static Operand open(String name) throws IOException {
    return Operand.open(GoldenTensors.path(name).toString(), Limits.DEFAULT);
  }

  private static boolean has(GoldenTensors tensors, String name) {
    return tensors.checkpoint().tensors().stream().map(TensorView::name).anyMatch(name::equals);
  }

  private static Optional<SymmetricMatrix> delta(Tuning tuning, int layer) throws IOException {
    SymmetricMatrix sum = SymmetricMatrix.zeros(tuning.model().width());
    for (TensorDelta delta : tuning.deltas()) {
      if (delta.isWriter() && delta.place().layer() == layer) {
        sum = sum.plus(delta.gramOfRows());
      }
    }
    return Optional.of(sum);
  }

  private static void compare(String what, Basis basis, JsonNode expected, List<String> wrong) {
    SymmetricMatrix projector = basis.projector();
    int order = projector.order();
    double sum = 0;
    double absolute = 0;
    double diagonal = 0;
    double probed = 0;
    for (int i = 0; i < order; i++) {
      diagonal += (i + 1) * projector.full().at(i, i);
      for (int j = 0; j < order; j++) {
        double entry = projector.full().at(i, j);
        sum += entry;
        absolute += Math.abs(entry);
        probed += Math.cos(i) * entry * Math.cos(j);
      }
    }
    check(what + " trace", projector.trace(), expected.get("trace"), wrong);
    check(what + " norm", projector.squaredNorm(), expected.get("frob_sq"), wrong);
    check(what + " sum", sum, expected.get("sum_entries"), wrong);
    check(what + " diagonal", diagonal, expected.get("diag_weighted"), wrong);
    check(what + " probe", probed, expected.get("probe_quadratic"), wrong);
    check(what + " absolute", absolute, expected.get("sum_abs"), wrong);
  }

  private static void check(String what, double actual, JsonNode expected, List<String> wrong) {
    if (!(Math.abs(actual - expected.asDouble()) <= FINGERPRINT)) {
      wrong.add("%s is %s, not %s".formatted(what, actual, expected));
    }
  }
}
