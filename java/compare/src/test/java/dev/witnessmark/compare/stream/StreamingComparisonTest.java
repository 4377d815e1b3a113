package dev.witnessmark.compare.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.match.TensorPair;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the workers do when one of them is held up, fails, or has a second look. */
class StreamingComparisonTest {

  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** Values of a row, which is a chunk. */
  private static final int ROW = 1 << 16;

  private static final long ROW_BYTES = ROW * (long) Float.BYTES;

  /** What happens when a chunk is read. */
  private interface OnRead {
    void read(long chunk);
  }

  /**
   * A file without bytes: zeros, but for the first value of the chunk {@code other}.
   *
   * @param size its length
   * @param other chunk that holds a one, or −1
   * @param onRead told of every read
   */
  private record Zeros(long size, long other, OnRead onRead) implements ByteSource {

    @Override
    public String name() {
      return "zeros";
    }

    @Override
    public void read(long position, MemorySegment target) {
      target.fill((byte) 0);
      if (position == other * ROW_BYTES) {
        target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, 1f);
      }
      onRead.read(position / ROW_BYTES);
    }

    @Override
    public void close() {}
  }

  private static TensorPair pair(long chunks, long other, OnRead onRead) {
    Shape shape = Shape.of(chunks, ROW);
    long bytes = chunks * ROW_BYTES;
    return new TensorPair(
        StoredMatrix.of(
            TensorView.stored(
                "t", TensorType.F32, shape, new Zeros(bytes, -1, chunk -> {}), 0, bytes)),
        StoredMatrix.of(
            TensorView.stored(
                "t", TensorType.F32, shape, new Zeros(bytes, other, onRead), 0, bytes)),
        new TensorIdentity(Role.OTHER, 0, TensorIdentity.NONE, "weight", "t"),
        true,
        List.of(),
        2);
  }

  /** Keeps every status in the order of arrival. */
  private static class Statuses implements StreamingComparison.Results {

    final List<TensorStatus> judged = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void judged(int number, TensorPair pair, PairJudge found) throws IOException {
      judged.add(found.status());
    }

    @Override
    public void failed(int number, TensorPair pair, String reason) {
      throw new AssertionError(reason);
    }
  }

  private static void run(List<TensorPair> pairs, int threads, StreamingComparison.Results results)
      throws IOException {
    run(pairs, threads, Progress.NONE, results);
  }

  private static void run(
      List<TensorPair> pairs, int threads, Progress progress, StreamingComparison.Results results)
      throws IOException {
    assertTimeoutPreemptively(
        LONGEST,
        () ->
            StreamingComparison.run(
                pairs,
                IntStream.range(0, pairs.size()).boxed().toList(),
                Reduction.onHost(KernelChoice.forValues(0)),
                threads,
                3,
                progress,
                results));
  }

  /** Holds up the first chunk for as long as others are read. */
  private static final class Stall implements OnRead {

    private final AtomicLong furthest = new AtomicLong();
    private volatile long furthestMeanwhile;

    @Override
    public void read(long chunk) {
      furthest.accumulateAndGet(chunk, Math::max);
      if (chunk > 0 || furthestMeanwhile > 0) {
        return;
      }
      long seen;
      do {
        seen = furthest.get();
        pause(400);
      } while (furthest.get() != seen);
      furthestMeanwhile = seen;
    }
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aChunkThatIsHeldUpHoldsUpTheOthersBeforeTheirResultsFillTheMemory() throws IOException {
    long chunks = 3 * PairTask.MOST_AHEAD;
    for (int threads : new int[] {2, 5}) {
      Stall stall = new Stall();
      Statuses statuses = new Statuses();

      run(List.of(pair(chunks, chunks - 1, stall)), threads, statuses);

      assertThat(stall.furthestMeanwhile).isBetween(1L, PairTask.MOST_AHEAD);
      assertThat(stall.furthest.get()).isEqualTo(chunks - 1);
      assertThat(statuses.judged).containsExactly(TensorStatus.MOVED);
    }
  }

  @Test
  void workersThatWaitForAChunkAreReleasedIfItFails() {
    Stall stall = new Stall();
    OnRead stalledThenBroken =
        chunk -> {
          stall.read(chunk);
          if (chunk == 0) {
            throw new IllegalStateException("broken");
          }
        };

    assertThatThrownBy(() ->
            run(List.of(pair(3 * PairTask.MOST_AHEAD, -1, stalledThenBroken)), 4, new Statuses()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("broken");
  }

  @Test
  void aWorkerThatThrowsStopsTheOthers() {
    AtomicInteger read = new AtomicInteger();
    List<TensorPair> pairs = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      pairs.add(pair(1, -1, chunk -> read.incrementAndGet()));
    }
    Statuses failing =
        new Statuses() {
          @Override
          public void judged(int number, TensorPair pair, PairJudge found) throws IOException {
            super.judged(number, pair, found);
            if (judged.size() == 1) {
              throw new IOException("the journal is full");
            }
          }
        };

    assertThatThrownBy(() -> run(pairs, 2, failing))
        .isInstanceOf(IOException.class)
        .hasMessage("the journal is full");
    assertThat(read.get()).isLessThan(pairs.size() / 2);
  }

  /** A tensor with one chunk that differs: the others are decoded after all, by every worker. */
  @Test
  void theSecondLookIsSharedAndShown() throws IOException {
    long chunks = 12;
    AtomicLong reads = new AtomicLong();
    Set<Thread> secondLookers = ConcurrentHashMap.newKeySet();
    CountDownLatch both = new CountDownLatch(2);
    OnRead meeting =
        chunk -> {
          long read = reads.incrementAndGet();
          if (read == chunks) {
            // Meanwhile the other worker finds nothing to do.
            pause(300);
          }
          if (read > chunks && secondLookers.add(Thread.currentThread())) {
            both.countDown();
            await(both);
          }
        };
    AtomicLong announced = new AtomicLong();
    AtomicLong extended = new AtomicLong();
    AtomicLong done = new AtomicLong();
    Progress progress =
        new Progress() {
          @Override
          public void begin(String task, long totalBytes) {
            announced.set(totalBytes);
          }

          @Override
          public void extend(long bytes) {
            extended.addAndGet(bytes);
          }

          @Override
          public void advance(long bytes) {
            done.addAndGet(bytes);
          }
        };
    Statuses statuses = new Statuses();

    run(List.of(pair(chunks, 5, meeting)), 2, progress, statuses);

    assertThat(statuses.judged).containsExactly(TensorStatus.MOVED);
    assertThat(reads.get()).isEqualTo(chunks + chunks - 1);
    assertThat(secondLookers).hasSize(2);
    assertThat(extended.get()).isEqualTo(2 * (chunks - 1) * ROW_BYTES);
    assertThat(done.get()).isEqualTo(2 * chunks * ROW_BYTES + extended.get());
  }

  private static TensorView view(TensorType type, ByteOrder order) {
    long bytes = type.bytes(ROW);
    return TensorView.stored("t", type, Shape.of(ROW), new Zeros(bytes, -1, chunk -> {}), 0, bytes)
        .in(order);
  }

  /** Equal once the bytes are put in order is equal in value, not in bytes. */
  @Test
  void theSameValuesInTheOtherByteOrderAreNotTheSameBytes() throws IOException {
    for (TensorType type : new TensorType[] {TensorType.I8, TensorType.I32, TensorType.Q4_0}) {
      for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
        StoredMatrix a = StoredMatrix.of(view(type, ByteOrder.BIG_ENDIAN));
        StoredMatrix b = StoredMatrix.of(view(type, order));
        TensorIdentity identity =
            new TensorIdentity(Role.OTHER, 0, TensorIdentity.NONE, "weight", "t");
        Statuses statuses = new Statuses();
        run(List.of(new TensorPair(a, b, identity, true, List.of(), 1)), 1, statuses);
        boolean twin = type != TensorType.I8 && order == ByteOrder.LITTLE_ENDIAN;
        assertThat(statuses.judged)
            .as("%s %s", type, order)
            .containsExactly(twin ? TensorStatus.IDENTICAL : TensorStatus.BIT_IDENTICAL);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
