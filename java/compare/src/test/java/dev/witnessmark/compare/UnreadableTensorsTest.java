package dev.witnessmark.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.testing.FaultyByteSource;
import dev.witnessmark.format.testing.FaultyByteSource.Fault;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads fail at chosen bytes: what is left is compared, what is not is said. */
class UnreadableTensorsTest {

  private static final int SMALL = 512;

  /** Values of the tensor in the middle: more than two chunks. */
  private static final int LARGE = 600_000;

  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static TestModel model(boolean changed) {
    float[] large = Numbers.normal(LARGE, 1);
    if (changed) {
      large[LARGE - 1] += 1;
    }
    return TestModel.huggingFace()
        .vector("first", Numbers.normal(SMALL, 2))
        .tensor("large", large, 1000, 600)
        .vector("last", Numbers.normal(SMALL, 3));
  }

  private static void faultAt(Fault fault, long at, boolean inB, boolean changed, int threads)
      throws IOException {
    TestModel a = model(false);
    TestModel b = model(changed);
    (inB ? b : a).on(file -> new FaultyByteSource(file, fault, at));
    DiffResult result =
        assertTimeoutPreemptively(
            LONGEST,
            () -> Diffs.run(a.operand("a"), b.operand("b"), Diffs.options(threads, 3, null)));

    String[] names = {"first", "large", "last"};
    long[] ends = {SMALL * 4L, (SMALL + LARGE) * 4L, (2 * SMALL + LARGE) * 4L};
    List<String> unreadable = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      if (ends[i] > at) {
        unreadable.add(names[i]);
      } else {
        TensorStatus expected = changed && i == 1 ? TensorStatus.MOVED : TensorStatus.BIT_IDENTICAL;
        assertThat(Diffs.of(result, names[i]).status()).isEqualTo(expected);
      }
    }
    assertThat(result.skipped()).extracting(Skipped::name).isEqualTo(unreadable);
    assertThat(result.skipped()).allSatisfy(s -> assertThat(s.reason()).isNotBlank());
    assertThat(result.tensors()).hasSize(names.length - unreadable.size());
    assertThat(result.verdict().label()).isEqualTo("could-not-compare");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
    if (unreadable.size() < 3) {
      assertThat(result.verdict().basis().getFirst())
          .isEqualTo(unreadable.size() + " asked for but not compared");
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void theTensorIsSkippedAndTheOthersAreCompared(Fault fault) throws IOException {
    long chunk = (1L << 18) / 600 * 600 * 4;
    long start = SMALL * 4L;
    long end = start + LARGE * 4L;
    long[] places = {
      0,
      1,
      start - 1,
      start,
      start + 1,
      start + chunk - 1,
      start + chunk,
      start + 2 * chunk + 17,
      end - 1,
      end,
      end + 1,
      end + start - 1
    };
    int run = 0;
    for (long at : places) {
      for (int threads : new int[] {1, 3}) {
        faultAt(fault, at, run % 2 == 0, run % 3 == 0, threads);
        run++;
      }
    }
  }

  /** Every run names the same tensors for the same reasons, in the same order. */
  @ParameterizedTest
  @EnumSource(Fault.class)
  void whatIsSaidDoesNotDependOnTheThreads(Fault fault) throws IOException {
    List<Skipped> once = null;
    for (int threads : new int[] {1, 2, 7, 7, 7, 7}) {
      TestModel b = model(true).on(file -> new FaultyByteSource(file, fault, 3000));
      List<Skipped> skipped =
          Diffs.run(model(false).operand("a"), b.operand("b"), Diffs.options(threads, 3, null))
              .skipped();
      once = once == null ? skipped : once;
      assertThat(skipped).hasSize(2).isEqualTo(once);
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void theRunRecordSaysThatTheFileWasNotHashed(Fault fault) throws IOException {
    TestModel b = model(false).on(file -> new FaultyByteSource(file, fault, 3000));
    DiffResult result = Diffs.run(model(false), b);
    assertThat(result.run().inputs()).hasSize(2);
    if (fault != Fault.SHORT) {
      assertThat(result.run().inputs().getLast().sha256()).isEmpty();
    }
  }
}
