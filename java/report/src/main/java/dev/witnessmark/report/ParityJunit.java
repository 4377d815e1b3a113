package dev.witnessmark.report;

import dev.witnessmark.parity.check.Finding;
import dev.witnessmark.parity.check.ParityResult;
import dev.witnessmark.parity.check.PromptCheck;
import dev.witnessmark.parity.check.RunCheck;
import dev.witnessmark.verdict.ExitCode;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * JUnit XML, as build servers read it: a test case per run of each prompt, and one per finding.
 * What stays in its budget passes.
 */
public final class ParityJunit {

  private static final String SUITE = "wmark parity";

  private ParityJunit() {}

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(ParityResult result, OutputStream out) {
    List<TestCase> cases = new ArrayList<>();
    for (int i = 0; i < result.prompts().size(); i++) {
      PromptCheck prompt = result.prompts().get(i);
      for (RunCheck run : prompt.runs()) {
        cases.add(test(result, i + 1, run));
      }
    }
    for (Finding finding : result.findings()) {
      cases.add(
          new TestCase(
              group(result),
              "prompt %d %s".formatted(finding.prompt(), finding.key()),
              finding.isAllowed() ? TestCase.Outcome.PASSED : TestCase.Outcome.FAILED,
              finding.kind().id(),
              finding.sentence()));
    }
    Junit.write(SUITE, cases, out);
  }

  private static TestCase test(ParityResult result, int prompt, RunCheck run) {
    boolean allowed = result.verdict().exit() == ExitCode.SAME;
    return new TestCase(
        group(result),
        "prompt %d %s run %d".formatted(prompt, run.mode().id(), run.repetition()),
        run.same() || allowed ? TestCase.Outcome.PASSED : TestCase.Outcome.FAILED,
        "run-differs",
        run.first()
            .map(first ->
                String.format(
                    Locale.ROOT,
                    "%,d of %,d stage tensors differ, first %s at position %d",
                    run.differing(),
                    run.stages(),
                    first.key(),
                    first.position()))
            .orElse(String.format(Locale.ROOT, "all %,d stage tensors bit-equal", run.stages())));
  }

  private static String group(ParityResult result) {
    return SUITE + " on " + result.device();
  }
}
