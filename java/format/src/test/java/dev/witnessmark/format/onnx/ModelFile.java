package dev.witnessmark.format.onnx;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.OnnxBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model in a test's folder. */
record ModelFile(Path path) {

  static ModelFile of(Path folder, byte[] model) throws IOException {
    return new ModelFile(Files.write(folder.resolve("model.onnx"), model));
  }

  static ModelFile ofGraph(Path folder, OnnxBytes graph) throws IOException {
    return of(folder, OnnxBytes.model(graph).toByteArray());
  }

  Checkpoint open() throws IOException {
    return OnnxReader.read(path, Limits.DEFAULT);
  }

  /** The descriptions of the tensors; the files are closed again. */
  List<TensorView> tensors() throws IOException {
    try (Checkpoint checkpoint = open()) {
      return checkpoint.tensors();
    }
  }

  static byte[] bytesOf(TensorView tensor) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) tensor.bytes()]);
    tensor.read(0, bytes);
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }
}
