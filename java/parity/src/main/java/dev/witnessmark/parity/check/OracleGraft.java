package dev.witnessmark.parity.check;

import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.Graft;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.check.PromptCheck.GraftResult;
import dev.witnessmark.parity.measure.StageMetrics;
import dev.witnessmark.parity.measure.StageValues;
import dev.witnessmark.parity.trace.Sequence;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the oracle's values in the place of a device's faults, call by call: if nothing else is
 * wrong, the logits of every call are the oracle's again.
 *
 * @param oracle computes the values
 * @param pass the device's
 * @param batch most positions of a call
 * @param <M> memory of the device
 */
record OracleGraft<M>(ForwardPass<MemorySegment> oracle, ForwardPass<M> pass, int batch) {

  /**
   * Runs a sequence on both sides.
   *
   * @param goal the oracle's logits after each call
   * @param faults what is wrong
   * @return empty if there is nothing to learn: where nothing after the faults can recover, or the
   *     device's logits are the oracle's anyway
   */
  Optional<GraftResult> run(Sequence sequence, List<float[]> goal, List<StageFault> faults)
      throws IOException {
    // What is only made to be looked at leads nowhere.
    List<StageKey> places =
        faults.stream().map(StageFault::key).filter(key -> key.stage().isPerPosition()).toList();
    if (places.isEmpty() || faults.stream().anyMatch(f -> f.key().stage() == Stage.LM_HEAD)) {
      return Optional.empty();
    }
    List<float[]> before = logits(sequence, new HashSet<>());
    List<float[]> after = logits(sequence, new HashSet<>(places));
    return same(goal, before)
        ? Optional.empty()
        : Optional.of(
            new GraftResult(
                places, same(goal, after), distance(goal, after), distance(goal, before)));
  }

  private List<float[]> logits(Sequence sequence, Set<StageKey> places) throws IOException {
    Map<StageKey, float[]> rows = new HashMap<>();
    StageSink<MemorySegment> right =
        new StageSink<>() {
          @Override
          public boolean wants(StageKey key) {
            return places.contains(key);
          }

          @Override
          public void take(StageTensor<MemorySegment> tensor) {
            rows.put(tensor.key(), tensor.floats());
          }
        };
    List<float[]> logits = new ArrayList<>();
    oracle.rewind(0);
    pass.rewind(0);
    pass.graft((key, call) -> Optional.ofNullable(rows.get(key)).map(MemorySegment::ofArray));
    try {
      int first = 0;
      for (int positions : sequence.calls(batch)) {
        int[] tokens = sequence.tokens(first, positions);
        if (!places.isEmpty()) {
          oracle.run(tokens, right);
        }
        pass.run(tokens, StageSink.none());
        logits.add(pass.logits().floats());
        first += positions;
      }
    } finally {
      pass.graft(Graft.NONE);
    }
    return logits;
  }

  private static boolean same(List<float[]> goal, List<float[]> logits) {
    for (int call = 0; call < goal.size(); call++) {
      if (!StageValues.sameBits(goal.get(call), logits.get(call))) {
        return false;
      }
    }
    return true;
  }

  /** Of the call that is furthest away. */
  private static double distance(List<float[]> goal, List<float[]> logits) {
    double furthest = 0;
    for (int call = 0; call < goal.size(); call++) {
      float[] right = goal.get(call);
      double distance =
          StageMetrics.of(
                  StageValues.widened(right), StageValues.widened(logits.get(call)), right.length)
              .relative();
      furthest = Math.max(furthest, distance);
    }
    return furthest;
  }
}
