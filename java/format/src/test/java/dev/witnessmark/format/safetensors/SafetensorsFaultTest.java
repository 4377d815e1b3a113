package dev.witnessmark.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.FaultyByteSource;
import dev.witnessmark.format.testing.FaultyByteSource.Fault;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Reads that fail while a safetensors file is opened. */
class SafetensorsFaultTest {

  private static final int DATA = 64;
  private static final byte[] MODEL =
      new SafetensorsBuilder()
          .metadata("long", "x".repeat(50_000))
          .tensor("w", "F32", new byte[DATA], DATA / 4)
          .build();

  private final BytesSource file = new BytesSource("model.safetensors", MODEL);

  @Test
  void aShortFileIsTruncated() {
    for (int at = 0; at < MODEL.length; at += 97) {
      assertThat(failureOf(new FaultyByteSource(file, Fault.SHORT, at)))
          .isExactlyInstanceOf(Refusal.Truncated.class);
    }
  }

  @Test
  void aFileThatShrinksIsTruncated() {
    for (int at = 0; at < MODEL.length - DATA; at += 97) {
      assertThat(failureOf(new FaultyByteSource(file, Fault.SHRINKS, at)))
          .isExactlyInstanceOf(Refusal.Truncated.class);
    }
  }

  @Test
  void anErrorOfTheDeviceIsPassedOnAsItIs() {
    for (int at = 0; at < MODEL.length - DATA; at += 97) {
      assertThat(failureOf(new FaultyByteSource(file, Fault.IO_ERROR, at)))
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("Input/output error");
    }
  }

  private static Throwable failureOf(FaultyByteSource faulty) {
    return catchThrowable(() -> SafetensorsHeader.read(faulty, Limits.DEFAULT));
  }
}
