package dev.witnessmark.compare.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.AdaptedMatrix;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.LowRank;
import dev.witnessmark.compare.matrix.LoweredMatrix;
import dev.witnessmark.compare.matrix.Matrix;
import dev.witnessmark.compare.matrix.RowPermutation;
import dev.witnessmark.compare.matrix.RowSlice;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.compare.matrix.TransposedMatrix;
import dev.witnessmark.compare.testing.LateDevice;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a device reduces has the bits of the host, whatever is compared. */
class DeviceReductionTest {

  private static final int TOP = 5;

  /** Room for some chunks, so that every slot is used again and again, and not for all chunks. */
  private static final SlotSize SMALL = new SlotSize(7L << 18, 1L << 19, 1L << 18);

  private static final KernelChoice KERNELS = KernelChoice.forValues(0);

  private static TensorPair pair(Matrix a, Matrix b, int rank) {
    return new TensorPair(
        a,
        b,
        new TensorIdentity(Role.OTHER, 0, TensorIdentity.NONE, "weight", a.name()),
        true,
        List.of(),
        rank);
  }

  private static TensorPair pair(TensorType type, byte[] a, byte[] b, long... shape) {
    return pair(type, a, type, b, shape);
  }

  private static TensorPair pair(
      TensorType typeA, byte[] a, TensorType typeB, byte[] b, long... shape) {
    return pair(stored(typeA, a, shape), stored(typeB, b, shape), shape.length);
  }

  private static StoredMatrix stored(TensorType type, byte[] bytes, long... shape) {
    return StoredMatrix.of(TestModel.view(type, bytes, shape));
  }

  /** Results, and reasons of failures, by number. */
  private static Map<Integer, Object> run(List<TensorPair> pairs, Reduction reduction, int threads)
      throws IOException {
    Map<Integer, Object> found = Collections.synchronizedMap(new TreeMap<>());
    StreamingComparison.run(
        pairs,
        IntStream.range(0, pairs.size()).boxed().toList(),
        reduction,
        threads,
        TOP,
        Progress.NONE,
        new StreamingComparison.Results() {
          @Override
          public void judged(int number, TensorPair pair, PairJudge judged) {
            found.put(number, judged);
          }

          @Override
          public void failed(int number, TensorPair pair, String reason) {
            found.put(number, reason);
          }
        });
    return found;
  }

  /** The operations that the device did, after comparing its results with those of the host. */
  private static List<Operation> agrees(TensorPair... pairs) throws IOException {
    List<TensorPair> all = List.of(pairs);
    Map<Integer, Object> expected = run(all, new HostReduction(KERNELS), 1);
    assertThat(expected).hasSize(pairs.length);
    for (int threads : new int[] {3, 1}) {
      LateDevice device = new LateDevice();
      assertThat(run(all, new DeviceReduction<>(device, KERNELS, SMALL), threads))
          .as("%d threads", threads)
          .isEqualTo(expected);
      if (threads == 1) {
        return device.operations();
      }
    }
    throw new AssertionError();
  }

