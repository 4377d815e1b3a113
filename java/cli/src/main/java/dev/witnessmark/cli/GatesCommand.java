package dev.witnessmark.cli;

import dev.witnessmark.causal.diff.CausalDiff;
import dev.witnessmark.causal.diff.CausalOptions;
import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.EdgeSink;
import dev.witnessmark.causal.gate.CrossReference;
import dev.witnessmark.causal.gate.GateStudy;
import dev.witnessmark.causal.gate.GateTopology;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.report.GatesJson;
import dev.witnessmark.report.GatesText;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wmark gates}. */
@Command(
    name = "gates",
    description = {
      "Routers of mixtures of experts: which experts are chosen alike, held against experts of other",
      "blocks, which have nothing to do with each other.",
      "MODEL is an index (a file, folder or pattern of .bgz7) or a checkpoint."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark gates mixture.gguf",
      "  wmark gates 'maverick_shard*.bgz7' --redundant 1000 --json --out gates.json",
      "  wmark gates mixture/ --scaffold mixture/ mixture-tuned/ --measure relative",
      "",
      "Exit codes: 0 done · 2 usage · 3 no router, bad file, or incomplete ·",
      "            5 internal error · 130 interrupted"
    })
final class GatesCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Parameters(arity = "1..*", paramLabel = "MODEL", description = "Models with routers.")
  List<String> models = new ArrayList<>();

  @Option(
      names = "--redundant",
      paramLabel = "L1",
      defaultValue = "500",
      description = {
        "Experts nearer than this are redundant by the bare threshold, default ${DEFAULT-VALUE}."
      })
  long redundant;

  @Option(
      names = "--max-experts",
      paramLabel = "N",
      defaultValue = "" + GateTopology.USUAL_MOST_EXPERTS,
      description =
          "Most experts of a block; pairs grow with their square. Default ${DEFAULT-VALUE}.")
  int maxExperts;

  @Option(
      names = "--scaffold",
      arity = "2",
      paramLabel = "MODEL",
      description = {
        "BASE and TUNED: also look up the routers of their scaffold blocks. --measure and the",
        "thresholds below are for this comparison."
      })
  List<String> scaffold = new ArrayList<>();

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  ShiftOptions shift;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  FingerprintOptions fingerprints;

  @Option(names = "--all", description = "List every block and group.")
  boolean all;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  WorkOptions work;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LimitOptions limit;

  @Override
  public Integer call() throws IOException {
    if (redundant < 0 || maxExperts < 1) {
      throw new ParameterException(
          command.commandLine(), "--redundant is at least 0, --max-experts at least 1");
    }
    if (scaffold.size() > 2) {
      throw new ParameterException(command.commandLine(), "--scaffold can be given once");
    }
    work.requireProcessor("--device: routers are compared on the processor");
    CausalOptions options = shift.options(work.workers());
    output.check();
    GateStudy study;
    try (PairedInputs inputs = new PairedInputs(shift.measure, fingerprints, limit.limits());
        TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      List<GateTopology> gates = new ArrayList<>();
      for (String model : models) {
        output.spare(FingerprintOptions.paths(inputs.model(model).files().stream()));
        gates.add(GateTopology.of(inputs.model(model), redundant, maxExperts));
      }
      List<CrossReference> crossReferences = new ArrayList<>();
      if (!scaffold.isEmpty()) {
        CausalResult diff =
            CausalDiff.run(
                inputs.pair(scaffold.get(0), scaffold.get(1)),
                options,
                EdgeSink.NONE,
                line.progress());
        FingerprintModel base = inputs.model(scaffold.get(0));
        for (int i = 0; i < models.size(); i++) {
          crossReferences.add(
              CrossReference.of(
                  diff.scaffold().numbers(), base, inputs.model(models.get(i)), gates.get(i)));
        }
      }
      study = new GateStudy(gates, crossReferences, run(inputs.files()));
    }
    GateStudy found = study;
    output.write(out -> {
      if (output.json) {
        GatesJson.write(found, out);
      } else {
        GatesText.print(found, all, out);
      }
    });
    return output.exitCode(study.verdict().exit());
  }

  private RunRecord run(Stream<ByteSource> files) throws IOException {
    return new RunRecord(
        Version.number(),
        command.commandLine().getParseResult().originalArgs(),
        "cpu",
        "scalar",
        "distances of fingerprints are sums of whole numbers, equal on every implementation",
        work.threads,
        work.maxMemory,
        Runtime.version().toString(),
        FingerprintOptions.inputs(files));
  }
}
