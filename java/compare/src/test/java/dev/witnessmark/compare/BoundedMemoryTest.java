package dev.witnessmark.compare;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.format.Limits;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of gigabytes, holes but for a few pages, in little memory and at offsets beyond 32 bits.
 */
class BoundedMemoryTest {

  /** Bytes of a tensor that is not asked for: more than 2³². */
  private static final long UNREAD = (4L << 30) + 12;

  /** Bytes of the tensor that is equal on both sides, as 8-bit integers. */
  private static final long EQUAL = 400L << 20;

  private static final long MOVED_ROWS = 20_000;

  private static final long MOVED_COLUMNS = 1024;

  /** Heap memory in use at any of the looks, beyond what was in use before. */
  private static final long MOST_HEAP = 32L << 20;

  private static final long BYTES_BETWEEN_LOOKS = 128L << 20;

  @TempDir Path folder;

  private Path sparse(String name, long... planted) throws IOException {
    long moved = MOVED_ROWS * MOVED_COLUMNS * Float.BYTES;
    byte[] header =
        """
        {"unread":{"dtype":"I8","shape":[%d],"data_offsets":[0,%d]},\
        "equal":{"dtype":"I8","shape":[%d],"data_offsets":[%d,%d]},\
        "moved":{"dtype":"F32","shape":[%d,%d],"data_offsets":[%d,%d]}}\
        """
            .formatted(
                UNREAD,
                UNREAD,
                EQUAL,
                UNREAD,
                UNREAD + EQUAL,
                MOVED_ROWS,
                MOVED_COLUMNS,
                UNREAD + EQUAL,
                UNREAD + EQUAL + moved)
            .getBytes(StandardCharsets.UTF_8);
    Path path = folder.resolve(name);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
      file.write(header);
      long data = file.getFilePointer() + UNREAD;
      file.setLength(data + EQUAL + moved);
      file.seek(data);
      file.write(1);
      file.seek(data + EQUAL - 1);
      file.write(7);
      for (long index : planted) {
        file.seek(data + EQUAL + index * Float.BYTES);
        file.write(
            ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat((float) (index % 100))
                .array());
      }
    }
    return path;
  }

  @Test
  void plantedDifferencesAreFoundInLittleMemory() throws IOException {
    long last = MOVED_ROWS * MOVED_COLUMNS - 1;
    Path left = sparse("a.safetensors", 3, 10_000_042);
    Path right = sparse("b.safetensors", 3, 5_000_099, last);
    HeapWatch watch = new HeapWatch();
    DiffResult result;
    try (Operand a = Operand.open(left.toString(), Limits.DEFAULT);
        Operand b = Operand.open(right.toString(), Limits.DEFAULT)) {
      result = CheckpointDiff.run(a, b, Diffs.only("equal", "moved"), Limits.DEFAULT, watch);
    }
    assertThat(watch.looks).isGreaterThan(3);
    assertThat(watch.most - watch.before).isLessThan(MOST_HEAP);

    assertThat(result.excluded()).isEqualTo(1);
    assertThat(Diffs.of(result, "equal").status()).isEqualTo(TensorStatus.BIT_IDENTICAL);
    TensorDifference moved = Diffs.of(result, "moved");
    assertThat(moved.status()).isEqualTo(TensorStatus.MOVED);
    ValueDifference difference = requireNonNull(moved.difference());
    assertThat(difference.values() - difference.equal()).isEqualTo(3);
    assertThat(difference.top())
        .containsExactly(
            extreme(5_000_099, 0, 99),
            extreme(last, 0, (double) (last % 100)),
            extreme(10_000_042, 42, 0));
    assertThat(requireNonNull(difference.rows()).moved()).isEqualTo(3);
    assertThat(difference.normA()).isEqualTo(Math.sqrt(9 + 42 * 42));
  }

  /** Looks at what is alive on the heap now and then. */
  private static final class HeapWatch implements Progress {

    private final long before = used();
    private long most;
    private long sinceLook;
    private int looks;

    private static long used() {
      System.gc();
      return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Override
    public void begin(String task, long totalBytes) {}

    @Override
    public void extend(long bytes) {}

    @Override
    public synchronized void advance(long bytes) {
      sinceLook += bytes;
      if (sinceLook > BYTES_BETWEEN_LOOKS) {
        sinceLook = 0;
        looks++;
        most = Math.max(most, used());
      }
    }
  }

  private static Extreme extreme(long index, double a, double b) {
    return new Extreme(index, index / MOVED_COLUMNS, index % MOVED_COLUMNS, a, b, a - b);
  }
}
