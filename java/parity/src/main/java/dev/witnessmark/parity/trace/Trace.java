package dev.witnessmark.parity.trace;

import dev.witnessmark.capture.CaptureWriter;
import dev.witnessmark.capture.Manifest;
import dev.witnessmark.capture.Provenance;
import dev.witnessmark.capture.Provenance.MatrixArithmetic;
import dev.witnessmark.capture.TracePlan;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.Matrix;
import dev.witnessmark.inference.MatrixPath;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.StageSink;
import dev.witnessmark.inference.StageTensor;
import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.numerics.Numerics;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.parity.measure.StageValues;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Runs a model and keeps what its stages are. */
public final class Trace {

  private Trace() {}

  /** The name of what computes {@link #exact}. */
  public static String exactName() {
    try (ExactDevice arbiter = new ExactDevice()) {
      return arbiter.name();
    }
  }

  /** {@link #run} in float64. */
  public static TraceResult exact(Model model, TraceOptions options) throws IOException {
    try (ExactDevice arbiter = new ExactDevice()) {
      return run(model, arbiter, options);
    }
  }

  /**
   * Runs the prompt, generates if asked to, and then computes all positions once more with every
   * stage watched: looking must not change what is seen.
   *
   * @throws CouldNotCompare if the logits of the two runs differ, or the capture cannot be written
   */
  public static <M> TraceResult run(Model model, Device<M> device, TraceOptions options)
      throws IOException {
    Optional<TracePlan> plan = Optional.empty();
    if (options.capture().isPresent()) {
      plan = Optional.of(options.capture().get().stages().of(model.hyperparameters()));
    }
    boolean exact = device instanceof ExactDevice;
    try (ForwardPass<M> pass = ForwardPass.open(model, device, options.pass())) {
      pass.launch(options.mode());
      Sequence sequence =
          Sequence.generate(
              pass,
              options.prompt().tokens(),
              options.generate(),
              options.sampler(),
              options.ends());
      Provenance provenance = provenance(model, exact, sequence, options);
      if (plan.isEmpty()) {
        return watched(pass, device, sequence, provenance, options, StageSink.none());
      }
      try (CaptureWriter writer =
          CaptureWriter.create(
              options.capture().get().folder(),
              plan.get(),
              model.hyperparameters(),
              sequence.tokens().size(),
              exact ? TensorType.F64 : TensorType.F32)) {
        TraceResult result =
            watched(pass, device, sequence, provenance, options, new CaptureSink<>(writer, exact));
        Manifest manifest = writer.commit(provenance);
        return new TraceResult(
            result.provenance(),
            result.sequence(),
            result.logits(),
            Optional.of(manifest),
            result.summaries(),
            result.residentLayers(),
            result.quantisedRows(),
            result.crushedRows());
      }
    }
  }

  private static <M> TraceResult watched(
      ForwardPass<M> pass,
      Device<M> device,
      Sequence sequence,
      Provenance provenance,
      TraceOptions options,
      StageSink<M> capture)
      throws IOException {
    sequence.run(pass, StageSink.none());
    float[] unwatched = pass.logits().floats();
    List<StageSummary> summaries = List.of();
    if (options.summarise()) {
      try (SummarySink<M> summary = new SummarySink<>(device)) {
        sequence.run(pass, new Both<>(capture, summary));
        summaries = summary.summaries();
      }
    } else {
      sequence.run(pass, capture);
    }
    float[] logits = pass.logits().floats();
    if (!StageValues.sameBits(logits, unwatched)) {
      throw new CouldNotCompare(
          "%s gave other logits when its stages were watched: it does not compute the same twice"
              .formatted(device.name()));
    }
    return new TraceResult(
        provenance,
        sequence,
        logits,
        Optional.empty(),
        summaries,
        pass.residentLayers(),
        pass.quantisedRows(),
        pass.crushedRows());
  }

  private record Both<M>(StageSink<M> first, StageSink<M> second) implements StageSink<M> {

    @Override
    public boolean wants(StageKey key) {
      return first.wants(key) || second.wants(key);
    }

    @Override
    public void take(StageTensor<M> tensor) throws IOException {
      if (first.wants(tensor.key())) {
        first.take(tensor);
      }
      if (second.wants(tensor.key())) {
        second.take(tensor);
      }
    }
  }

  private static Provenance provenance(
      Model model, boolean exact, Sequence sequence, TraceOptions options) {
    PathPlan paths = options.pass().paths();
    return new Provenance(
        model.checkpoint().path().toString(),
        options.run().inputs(),
        model.hyperparameters(),
        options.prompt().text(),
        sequence.tokens(),
        sequence.calls(options.pass().batch()),
        exact ? "exact" : paths.toString(),
        exact ? List.of() : matrices(model, paths),
        exact ? "f64" : options.pass().cache() == Element.FLOAT16 ? "f16" : "f32",
        options.mode().id(),
        List.of(options.run().kernels()),
        Numerics.VERSION,
        options.run());
  }

  /** Every matrix whose path is not the one that was asked for all. */
  private static List<MatrixArithmetic> matrices(Model model, PathPlan paths) {
    return model
        .weights()
        .products()
        .filter(matrix -> paths.of(matrix) != paths.usual())
        .map(matrix ->
            new MatrixArithmetic(
                matrix.name(), matrix.type().name(), paths.of(matrix).id(), reason(matrix, paths)))
        .toList();
  }

  private static String reason(Matrix matrix, PathPlan paths) {
    return paths.asked(matrix) == MatrixPath.Q8 && paths.of(matrix) == MatrixPath.F32
        ? "type %s has no integer product".formatted(matrix.type())
        : "";
  }
}
