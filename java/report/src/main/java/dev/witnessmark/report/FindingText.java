package dev.witnessmark.report;

import dev.witnessmark.falsify.Control;
import dev.witnessmark.falsify.Finding;
import dev.witnessmark.falsify.Hypothesis;
import java.util.ArrayList;
import java.util.List;

/** A finding in lines: what follows for which claim, from which prediction and control. */
final class FindingText {

  private static final String INDENT = "                 ";

  private FindingText() {}

  /**
   * For example {@code confirmed the paths differ because activations are rounded}.
   *
   * @param remark goes behind the claim
   */
  static List<String> heading(Finding finding, String remark) {
    return Paragraph.lines(
        "      %-9s  ".formatted(finding.outcome().label()), finding.hypothesis().claim() + remark);
  }

  /** Prediction and control, with what was measured. */
  static List<String> details(Finding finding) {
    Hypothesis hypothesis = finding.hypothesis();
    List<String> lines = new ArrayList<>();
    lines.addAll(
        Paragraph.lines(
            INDENT,
            "%s: %s; predicted %s %s (%s)"
                .formatted(
                    hypothesis.quantity(),
                    Numbers.measure(finding.measured()),
                    hypothesis.bound().sign(),
                    Numbers.measure(hypothesis.limit()),
                    hypothesis.basis())));
    lines.addAll(
        Paragraph.lines(
            INDENT,
            finding
                .possibleControl()
                .map(FindingText::control)
                .orElse("control: none, so nothing is confirmed or rejected")));
    return lines;
  }

  private static String control(Control control) {
    return "control: %s: %s".formatted(control.change(), Numbers.measure(control.measured()));
  }
}
