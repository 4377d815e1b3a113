package dev.witnessmark.parity.compare;

import dev.witnessmark.capture.Capture;
import dev.witnessmark.capture.CaptureOptions;
import dev.witnessmark.capture.TraceRequest;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.Sampler;
import dev.witnessmark.kernels.exact.ExactDevice;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.parity.trace.Prompt;
import dev.witnessmark.parity.trace.Trace;
import dev.witnessmark.parity.trace.TraceOptions;
import dev.witnessmark.verdict.RunRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The small trained model that ships with the program, or a changed copy, and captures of it. */
record TestModel(Checkpoint checkpoint, Model model) implements AutoCloseable {

  static final int[] TOKENS = {3, 40, 7, 99, 12};
  static final RunRecord RUN =
      new RunRecord("test", List.of(), "cpu", "host", "test", 1, 1L << 30, "25", List.of());

  private static final Path DEMO = Path.of("../../src/dist/demo/base-q4_k_m.gguf");

  static TestModel open() throws IOException {
    return open(DEMO);
  }

  private static TestModel open(Path path) throws IOException {
    Checkpoint checkpoint = CheckpointReader.open(path, Limits.DEFAULT);
    return new TestModel(checkpoint, Model.of(checkpoint));
  }

  /** A copy in which row {@code row} of a matrix of Q4_K is {@code factor} times as large. */
  static TestModel with(Path copy, String matrix, int row, float factor) throws IOException {
    byte[] bytes = Files.readAllBytes(DEMO);
    try (TestModel demo = open()) {
      TensorView tensor =
          demo.checkpoint.tensors().stream()
              .filter(t -> t.name().equals(matrix))
              .findFirst()
              .orElseThrow();
      int rowBytes = (int) (tensor.bytes() / tensor.shape().rows());
      ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int at = (int) tensor.offset() + row * rowBytes;
      for (int block = at; block < at + rowBytes; block += tensor.type().blockBytes()) {
        for (int scale = block; scale < block + 4; scale += 2) {
          float value = Float.float16ToFloat(file.getShort(scale));
          file.putShort(scale, Float.floatToFloat16(factor * value));
        }
      }
    }
    Files.write(copy, bytes);
    return open(copy);
  }

  /** Captures all stages on a path: {@code f32}, {@code q8} or {@code exact}. */
  Capture capture(Path folder, String path) throws IOException {
    return capture(folder, path, "all", TOKENS);
  }

  Capture capture(Path folder, String path, String stages, int[] tokens) throws IOException {
    if (path.equals("exact")) {
      trace(new ExactDevice(), "f32", folder, stages, tokens);
    } else {
      trace(HostDevice.best(), path, folder, stages, tokens);
    }
    return Capture.open(folder, CaptureOptions.DEFAULT, Limits.DEFAULT);
  }

  private <M> void trace(Device<M> device, String path, Path folder, String stages, int[] tokens)
      throws IOException {
    Trace.run(
        model,
        device,
        new TraceOptions(
            new Prompt(Optional.empty(), tokens),
            0,
            Sampler.greedy(),
            Set.of(),
            Optional.of(new TraceOptions.Target(TraceRequest.parse(stages, "all"), folder)),
            false,
            new PassOptions(PathPlan.parse(path), 64, tokens.length, Element.FLOAT32, 1L << 30),
            LaunchMode.EAGER,
            RUN));
  }

  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