  private static byte[] changed(byte[] bytes, int every, Random random) {
    byte[] changed = bytes.clone();
    for (int i = random.nextInt(every); i < changed.length; i += 1 + random.nextInt(2 * every)) {
      changed[i] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  /** Bytes as they come: NaN of any kind, infinities, subnormals. */
  @ParameterizedTest
  @EnumSource(TensorType.class)
  void anyBytesOfAnyType(TensorType type) throws IOException {
    Random random = new Random(type.toString().hashCode());
    int block = type.blockElements();
    long[][] shapes = {
      {block}, {4999L / block * block + block}, {7, 33L * block}, {130, 3L * block}, {3, 5, block}
    };
    List<TensorPair> pairs = new ArrayList<>();
    for (long[] shape : shapes) {
      long elements = 1;
      for (long dimension : shape) {
        elements *= dimension;
      }
      byte[] a = new byte[(int) type.bytes(elements)];
      random.nextBytes(a);
      pairs.add(pair(type, a, changed(a, 200, random), shape));
      byte[] finite = Numbers.randomFinite(type, (int) elements, random);
      pairs.add(pair(type, finite, changed(finite, 50, random), shape));
      float[] normal = Numbers.normal((int) elements, block);
      pairs.add(pair(type, finite, TensorType.F32, Numbers.f32(normal), shape));
      pairs.add(pair(TensorType.F32, Numbers.f32(normal), type, finite, shape));
    }
    agrees(pairs.toArray(TensorPair[]::new));
  }

  /** Rows of every length beside those of segments and chunks. */
  @ParameterizedTest
  @CsvSource({
    "300000, 1",
    "30000, 15",
    "20000, 16",
    "5000, 17",
    "40, 4095",
    "40, 4096",
    "40, 4097",
    "10, 12289",
    "3, 65536",
    "3, 65537",
    "2, 200001",
    "1, 300000"
  })
  void rowsOfAnyLength(int rows, int columns) throws IOException {
    Random random = new Random(rows);
    byte[] a = Numbers.f32(Numbers.normal(rows * columns, 1));
    agrees(
        pair(TensorType.F32, a, changed(a, 3000, random), rows, columns),
        pair(TensorType.F32, a, changed(a, 300_000, random), rows, columns),
        pair(TensorType.F32, a, a.clone(), rows, columns),
        pair(TensorType.BF16, halves(a), changed(halves(a), 700, random), rows, columns));
  }

  private static byte[] halves(byte[] floats) {
    byte[] halves = new byte[floats.length / 2];
    for (int i = 0; i < halves.length; i += 2) {
      halves[i] = floats[2 * i + 2];
      halves[i + 1] = floats[2 * i + 3];
    }
    return halves;
  }

  @Test
  void ties() throws IOException {
    float[] a = new float[400_000];
    float[] b = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      b[i] = i % 1000 == 999 ? 1 : i % 77 == 0 ? -0.0f : 0;
    }
    agrees(pair(TensorType.F32, Numbers.f32(a), Numbers.f32(b), 100, 4000));
  }

  /** Values that the host puts together, and those that it takes as they are stored. */
  @Test
  void views() throws IOException {
    int rows = 96;
    int columns = 1024;
    Random random = new Random(5);
    byte[] bytes = halves(Numbers.f32(Numbers.normal(rows * columns, 2)));
    StoredMatrix a = stored(TensorType.BF16, bytes, rows, columns);
    StoredMatrix b = stored(TensorType.BF16, changed(bytes, 99, random), rows, columns);
    StoredMatrix floats =
        stored(TensorType.F32, Numbers.f32(Numbers.normal(rows * columns, 3)), rows, columns);
    StoredMatrix turned = stored(TensorType.BF16, bytes, columns, rows);
    LowRank update =
        LowRank.read(
            TestModel.view(Numbers.normal(2 * columns, 4), 2, columns),
            TestModel.view(Numbers.normal(rows * 2, 5), rows, 2),
            0.01,
            false);
    agrees(
        pair(a, new RowPermutation(b, 4, RowPermutation.Order.INTERLEAVED), 2),
        pair(new RowPermutation(a, 4, RowPermutation.Order.HALVES), b, 2),
        pair(new TransposedMatrix(turned), b, 2),
        pair(new RowSlice(a, "s", 5, 31), new RowSlice(b, "s", 5, 31), 2),
        pair(new LoweredMatrix(a, 1), b, 2),
        pair(new AdaptedMatrix(a, update, TensorType.F32), floats, 2));
  }

  /** A small model is few launches, a large tensor few for its size. */
  @Test
  void chunksOfARunAreReducedTogether() throws IOException {
    byte[] a = Numbers.f32(Numbers.normal(512 * 1024, 6));
    byte[] b = changed(a, 100, new Random(1));

    List<Operation> operations = agrees(pair(TensorType.F32, a, b, 512, 1024));

    // Eight chunks of 64 rows; a slot has room for seven.
    assertThat(operations).containsExactly(new Compare(448, 1024), new Compare(64, 1024));
  }
}
