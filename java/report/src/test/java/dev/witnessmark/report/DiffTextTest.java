package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.FloorUse;
import dev.witnessmark.compare.Skipped;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.model.Role;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Verdict;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DiffTextTest {

  private static String text(DiffResult result, boolean all) {
    return Results.printed(out ->
        DiffText.print(result, new DiffText.Style(all, DiffSort.RELATIVE, false, null), out));
  }

  @Test
  void tellsTheStory() {
    String text =
        text(
            Results.result(
                Results.differs(),
                Results.moved("q2", Role.ATTENTION_Q, 2, 0.9),
                Results.moved("o2", Role.ATTENTION_OUTPUT, 2, 1.4),
                Results.equal("k2", Role.ATTENTION_K, 2)),
            false);

    assertThat(text)
        .contains("a.gguf → b.gguf   llama, 2 blocks, 20 tensors, 5.05 M values   BF16 on both")
        .contains(
            "2 of 3 tensors moved, all of them attention q and o in block 2.  1 is bit-identical.")
        .contains("Compared 18 values in 3 tensors; nothing skipped.")
        .endsWith("differs (exit 1)   cpu · scalar · 2 threads\n");
    assertThat(text.indexOf("blk 2 attention o")).isLessThan(text.indexOf("blk 2 attention q  "));
    assertThat(text.lines().filter(line -> line.startsWith(" blk 2 attention q")).findFirst())
        .hasValueSatisfying(line -> assertThat(line).contains("0.9000", "0.5000", "[1, 1]", "1/2"));
  }

  @Test
  void oneIsNoPlural() {
    String text =
        text(
            Results.result(Results.differs(), Results.moved("q", Role.ATTENTION_Q, 0, 1.0)), false);

    assertThat(text)
        .contains("1 of 1 tensor moved")
        .contains("values in 1 tensor;")
        .doesNotContain("1 tensors");
  }

  @Test
  void whatWasNotComparedIsNotSaidToStandStill() {
    TensorDifference incompatible =
        Results.tensor("w", Results.identity(Role.ATTENTION_Q, 0), TensorStatus.INCOMPATIBLE, null);
    Verdict none = new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, List.of());

    assertThat(text(Results.result(none, incompatible), false))
        .contains(" No tensor was compared.  1 is of incompatible shape.");
    assertThat(
            text(
                Results.result(
                    Results.differs(),
                    incompatible,
                    Results.equal("k", Role.ATTENTION_K, 0),
                    Results.equal("v", Role.ATTENTION_V, 0)),
                false))
        .contains(" None of 2 compared tensors moved.  ");
    assertThat(
            text(
                Results.result(
                    Results.differs(), incompatible, Results.equal("k", Role.ATTENTION_K, 0)),
                false))
        .contains(" The one tensor that was compared did not move.  ");
  }

  @Test
  void skippedTensorsAreTheFirstLine() {
    String text =
        text(
            Results.result(
                new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, List.of()),
                List.of(new Skipped("blk.0.attn_q.weight", "the file ended")),
                Results.equal("k", Role.ATTENTION_K, 0)),
            false);

    assertThat(text).startsWith("1 asked for but not compared:\n  blk.0.attn_q.weight: the file");
    assertThat(text).contains("could-not-compare (exit 3)");
  }

  @Test
  void namesCannotControlTheTerminal() {
    String hostile = "w\u001b[2J\u202egpj\u009b\nfake line";
    TensorDifference guessed =
        new TensorDifference(
            Results.tensor(hostile, Results.identity(Role.OTHER, -1), TensorStatus.MOVED, null).a(),
            null,
            Results.identity(Role.OTHER, -1),
            true,
            TensorStatus.MOVED,
            hostile,
            List.of(hostile),
            Results.changed(0.5, 0.5, null),
            hostile);

    String text =
        text(
            Results.result(
                Results.differs(),
                List.of(new Skipped(hostile, hostile)),
                guessed,
                Results.tensor(
                    hostile, Results.identity(Role.OTHER, 0), TensorStatus.ONLY_IN_A, null)),
            true);

    assertThat(text)
        .contains("w\\u001b[2J\\u202egpj\\u009b\\u000afake line")
        .doesNotContain("\u001b", "\u202e", "\u009b", "\nfake");
  }

  @Test
  void aZeroVectorHasNoCosine() {
    String text =
        text(
            Results.result(
                Results.differs(),
                Results.tensor(
                    "q",
                    Results.identity(Role.ATTENTION_Q, 0),
                    TensorStatus.MOVED,
                    Results.changed(null, null, null))),
            false);

    assertThat(text.lines().filter(line -> line.startsWith(" blk 0 attention q")).findFirst())
        .hasValueSatisfying(line -> assertThat(line.split("–", -1)).hasSize(3));
  }

  @Test
  void listsFewUnlessAllAreWanted() {
    TensorDifference[] tensors =
        IntStream.range(0, 20)
            .mapToObj(i -> Results.moved("q" + i, Role.ATTENTION_Q, i, 0.1 * (i + 1)))
            .toArray(TensorDifference[]::new);
    DiffResult result = Results.result(Results.differs(), tensors);

    assertThat(text(result, false)).contains("…14 more (--all)");
    assertThat(text(result, true)).doesNotContain("more (--all)");
    assertThat(text(result, true).lines().filter(line -> line.contains("attention q ")))
        .hasSizeGreaterThanOrEqualTo(20);
  }

  @Test
  void theBudgetIsShownWhereThereIsOne() {
    DiffResult result =
        Results.result(
            Results.differs(),
            Results.tensor(
                "q",
                Results.identity(Role.ATTENTION_Q, 0),
                TensorStatus.MOVED,
                Results.changed(0.5, 0.9, new FloorUse(0, 1, 0, 15.43, 4L))));

    assertThat(text(result, false)).contains("budget used", "15.43×");
    assertThat(
            Results.printed(out ->
                DiffText.print(result, new DiffText.Style(false, DiffSort.FILE, true, null), out)))
        .contains(BudgetBasis.LINES);
  }

  /** A result of which nothing was compared claims nothing about storage. */
  @Test
  void nothingComparedIsSaid() {
    String text =
        text(
            Results.result(
                new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, List.of("nothing")),
                Results.tensor(
                    "a", Results.identity(Role.OTHER, -1), TensorStatus.ONLY_IN_A, null)),
            false);

    assertThat(text)
        .contains("Compared 0 values in 0 tensors")
        .contains("only in A")
        .doesNotContain("store alike");
  }
}
