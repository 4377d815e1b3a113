package dev.witnessmark.format.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.FaultyByteSource;
import dev.witnessmark.format.testing.FaultyByteSource.Fault;
import dev.witnessmark.format.testing.GgufBuilder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads that fail while a GGUF file is opened or used. */
class GgufFaultTest {

  private static final GgufBuilder MODEL =
      new GgufBuilder()
          .text("general.architecture", "test")
          .text("long", "x".repeat(100_000))
          .tensor("w", TensorType.F32, new byte[4096], 1024);

  private final BytesSource file = new BytesSource("model.gguf", MODEL.build());

  @Test
  void aShortFileIsTruncated() {
    for (int at = 0; at < MODEL.unpadded().length; at += 97) {
      assertThat(failureOf(new FaultyByteSource(file, Fault.SHORT, at)))
          .isExactlyInstanceOf(Refusal.Truncated.class);
    }
  }

  @Test
  void aFileThatShrinksIsTruncated() {
    for (int at = 0; at < MODEL.header().length; at += 97) {
      assertThat(failureOf(new FaultyByteSource(file, Fault.SHRINKS, at)))
          .isExactlyInstanceOf(Refusal.Truncated.class);
    }
  }

  @Test
  void anErrorOfTheDeviceIsPassedOnAsItIs() {
    for (int at = 0; at < MODEL.header().length; at += 97) {
      assertThat(failureOf(new FaultyByteSource(file, Fault.IO_ERROR, at)))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("Input/output error");
    }
  }

  @Test
  void aFileCutAfterOpeningFailsWhenItsTensorIsRead(@TempDir Path folder) throws IOException {
    Path path = Files.write(folder.resolve("model.gguf"), MODEL.build());
    try (Checkpoint checkpoint = GgufReader.read(path, Limits.DEFAULT)) {
      try (RandomAccessFile cut = new RandomAccessFile(path.toFile(), "rw")) {
        cut.setLength(cut.length() - 1024);
      }
      TensorView tensor = checkpoint.tensors().getFirst();
      MemorySegment target = MemorySegment.ofArray(new byte[4096]);

      tensor.read(0, target.asSlice(0, 3072));
      Refusal.Truncated refusal = (Refusal.Truncated) catchThrowable(() -> tensor.read(0, target));

      assertThat(refusal.needed()).isEqualTo(4096);
      assertThat(refusal.available()).isEqualTo(3072);
    }
  }

  private static Throwable failureOf(FaultyByteSource faulty) {
    return catchThrowable(() -> GgufHeader.read(faulty, Limits.DEFAULT));
  }
}
