package dev.witnessmark.parity.compare;

import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.measure.LogitsMetrics;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * Two captures of one input.
 *
 * @param a the reference
 * @param b the other side
 * @param truth what decides which one is off
 * @param positions positions of both; 0 where only logits are there
 * @param skipped stages that were not compared, with the reason, a line each
 * @param notes what else was done or could not be known, a line each
 * @param logits what comes next on either side
 * @param stages what was compared, in forward order
 * @param first the first stage that is wrong by itself
 * @param grafts what the logits become with either side's values there
 * @param verdict the answer
 * @param run what was asked and what ran
 */
public record CompareResult(
    Described a,
    Described b,
    Optional<Described> truth,
    long positions,
    List<String> skipped,
    List<String> notes,
    Optional<LogitsMetrics> logits,
    List<StageComparison> stages,
    Optional<Divergence> first,
    List<GraftOutcome> grafts,
    Verdict verdict,
    RunRecord run) {

  public CompareResult {
    skipped = List.copyOf(skipped);
    notes = List.copyOf(notes);
    stages = List.copyOf(stages);
    grafts = List.copyOf(grafts);
  }

  /**
   * A side.
   *
   * @param path its folder or file
   * @param computed how it was made
   */
  public record Described(String path, String computed) {
    static Described of(CaptureSide side) {
      return new Described(side.capture().path().toString(), side.computed());
    }
  }

  /**
   * The smallest tolerance on the largest difference over rms with which every stage would have
   * passed; infinite if one side has a NaN or an infinity that the other has not.
   */
  public double smallestTolerance() {
    double most = 0;
    for (StageComparison stage : stages) {
      boolean finite = stage.metrics().notFinite() == 0;
      most = Math.max(most, finite ? stage.metrics().scaled() : Double.POSITIVE_INFINITY);
    }
    return most;
  }

  /** The position that a row of a stage belongs to: rows of attention are heads and positions. */
  public long position(StageKey key, int row) {
    if (key.stage() == Stage.LM_HEAD) {
      return Math.max(0, positions - 1);
    }
    return key.stage().isPerPosition() || positions == 0 ? row : row % positions;
  }
}
