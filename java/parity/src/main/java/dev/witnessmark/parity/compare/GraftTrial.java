package dev.witnessmark.parity.compare;

import dev.witnessmark.inference.Call;
import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.Graft;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.parity.measure.StageValues;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Continues B's path from either side's values in one place: whether B's values explain B's logits,
 * and whether A's bring A's logits back.
 */
final class GraftTrial {

  private static final StageKey LOGITS = StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER);

  private final CaptureSide b;
  private final Model model;
  private final int[] tokens;
  private final StageKey at;

  /** For the place {@code at}, with the model of B. */
  GraftTrial(CaptureSide b, Model model, int[] tokens, StageKey at) {
    this.b = b;
    this.model = model;
    this.tokens = tokens.clone();
    this.at = at;
  }

  /** Whether anything comes of values in this place. */
  static boolean leadsOn(StageKey at) {
    return at.stage().isPerPosition();
  }

  List<GraftOutcome> run(CaptureSide a, long weightBytes) throws IOException {
    PassOptions options =
        new PassOptions(
            Recomputation.plan(b),
            tokens.length,
            tokens.length,
            Recomputation.cache(b),
            weightBytes);
    List<GraftOutcome> outcomes = new ArrayList<>();
    try (ForwardPass<MemorySegment> pass = ForwardPass.open(model, HostDevice.best(), options)) {
      float[] before = logits(pass, Graft.NONE);
      for (CaptureSide from : List.of(b, a)) {
        float[] goal = StageValues.narrowed(StageReader.read(from.tensor(LOGITS)));
        float[] rows = rows(from);
        float[] after =
            logits(
                pass,
                (key, call) -> key.equals(at) ? Optional.of(part(rows, call)) : Optional.empty());
        StageMetrics left = distance(goal, after);
        outcomes.add(
            new GraftOutcome(
                at,
                from.name(),
                StageValues.sameBits(goal, after),
                left.relative(),
                distance(goal, before).relative()));
      }
    }
    return outcomes;
  }

  private float[] logits(ForwardPass<MemorySegment> pass, Graft graft) throws IOException {
    pass.rewind(0);
    pass.graft(graft);
    pass.run(tokens, StageSink.none());
    return pass.logits().floats();
  }

  private float[] rows(CaptureSide from) throws IOException {
    Hyperparameters sizes = model.hyperparameters();
    boolean here = sizes.rotary().interleaved();
    double[] values = StageReader.read(from.tensor(at));
    return StageValues.narrowed(
        RotaryAlignment.align(at, values, sizes, from.layout().orElse(here), here));
  }

  private MemorySegment part(float[] rows, Call call) {
    int row = at.stage().rowElements(model.hyperparameters());
    int from = call.cached() * row;
    return MemorySegment.ofArray(Arrays.copyOfRange(rows, from, from + call.positions() * row));
  }

  private static StageMetrics distance(float[] goal, float[] values) {
    return StageMetrics.of(StageValues.widened(goal), StageValues.widened(values), goal.length);
  }
}
