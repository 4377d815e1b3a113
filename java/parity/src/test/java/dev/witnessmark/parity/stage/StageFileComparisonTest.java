package dev.witnessmark.parity.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.AprtWriter;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageFileComparisonTest {

  private static final float NAN = Float.intBitsToFloat(0x7FC00001);
  private static final float OTHER_NAN = Float.intBitsToFloat(0xFFC00000);
  private static final float INFINITE = Float.POSITIVE_INFINITY;

  @TempDir Path folder;

  private Path file(String name, long layer, float... values) throws IOException {
    Path path = folder.resolve(name);
    try (AprtWriter writer = new AprtWriter(path, layer)) {
      writer.write(0, Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values));
      writer.commit(values.length);
    }
    return path;
  }

  private static StageFileDifference compare(Path a, Path b, int top) throws IOException {
    return new StageFileComparison(top, "test", List.of("diff"), Progress.NONE).run(a, b);
  }

  private StageFileDifference compare(float[] a, float[] b, int top) throws IOException {
    return compare(file("a", 0, a), file("b", 0, b), top);
  }

  private static float[] f(float... values) {
    return values;
  }

  private static List<Long> places(StageFileDifference difference) {
    return difference.pairs().stream().map(ValuePair::index).toList();
  }

  @Test
  void aTensorAgainstItself() throws IOException {
    StageFileDifference same = compare(f(1, 2, 3, 4), f(1, 2, 3, 4), 10);
    assertThat(same.furthest()).isZero();
    assertThat(same.furthestIndex()).isZero();
    assertThat(same.rms()).isZero();
    assertThat(same.cosine()).isCloseTo(1, within(1e-12));
    assertThat(places(same)).containsExactly(0L, 1L, 2L, 3L);
    assertThat(same.bitEqual()).isEqualTo(4);
    assertThat(same.verdict().label()).isEqualTo("bit-identical");
    assertThat(same.verdict().exit()).isEqualTo(ExitCode.SAME);
  }

  @Test
  void oneValueMoved() throws IOException {
    StageFileDifference moved = compare(f(1, 2, 3, 4), f(1, 2.5f, 3, 4), 10);
    assertThat(moved.furthest()).isEqualTo(0.5f);
    assertThat(moved.furthestIndex()).isEqualTo(1);
    assertThat(moved.rms()).isEqualTo(0.25f);
    assertThat(moved.cosine()).isEqualTo(0.9966351658188517);
    assertThat(moved.differing()).isEqualTo(1);
    assertThat(moved.verdict().label()).isEqualTo("differs");
    assertThat(moved.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void zerosAgainstAnything() throws IOException {
    StageFileDifference zero = compare(new float[5], f(.1f, .5f, -.3f, .05f, .2f), 3);
    assertThat(places(zero)).containsExactly(1L, 2L, 4L);
    assertThat(zero.rms()).isEqualTo(0.28017852f);
    assertThat(zero.cosine()).isZero();
  }

  @Test
  void theExampleOfTheFormat() throws IOException {
    StageFileDifference example =
        compare(
            f(0.5f, -1.25f, 2.0f, -0.0f, 3.5f, 1.0f), f(0.5f, -1.0f, 2.0f, 0.0f, 3.0f, 1.25f), 2);
    assertThat(example.furthest()).isEqualTo(0.5f);
    assertThat(example.furthestIndex()).isEqualTo(4);
    assertThat(example.rms()).isEqualTo(0.25f);
    assertThat(example.cosine()).isEqualTo(0.993570988150713);
    // The third of equal distance comes later and is left out.
    assertThat(example.pairs())
        .containsExactly(
            new ValuePair(4, 3.5f, 3.0f, 0.5f), new ValuePair(1, -1.25f, -1.0f, 0.25f));
    assertThat(example.values()).isEqualTo(6);
    assertThat(example.bitEqual()).isEqualTo(2);
    assertThat(example.differing()).isEqualTo(3);
  }

  @Test
  void distancesAreThoseOfFloat32() throws IOException {
    StageFileDifference large = compare(f(16777216f), f(-1f), 1);
    assertThat(large.furthest()).isEqualTo(16777216f);
  }

  @Test
  void twoZeroTensorsAreIdenticalAndHaveNoCosine() throws IOException {
    StageFileDifference zeros = compare(new float[3], f(0, -0.0f, 0), 10);
    assertThat(zeros.cosine()).isNull();
    assertThat(zeros.rms()).isZero();
    assertThat(zeros.differing()).isZero();
    assertThat(zeros.bitEqual()).isEqualTo(2);
    assertThat(zeros.verdict().label()).isEqualTo("identical");
    assertThat(zeros.verdict().exit()).isEqualTo(ExitCode.SAME);
  }

  @Test
  void aNaNOnOneSideIsADifferenceAndComesFirst() throws IOException {
    StageFileDifference broken =
        compare(f(1, NAN, 3, 0, NAN, 6), f(9, 2, NAN, INFINITE, NAN, 6), 5);
    assertThat(places(broken)).containsExactly(1L, 2L, 3L, 0L, 4L);
    assertThat(broken.nanOnlyA()).isEqualTo(1);
    assertThat(broken.nanOnlyB()).isEqualTo(1);
    assertThat(broken.nanBoth()).isEqualTo(1);
    assertThat(broken.differing()).isEqualTo(4);
    assertThat(broken.bitEqual()).isEqualTo(2);
    assertThat(broken.furthest()).isInfinite();
    assertThat(broken.furthestIndex()).isEqualTo(3);
    assertThat(broken.rms()).isNaN();
    assertThat(broken.cosine()).isNull();
    assertThat(broken.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aNaNAloneIsADifference() throws IOException {
    StageFileDifference broken = compare(f(1, 2), f(1, NAN), 1);
    assertThat(broken.furthest()).isZero();
    assertThat(broken.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    assertThat(places(broken)).containsExactly(1L);
  }

  @Test
  void equalBitsAreEqualWhateverTheyAre() throws IOException {
    float[] odd = f(NAN, INFINITE, -INFINITE, OTHER_NAN, Float.MIN_VALUE, -0.0f);
    StageFileDifference same = compare(odd, odd.clone(), 10);
    assertThat(same.bitEqual()).isEqualTo(6);
    assertThat(same.furthest()).isZero();
    assertThat(same.rms()).isZero();
    assertThat(same.pairs()).allMatch(pair -> pair.distance() == 0);
    assertThat(same.verdict().label()).isEqualTo("bit-identical");
  }

  @Test
  void aNaNOfOtherBitsIsADifference() throws IOException {
    StageFileDifference other = compare(f(1, NAN), f(1, OTHER_NAN), 1);
    assertThat(other.nanBoth()).isEqualTo(1);
    assertThat(other.differing()).isEqualTo(1);
    assertThat(places(other)).containsExactly(1L);
    assertThat(other.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void nothingComparedIsNoPass() throws IOException {
    StageFileDifference empty = compare(f(), f(), 10);
    assertThat(empty.verdict().label()).isEqualTo("could-not-compare");
    assertThat(empty.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
    assertThat(empty.rms()).isZero();
    assertThat(empty.cosine()).isNull();
  }

  @Test
  void theFurthestAreThoseOfASort() throws IOException {
    Random random = new Random(7);
    int count = 300_000;
    float[] a = new float[count];
    float[] b = new float[count];
    for (int i = 0; i < count; i++) {
      // Few different distances, so that many are equally far.
      a[i] = random.nextInt(40);
      b[i] = random.nextInt(1000) == 0 ? NAN : random.nextInt(40);
    }
    List<Long> sorted =
        IntStream.range(0, count)
            .boxed()
            .sorted((i, j) -> Float.compare(Math.abs(a[j] - b[j]), Math.abs(a[i] - b[i])))
            .map(Integer::longValue)
            .toList();
    for (int top : new int[] {1, 7, 400, 10_000}) {
      assertThat(places(compare(a, b, top))).isEqualTo(sorted.subList(0, top));
    }
  }

  @Test
  void valuesBehindTheFirstBufferCount() throws IOException {
    int count = (1 << 19) + 3;
    float[] a = new float[count];
    Arrays.fill(a, 1);
    float[] b = a.clone();
    b[count - 1] = 3;
    StageFileDifference last = compare(a, b, 1);
    assertThat(last.furthestIndex()).isEqualTo(count - 1);
    assertThat(last.rms()).isEqualTo((float) Math.sqrt(4.0 / count));
    assertThat(last.bitEqual()).isEqualTo(count - 1);
  }

  @Test
  void sizesAreComparedBeforeLayers() throws IOException {
    Path two = file("two", 0, 1, 2);
    Path three = file("three", 7, 1, 2, 3);
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> compare(two, three, 1))
        .withMessageContaining("dim_product mismatch")
        .withMessageContaining(two + " has 2")
        .withMessageContaining(three + " has 3");
  }

  @Test
  void otherLayersAreNotCompared() throws IOException {
    Path zero = file("zero", 0, 1, 2);
    Path seven = file("seven", 7, 1, 2);
    Path model = file("model", AprtHeader.WHOLE_MODEL, 1, 2);
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> compare(zero, seven, 1))
        .withMessageContaining("layer mismatch")
        .withMessageContaining("layer 0")
        .withMessageContaining("layer 7");
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> compare(zero, model, 1))
        .withMessageContaining("4294967295");
  }

  @Test
  void theLeftFileIsLookedAtFirst() throws IOException {
    Path good = file("good", 0, 1, 2);
    Path cut = folder.resolve("cut");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(good), 19));
    Path missing = folder.resolve("missing");

    assertThatExceptionOfType(Refusal.Truncated.class).isThrownBy(() -> compare(cut, missing, 1));
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> compare(good, missing, 1));
    assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> compare(missing, cut, 1));
    assertThatExceptionOfType(Refusal.Truncated.class).isThrownBy(() -> compare(good, cut, 1));
  }

  @Test
  void aStageFileAndAModelAreNotCompared() throws IOException {
    Path stage = file("stage", 0, 1, 2);
    Path model = folder.resolve("model.gguf");
    Files.writeString(model, "GGUF and so on, for some bytes");
    for (List<Path> pair : List.of(List.of(stage, model), List.of(model, stage))) {
      assertThatExceptionOfType(CouldNotCompare.class)
          .isThrownBy(() -> compare(pair.getFirst(), pair.getLast(), 1))
          .withMessageContaining(model + " is not");
    }
    assertThatExceptionOfType(CouldNotCompare.class).isThrownBy(() -> compare(stage, folder, 1));
  }

  @Test
  void aFileThatShrinksIsAnError() throws IOException {
    Path path = file("shrinks", 0, new float[1 << 19]);
    Path other = file("other", 0, new float[1 << 19]);
    Progress shrink =
        new Progress() {
          @Override
          public void begin(String task, long totalBytes) {}

          @Override
          public void extend(long bytes) {}

          @Override
          public void advance(long bytes) {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
              file.setLength(100);
            } catch (IOException failure) {
              throw new UncheckedIOException(failure);
            }
          }
        };
    assertThatIOException()
        .isThrownBy(() -> new StageFileComparison(1, "test", List.of(), shrink).run(path, other));
  }

  @Test
  void theRecordSaysWhatWasRead() throws IOException {
    StageFileDifference same = compare(f(1), f(1), 1);
    assertThat(same.run().inputs()).hasSize(2);
    assertThat(same.run().inputs().getFirst().bytes()).isEqualTo(16);
    assertThat(same.run().inputs().getFirst().sha256())
        .isEqualTo(same.run().inputs().getLast().sha256());
    assertThat(same.run().arguments()).containsExactly("diff");
  }
}
