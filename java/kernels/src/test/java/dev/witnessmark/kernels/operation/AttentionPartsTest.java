package dev.witnessmark.kernels.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.conformance.Inputs;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.host.HostDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a capture shows of attention is what attention used. */
class AttentionPartsTest {

  /** With values that are rows of the unit matrix, the results of attention are probabilities. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT16"})
  void scoresAndProbabilitiesAreThoseOfAttention(Element cache) {
    int cached = 37;
    int size = 40;
    Attention attention = new Attention(3, 4, 2, size, cached, cache);
    AttentionScores scoring = new AttentionScores(3, 4, 2, size, cached, cache);
    CausalSoftmax softmax = new CausalSoftmax(4, 3, cached);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> m = Inputs.of(attention, Pattern.RANDOM, arena);
      for (int i = 0; i < cached * 2 * size; i++) {
        float value = i % size == i / size / 2 ? 1 : 0;
        if (cache == Element.FLOAT16) {
          m.get(2).setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(value));
        } else {
          m.get(2).setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
      }
      MemorySegment scores = arena.allocate(scoring.operands().getLast().bytes());
      MemorySegment probabilities = arena.allocate(scores.byteSize());
      HostDevice device = HostDevice.best();
      device.run(attention, m);
      device.run(scoring, List.of(m.get(0), m.get(1), scores));
      device.run(softmax, List.of(scores, probabilities));
      for (int head = 0; head < 4; head++) {
        for (int query = 0; query < 3; query++) {
          for (int j = 0; j < cached; j++) {
            assertThat(probabilities.getAtIndex(INT, (head * 3 + query) * cached + j))
                .as("head %d, query %d, position %d", head, query, j)
                .isEqualTo(m.get(3).getAtIndex(INT, (query * 4 + head) * size + j));
          }
        }
      }
    }
  }

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
}
