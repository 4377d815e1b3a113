package dev.witnessmark.report;

import static dev.witnessmark.report.Table.Align.LEFT;
import static dev.witnessmark.report.Table.Align.RIGHT;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.Provenance;
import dev.witnessmark.format.Printable;
import dev.witnessmark.model.transformer.StageKey;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** The screen of {@code wmark info} on stages. */
public final class StageInfoText {

  private static final int FEW = 12;
  private static final int FEW_TOKENS = 16;

  private StageInfoText() {}

  /**
   * Prints what {@code path} holds.
   *
   * @param all every stage instead of the first few
   */
  public static void print(String path, StageInfo info, boolean all, PrintStream out) {
    switch (info) {
      case StageInfo.OfFile file -> file(path, file, out);
      case StageInfo.OfCapture capture -> capture(path, capture, all, out);
    }
    out.flush();
  }

  private static void file(String path, StageInfo.OfFile file, PrintStream out) {
    out.println(
        Printable.of(
            "%s   APRT stage tensor, %s, %s values, %s"
                .formatted(
                    path,
                    layer(file.header()),
                    Numbers.exact(file.header().elements()),
                    Numbers.bytes(file.header().fileBytes()))));
    if (file.findings().summary() != null || file.findings().sha256() != null) {
      TensorTable table = new TensorTable(List.of(LEFT), List.of("type"), file.findings());
      table.row(List.of("F32"), file.findings());
      out.println();
      table.lines(" ").forEach(out::println);
    }
  }

  /** For example {@code layer 3}. */
  static String layer(AprtHeader header) {
    return header.layer() == AprtHeader.WHOLE_MODEL ? "whole model" : "layer " + header.layer();
  }

  private static void capture(
      String path, StageInfo.OfCapture capture, boolean all, PrintStream out) {
    Provenance from = capture.manifest().provenance();
    out.println(
        Printable.of(
            "%s   capture of %s, %s, %s, %s"
                .formatted(
                    path,
                    from.model(),
                    Numbers.of(capture.stages().size(), "stage"),
                    Numbers.of(from.positions(), "position"),
                    Numbers.bytes(capture.bytes()))));
    out.println();
    Table facts = new Table(LEFT, LEFT);
    facts.row(
        "model",
        "%s, %s, hidden %d, %s of %d, %d key/value"
            .formatted(
                from.hyperparameters().architecture(),
                Numbers.of(from.hyperparameters().layers(), "layer"),
                from.hyperparameters().hidden(),
                Numbers.of(from.hyperparameters().heads(), "head"),
                from.hyperparameters().headSize(),
                from.hyperparameters().keyValueHeads()));
    from.prompt().ifPresent(prompt -> facts.row("prompt", "\"" + prompt + "\""));
    facts.row("tokens", few(from.tokens()));
    facts.row("calls", few(from.calls()));
    facts.row(
        "products",
        "%s, cache %s, %s, numerics contract %d"
            .formatted(from.path(), from.cache(), from.mode(), from.contract()));
    facts.row("device", from.run().device() + ", " + from.run().kernels());
    facts.lines(" ").forEach(line -> out.println(Printable.of(line)));
    out.println();
    stages(capture, all, out);
  }

  private static String few(List<Integer> numbers) {
    return numbers.stream().limit(FEW_TOKENS).map(String::valueOf).collect(Collectors.joining(" "))
        + (numbers.size() > FEW_TOKENS ? " … (%d)".formatted(numbers.size()) : "");
  }

  private static void stages(StageInfo.OfCapture capture, boolean all, PrintStream out) {
    List<StageInfo.InspectedStage> stages = capture.stages();
    TensorTable table =
        new TensorTable(
            List.of(LEFT, RIGHT, LEFT, LEFT, RIGHT),
            List.of("stage", "layer", "type", "shape", "bytes"),
            stages.getFirst().findings());
    int shown = all ? stages.size() : Math.min(FEW, stages.size());
    for (StageInfo.InspectedStage stage : stages.subList(0, shown)) {
      int layer = stage.key().layer();
      table.row(
          List.of(
              stage.key().stage().id(),
              layer == StageKey.NO_LAYER ? Numbers.UNDEFINED : Integer.toString(layer),
              stage.view().type().name(),
              stage.view().shape().toString(),
              Numbers.exact(stage.view().bytes())),
          stage.findings());
    }
    table.lines(" ").forEach(out::println);
    if (shown < stages.size()) {
      out.println(" …%s (--all)".formatted(Numbers.of(stages.size() - shown, "more stage")));
    }
  }
}
