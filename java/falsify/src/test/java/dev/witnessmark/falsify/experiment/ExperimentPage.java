package dev.witnessmark.falsify.experiment;

import static java.util.stream.Collectors.joining;

import dev.witnessmark.falsify.Control;
import dev.witnessmark.falsify.Experiment;
import dev.witnessmark.falsify.ExperimentResult;
import dev.witnessmark.falsify.Figure;
import dev.witnessmark.falsify.Finding;
import dev.witnessmark.falsify.Hypothesis;
import dev.witnessmark.falsify.JudgedClaim;
import dev.witnessmark.falsify.Kernels;
import dev.witnessmark.falsify.Reference;
import dev.witnessmark.falsify.TrialResult;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The page on experiments, made from their table and what they give. */
final class ExperimentPage {

  private ExperimentPage() {}

  /** Writes the page. */
  public static void main(String[] args) throws IOException {
    Files.writeString(Path.of(args[0]), text());
  }

  static String text() throws CouldNotCompare {
    Kernels oracle = Kernels.of(HostDevice.scalar());
    StringBuilder page = new StringBuilder(INTRODUCTION);
    for (Experiment<?> experiment : Experiments.all()) {
      page.append(section(experiment.perform(oracle, oracle)));
    }
    return page.append(EPILOGUE).toString();
  }

  private static final String INTRODUCTION =
      """
      # wmark falsify

      A product of quantised weights can be computed in two ways: decode the weights and multiply floats (path A, here `f32`),
      or quantise the activations as well and multiply integers (path B, here `q8`). The results differ. A series of numbered
      experiments, published elsewhere, set out to find why, and explained a discrepancy of 1700 % that later turned out not
      to exist: it had compared the spread of seven tokens with that of one. Their arithmetic is right to the last bit. What
      was concluded from it is mostly not.

      `wmark falsify` runs them again, from their definitions, and says of each what it shows and what it does not.

      ```
      wmark falsify                        all of them, a line for each claim
      wmark falsify 008 009                two of them, with every figure
      wmark falsify --all --device cuda    every figure; kernels on the first GPU
      wmark falsify --list
      wmark falsify --json --out falsify.json
      ```

      * **Figures** are computed in each experiment's own arithmetic, by scalar code. Every digit that was published must come
        out (*published*), and every digit that another program computed from the definition (*recomputed*). What has no
        reference is *added*.
      * **Bits**: what the program's own kernels make of the same inputs must have the same bits on the scalar oracle and on
        `--device`: the vector unit, the emulated device, a GPU. These kernels follow the
        [contract](kernels.md) and not the experiments, so their values are others.
      * **Claims** have a prediction and a control: the same measurement with only the supposed cause changed. A claim is
        *confirmed* if the prediction holds and fails in the control, *rejected* if it fails and holds in the control, and
        *not shown* otherwise: where there is no control, or it comes out the same, the measurement does not depend on what
        was claimed.

      Exit 0 if every digit, bit and control is as it must be, 1 if not, 3 if the device is missing. JSON:
      [wmark-falsify-v1](../../java/report/src/main/resources/dev/witnessmark/report/wmark-falsify-v1.schema.json).

      ## The same of a real model

      ```
      wmark falsify --model model.gguf --prompt "What is 2+2?"
      wmark falsify --model model.gguf --tokens 1,2,3 --all --device cuda
      ```

      Runs the prompt with path `f32`, and beside every product the same one on path `q8`, from the same activations. An
      activation that is rounded to a multiple of d is off by a number drawn evenly from ±d/2, so a result is off by about a
      normal number with σ² = Σ d²/12·‖w‖² over the blocks of its row. For every matrix: the difference, σ, and z, the root
      mean square of difference/σ, which is 1 if rounding of activations is all there is. The control is a kernel that skips
      sixteen activations of every block; where it would not stand out, z says nothing, and that is marked.

      Then the depth curve: how far the hidden state after each layer is off if all layers take path `q8`, what each layer adds
      by itself (fed what path `f32` has there), and what becomes of the difference of the first layer alone. Differences that
      compound would exceed the sum of what the layers add; the control makes the difference twice as large after every layer.

      On five small trained models z is 0.9 to 1.1 in nearly every matrix, the relative difference of a matrix 0.2 to 1.4 %,
      and the difference after the last layer 0.65 to 1.15 times what independent draws of the layers would give.

      Exit 0 if rounding explains every matrix, 1 if not, 3 if the model has no matrix with an integer product, or no matrix
      would show a broken kernel. JSON:
      [wmark-falsify-model-v1](../../java/report/src/main/resources/dev/witnessmark/report/wmark-falsify-model-v1.schema.json).

      """;

  private static final String EPILOGUE =
      """
      ## The explanation that was made of it

      The published factors, 0.077 % × 5.70 × 50 × 5.56 × 14, multiply to about 1715 %, near the 1723 % that were to be
      explained. The last one is what was missing, so the product could not have come out otherwise; 5.70 and 50 both contain
      the chain of 009; 0.077 % and 5.56 are draws from one noise model; 50 has another divisor than the rest. No control was
      run. What was to be explained had compared a standard deviation over seven tokens with one over the last token; like
      for like it was 1.2.
      """;

  private static String section(ExperimentResult result) {
    Experiment<?> experiment = result.experiment();
    return """
    ## %s: %s

    *%s* Set-up: %s.

    | figure | measured | reference |
    |---|---|---|
    %s
    | bits, CRC-32 of float32 | the same on every device |
    |---|---|
    %s
    %s
    What does not follow:

    %s
    """
        .formatted(
            experiment.number(),
            experiment.title(),
            experiment.question(),
            experiment.setUp(),
            result.figures().stream().map(ExperimentPage::figure).collect(joining()),
            result.trials().stream().map(ExperimentPage::trial).collect(joining()),
            result.claims().stream().map(ExperimentPage::claim).collect(joining()),
            experiment.notShown().stream().map("* %s\n"::formatted).collect(joining()));
  }

  private static String figure(Figure figure) {
    return "| %s | %s | %s |\n"
        .formatted(
            cell(figure.name()), figure.measured(), origin(figure.reference(), figure.agrees()));
  }

  private static String trial(TrialResult trial) {
    return "| %s | %s%s |\n"
        .formatted(
            cell(trial.name()),
            trial.device(),
            trial.reference() == null ? "" : " " + origin(trial.reference(), trial.agrees()));
  }

  private static String origin(@Nullable Reference reference, boolean agrees) {
    if (reference == null) {
      return "added";
    }
    return reference.source().label() + (agrees ? "" : " " + reference.text());
  }

  private static String claim(JudgedClaim claim) {
    Finding finding = claim.finding();
    Hypothesis hypothesis = finding.hypothesis();
    return """
    * **%s**: %s%s. %s: %s, predicted %s %s (%s). %s. %s
    """
        .formatted(
            finding.outcome().label(),
            hypothesis.claim(),
            claim.published() == null || claim.published() == finding.outcome()
                ? ""
                : " (published as %s)".formatted(claim.published().label()),
            capital(hypothesis.quantity()),
            number(finding.measured()),
            hypothesis.bound().sign(),
            number(hypothesis.limit()),
            hypothesis.basis(),
            finding.possibleControl().map(ExperimentPage::control).orElse("No control"),
            claim.meaning());
  }

  private static String control(Control control) {
    return "Control: %s: %s".formatted(control.change(), number(control.measured()));
  }

  private static String number(double value) {
    return new BigDecimal(value).round(new MathContext(3)).toString();
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /** A bar would end the cell. */
  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
