package dev.witnessmark.parity.trace;

import dev.witnessmark.capture.CaptureWriter;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Writes stages to disk.
 *
 * @param writer where to
 * @param exact whether in float64
 * @param <M> memory of the device
 */
record CaptureSink<M>(CaptureWriter writer, boolean exact) implements StageSink<M> {

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public boolean wants(StageKey key) {
    return writer.wants(key.stage(), key.layer());
  }

  @Override
  public void take(StageTensor<M> tensor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values;
      if (exact) {
        double[] reals = tensor.reals();
        values = arena.allocate((long) reals.length * Double.BYTES, Double.BYTES);
        for (int i = 0; i < reals.length; i++) {
          values.setAtIndex(DOUBLE, i, reals[i]);
        }
      } else {
        values = arena.allocate(tensor.elements() * Float.BYTES, Float.BYTES);
        tensor.copyTo(values);
      }
      writer.write(
          tensor.key().stage(),
          tensor.key().layer(),
          tensor.call().cached(),
          tensor.call().positions(),
          values);
    }
  }
}
