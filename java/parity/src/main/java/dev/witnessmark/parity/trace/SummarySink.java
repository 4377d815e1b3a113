package dev.witnessmark.parity.trace;

import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.Summary;
import dev.witnessmark.model.transformer.StageKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reduces every stage where it is: only a record of each comes back from the device.
 *
 * @param <M> memory of the device
 */
public final class SummarySink<M> implements StageSink<M>, AutoCloseable {

  private final Device<M> device;
  private final Pool<M> pool;
  private final M record;
  private final List<Seen> seen = new ArrayList<>();

  /**
   * A stage in one call.
   *
   * @param first the call's first position
   * @param summary of all its parts
   */
  public record Seen(int first, StageSummary summary) {}

  /** For stages on {@code device}. */
  public SummarySink(Device<M> device) {
    this.device = device;
    this.pool = device.pool();
    this.record = pool.allocate(Summarise.RECORD_BYTES);
  }

  @Override
  public boolean wants(StageKey key) {
    return true;
  }

  @Override
  public void take(StageTensor<M> tensor) {
    StageSummary all = null;
    for (StageTensor.Part<M> part : tensor.parts()) {
      long elements = (long) part.rows() * part.columns();
      device.run(new Summarise(elements), List.of(part.memory(), record));
      StageSummary next = StageSummary.of(tensor.key(), elements, read());
      all = all == null ? next : all.then(next);
    }
    if (all != null) {
      seen.add(new Seen(tensor.call().cached(), all));
    }
  }

  private Summary read() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Summarise.RECORD_BYTES, Long.BYTES);
      device.download(record, bytes);
      return Summary.of(bytes);
    }
  }

  /** Every stage of every call, in the order in which they were made. */
  public List<Seen> seen() {
    return List.copyOf(seen);
  }

  /** Every stage with all calls together, in forward order. */
  public List<StageSummary> summaries() {
    SortedMap<StageKey, StageSummary> all = new TreeMap<>();
    for (Seen one : seen) {
      all.merge(one.summary().key(), one.summary(), StageSummary::then);
    }
    return List.copyOf(all.values());
  }

  @Override
  public void close() {
    pool.close();
  }
}
