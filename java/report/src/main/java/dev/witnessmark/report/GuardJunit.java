package dev.witnessmark.report;

import dev.witnessmark.bench.guard.CellResult;
import dev.witnessmark.bench.guard.GuardResult;
import java.io.OutputStream;

/**
 * JUnit XML, as build servers read it: a test case per cell. A loss is a failure; what is unclear
 * or was not compared is an error, for the test could not tell.
 */
public final class GuardJunit {

  private static final String SUITE = "wmark guard";

  private GuardJunit() {}

  /** Writes {@code result} to {@code out}, which stays open. */
  public static void write(GuardResult result, OutputStream out) {
    Junit.write(SUITE, result.cells().stream().map(GuardJunit::test).toList(), out);
  }

  private static TestCase test(CellResult cell) {
    return new TestCase(
        SUITE + " on " + cell.key().device().label(),
        cell.key().label(),
        switch (cell.outcome()) {
          case SLOWER -> TestCase.Outcome.FAILED;
          case UNCLEAR, NOT_COMPARED -> TestCase.Outcome.ERROR;
          case FASTER, SAME -> TestCase.Outcome.PASSED;
        },
        cell.reason() == null ? cell.outcome().label() : cell.reason().label(),
        GuardSentence.of(cell));
  }
}
