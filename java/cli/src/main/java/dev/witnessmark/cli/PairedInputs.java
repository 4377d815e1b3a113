package dev.witnessmark.cli;

import dev.witnessmark.causal.diff.FingerprintPairs;
import dev.witnessmark.causal.diff.Measure;
import dev.witnessmark.causal.diff.PairedModels;
import dev.witnessmark.causal.diff.WeightPairs;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.bgz7.Bgz7Model;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Models to be paired, each opened once however often it is compared. */
final class PairedInputs implements AutoCloseable {

  private final Measure measure;
  private final FingerprintOptions fingerprints;
  private final Limits limits;
  private final Map<String, FingerprintModel> models = new LinkedHashMap<>();
  private final Map<String, Operand> operands = new LinkedHashMap<>();

  PairedInputs(Measure measure, FingerprintOptions fingerprints, Limits limits) {
    this.measure = measure;
    this.fingerprints = fingerprints;
    this.limits = limits;
  }

  /** Opens both, unless they are open, and pairs their tensors. */
  PairedModels pair(String base, String tuned) throws IOException {
    return switch (measure) {
      case BASE17 -> FingerprintPairs.of(model(base), model(tuned));
      case RELATIVE -> WeightPairs.of(operand(base), operand(tuned));
    };
  }

  /** The fingerprints of {@code spec}. */
  FingerprintModel model(String spec) throws IOException {
    FingerprintModel open = models.get(spec);
    if (open == null) {
      open = fingerprints.open(spec, limits);
      models.put(spec, open);
    }
    return open;
  }

  private Operand operand(String spec) throws IOException {
    Operand open = operands.get(spec);
    if (open == null) {
      if (Bgz7Model.isMeantBy(spec)) {
        throw new CouldNotCompare(
            spec + ": is an index; --measure relative needs the weights, so name the checkpoint");
      }
      open = Operand.open(spec, limits);
      operands.put(spec, open);
    }
    return open;
  }

  /** All files that were opened. */
  Stream<ByteSource> files() {
    return Stream.concat(
        models.values().stream().flatMap(model -> model.files().stream()),
        operands.values().stream().flatMap(FingerprintOptions::files));
  }

  @Override
  public void close() throws IOException {
    OpenFiles.closeAll(
        Stream.<AutoCloseable>concat(models.values().stream(), operands.values().stream())
            .toList());
  }
}
