package dev.witnessmark.compare.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.TensorType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bits for any number of threads, whichever chunks have equal bytes. */
class DeterminismTest {

  private static final int CHUNKS = 7;
  private static final int ROWS = 1024 * CHUNKS;
  private static final int COLUMNS = MatrixReader.CHUNK / 1024;

  private static float[] changed(float[] values, String differs, Random random) {
    float[] changed = values.clone();
    int chunk = values.length / CHUNKS;
    for (int i = 0; i < values.length; i++) {
      if (differs.charAt(i / chunk) == '1' && random.nextInt(3) == 0) {
        changed[i] += (float) random.nextGaussian() * 0.1f;
      }
    }
    return changed;
  }

  /** Of every chunk in turn, whether it differs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1111111", "0000000", "0001111", "1110000", "1010101", "0101010", "0000001", "1000000"
      })
  void anyNumberOfThreadsGivesTheSameBits(String differs) throws IOException {
    Random random = new Random(7);
    float[] values = Numbers.normal(ROWS * COLUMNS, 1);
    float[] changed = changed(values, differs, random);
    byte[] blocks = Numbers.randomFinite(TensorType.Q4_K, 256 * 64, random);
    byte[] otherBlocks = blocks.clone();
    Arrays.fill(otherBlocks, 100 * 144 / 10, 144 * 20, (byte) 0x11);
    TestModel a =
        TestModel.huggingFace()
            .tensor("rows", values, ROWS, COLUMNS)
            .tensor("long", values, 1, ROWS * COLUMNS)
            .tensor("blocks", TensorType.Q4_K, blocks, 64, 256)
            .vector("small", 1, 2, 3);
    TestModel b =
        TestModel.huggingFace()
            .tensor("rows", changed, ROWS, COLUMNS)
            .tensor("long", changed, 1, ROWS * COLUMNS)
            .tensor("blocks", TensorType.Q4_K, otherBlocks, 64, 256)
            .vector("small", 1, 2, 4);
    List<TensorDifference> once = run(a, b, 1);
    for (int threads : new int[] {2, 3, 7}) {
      assertThat(run(a, b, threads)).as("%d threads", threads).isEqualTo(once);
    }
    assertThat(once.getFirst().status().agrees()).isEqualTo(differs.indexOf('1') < 0);
  }

  private static List<TensorDifference> run(TestModel a, TestModel b, int threads)
      throws IOException {
    return Diffs.run(a.operand("a"), b.operand("b"), Diffs.options(threads, 10, null)).tensors();
  }
}
