package dev.witnessmark.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.FaultyByteSource;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Journal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiffJournalTest {

  @TempDir Path folder;

  private Path journal() {
    return folder.resolve("diff.journal");
  }

  private static TestModel model(int changed) {
    TestModel model = TestModel.huggingFace();
    for (int i = 0; i < 6; i++) {
      float[] values = Numbers.normal(64, i);
      values[3] += i == changed ? 1 : 0;
      model.tensor("t" + i, values, 2, 32);
    }
    return model.vector("zero", 0, i(changed), Float.NaN);
  }

  private static float i(int changed) {
    return changed < 0 ? 0 : Float.NEGATIVE_INFINITY;
  }

  private DiffResult run(TestModel a, TestModel b, int top) throws IOException {
    return Diffs.run(a.operand("a"), b.operand("b"), Diffs.options(1, top, journal()));
  }

  @Test
  void aJournalLeavesTheResultAsItIs() throws IOException {
    DiffResult plain =
        Diffs.run(model(-1).operand("a"), model(2).operand("b"), Diffs.options(1, 5, null));
    DiffResult journaled = run(model(-1), model(2), 5);
    assertThat(journaled).isEqualTo(plain);
    byte[] written = Files.readAllBytes(journal());
    assertThat(run(model(-1), model(2), 5)).isEqualTo(plain);
    assertThat(Files.readAllBytes(journal())).isEqualTo(written);
    assertThat(Files.readAllLines(journal())).hasSize(1 + 7);
  }

  /** As a power cut may leave it. */
  @Test
  void aJournalCutAtAnyByteIsCarriedOn() throws IOException {
    DiffResult whole = run(model(-1), model(2), 2);
    byte[] written = Files.readAllBytes(journal());
    for (int length = 0; length <= written.length; length += length < 20 ? 1 : 101) {
      Files.write(journal(), Arrays.copyOf(written, length));
      assertThat(run(model(-1), model(2), 2)).as("cut at %d", length).isEqualTo(whole);
      assertThat(Files.readAllBytes(journal())).as("cut at %d", length).isEqualTo(written);
    }
    List<Integer> lineEnds = new ArrayList<>();
    for (int i = 0; i < written.length; i++) {
      if (written[i] == '\n') {
        lineEnds.add(i);
      }
    }
    for (int end : lineEnds) {
      for (int length : new int[] {end - 1, end, end + 1, end + 2}) {
        Files.write(journal(), Arrays.copyOf(written, Math.min(length, written.length)));
        assertThat(run(model(-1), model(2), 2)).as("cut at %d", length).isEqualTo(whole);
        assertThat(Files.readAllBytes(journal())).as("cut at %d", length).isEqualTo(written);
      }
    }
  }

  @Test
  void whatIsInTheJournalIsNotReadAgain() throws IOException {
    run(model(-1), model(2), 5);
    String text = Files.readString(journal());
    Files.writeString(journal(), text.replace("all bytes equal", "all bytes as remembered"));
    assertThat(Diffs.of(run(model(-1), model(2), 5), "t0").basis())
        .isEqualTo("F32 on both sides, all bytes as remembered");
  }

  private void refused(TestModel a, TestModel b, int top) throws IOException {
    byte[] before = Files.readAllBytes(journal());
    assertThatThrownBy(() -> run(a, b, top)).isInstanceOf(Journal.Mismatch.class);
    assertThat(Files.readAllBytes(journal())).isEqualTo(before);
  }

  @Test
  void otherInputsAndOptionsAreRefused() throws IOException {
    run(model(-1), model(2), 5);
    refused(model(-1), model(3), 5);
    refused(model(2), model(2), 5);
    refused(model(-1).vector("more", 1), model(2), 5);
    refused(model(-1), model(2), 4);
    byte[] before = Files.readAllBytes(journal());
    assertThatThrownBy(() ->
            Diffs.run(
                model(-1).operand("elsewhere"),
                model(2).operand("b"),
                Diffs.options(1, 5, journal())))
        .isInstanceOf(Journal.Mismatch.class);
    assertThatThrownBy(() ->
            Diffs.run(
                model(-1).operand("a"),
                model(2).operand("b"),
                new DiffOptions(
                    List.of(), 5, 1, 1L << 30, journal(), null, null, List.of(), "other version")))
        .isInstanceOf(Journal.Mismatch.class);
    assertThat(Files.readAllBytes(journal())).isEqualTo(before);
  }

  /** The number of threads and the choice of tensors do not change the result of a tensor. */
  @Test
  void otherThreadsAndTensorsAreNot() throws IOException {
    DiffResult whole = run(model(-1), model(2), 5);
    DiffResult some =
        Diffs.run(
            model(-1).operand("a"),
            model(2).operand("b"),
            new DiffOptions(
                List.of("t2"), 5, 3, 1L << 30, journal(), null, null, List.of("diff"), "test"));
    assertThat(some.tensors()).containsExactly(Diffs.of(whole, "t2"));
    assertThat(some.excluded()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "my only copy of a thesis",
        "line\n",
        "null\n",
        "{}\n",
        "{\"schema\":7}\n",
        "\n",
        "\0\0\0\0",
        "{\"schema\":\"wmark-diff-journal-v1\"}\n"
      })
  void aFileThatIsNoJournalIsRefusedAndKept(String content) throws IOException {
    Files.writeString(journal(), content);
    refused(model(-1), model(2), 5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x", "", "null", "{}", "{\"pair\":0,\"result\":null}", "{\"pair\":\"z\"}", "[]"})
  void aDamagedLineIsRefused(String line) throws IOException {
    run(model(-1), model(2), 5);
    List<String> lines = Files.readAllLines(journal());
    Files.write(
        journal(),
        (lines.getFirst() + "\n" + line + "\n" + lines.getLast() + "\n")
            .getBytes(StandardCharsets.UTF_8));
    refused(model(-1), model(2), 5);
  }

  @Test
  void anUnreadableInputHasNoJournal() {
    TestModel faulty =
        model(2).on(file -> new FaultyByteSource(file, FaultyByteSource.Fault.IO_ERROR, 700));
    assertThatThrownBy(() -> run(model(-1), faulty, 5)).isInstanceOf(IOException.class);
    assertThat(journal()).doesNotExist();
  }

  /** Opening one would wait for a writer that never comes. */
  @Test
  void aPipeIsNoJournal() throws Exception {
    Process mkfifo = new ProcessBuilder("mkfifo", journal().toString()).start();
    assumeTrue(mkfifo.waitFor() == 0, "this system has no named pipes");
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () ->
            assertThatThrownBy(() -> run(model(-1), model(2), 5))
                .isInstanceOf(CouldNotCompare.class)
                .hasMessageContaining(journal().toString()));
  }

  @Test
  void everyNumberSurvives() throws IOException {
    TensorDifference strange =
        new TensorDifference(
            null,
            new Side("名前 \"\\\n\u0000\ud83d\ude00", TensorType.IQ4_XS, List.of(0L, Long.MAX_VALUE)),
            new TensorIdentity(Role.EXPERT_UP, 3, TensorIdentity.ALL, "weight", "x"),
            true,
            TensorStatus.MOVED,
            "",
            List.of("a", "b"),
            new ValueDifference(
                Long.MAX_VALUE,
                1,
                2,
                8,
                null,
                3,
                4,
                5L,
                6,
                7,
                new Extreme(1, 2, 3, -0.0, Double.MIN_VALUE, Math.nextDown(1.0)),
                Double.NaN,
                Double.POSITIVE_INFINITY,
                null,
                Double.NEGATIVE_INFINITY,
                0x1.fffffffffffffp1023,
                null,
                List.of(new Extreme(Long.MAX_VALUE, 0, 0, 1, 2, -1)),
                List.of(new HistogramBin(Double.POSITIVE_INFINITY, 9), new HistogramBin(0.1, 8)),
                new RowChanges(5, 4, List.of(new RowChange(3, Double.POSITIVE_INFINITY))),
                new FloorUse(1, 2, 0.3, Double.POSITIVE_INFINITY, null)),
            "diagnosis");
    InputFingerprint input = new InputFingerprint("p", 1, "ff", "whole file");
    try (DiffJournal open = DiffJournal.open(journal(), "v", "a", "b", "m", List.of(input), 5)) {
      assertThat(open.finished()).isEmpty();
      open.append(41, strange);
    }
    try (DiffJournal open = DiffJournal.open(journal(), "v", "a", "b", "m", List.of(input), 5)) {
      assertThat(open.finished()).isEqualTo(Map.of(41, strange));
    }
  }
}
