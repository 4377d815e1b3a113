package dev.witnessmark.format.onnx;

import static dev.witnessmark.format.testing.OnnxBytes.attribute;
import static dev.witnessmark.format.testing.OnnxBytes.entry;
import static dev.witnessmark.format.testing.OnnxBytes.floats;
import static dev.witnessmark.format.testing.OnnxBytes.message;
import static dev.witnessmark.format.testing.OnnxBytes.model;
import static dev.witnessmark.format.testing.OnnxBytes.node;
import static dev.witnessmark.format.testing.OnnxBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.FaultyByteSource;
import dev.witnessmark.format.testing.OnnxBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged models are read or refused, never anything else. */
class OnnxMutationTest {

  private static final long SEED = 20260101;
  private static final int MUTANTS = 3000;

  /** So low that a wrong allocation would be seen as a wrong result. */
  private static final Limits LIMITS = new Limits(1 << 16, 0, 100, 100, 1000, 1000, 100, 1, 1, 3);

  @TempDir private Path folder;

  @BeforeEach
  void writeExternalFile() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[64]);
  }

  @Test
  void theModelItselfIsRead() throws IOException {
    assertThat(ModelFile.of(folder, everything()).tensors())
        .extracting(TensorView::name)
        .containsExactly("a.weight", "a.bias", "b.weight", "outside", "small", "c.weight");
  }

  @Test
  void changedBytes() throws IOException {
    Random random = new Random(SEED);
    byte[] whole = everything();
    int read = 0;
    for (int i = 0; i < MUTANTS; i++) {
      byte[] mutant = whole.clone();
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
      }
      read += readOrRefused(mutant, "changed, mutant " + i) ? 1 : 0;
    }
    // Both outcomes are tried: most bytes of names and values may be anything.
    assertThat(read).isBetween(MUTANTS / 20, MUTANTS * 19 / 20);
  }

  @Test
  void everyShorterFile() throws IOException {
    byte[] whole = everything();
    for (int length = 0; length < whole.length; length++) {
      assertThat(readOrRefused(Arrays.copyOf(whole, length), "first " + length + " bytes"))
          .as("a model cut after %d of %d bytes", length, whole.length)
          .isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(FaultyByteSource.Fault.class)
  void aFileThatGoesWrongAtAnyByte(FaultyByteSource.Fault fault) throws IOException {
    BytesSource whole = new BytesSource("faulty", everything());
    for (int at = 0; at < whole.size(); at++) {
      ByteSource faulty = new FaultyByteSource(whole, fault, at);
      boolean refusal = fault != FaultyByteSource.Fault.IO_ERROR;
      assertThatExceptionOfType(IOException.class)
          .as("%s at byte %d", fault, at)
          .isThrownBy(() -> {
            try (OpenFiles files = new OpenFiles()) {
              OnnxReader.read(folder.resolve("model.onnx"), faulty, files, LIMITS).close();
            }
          })
          .satisfies(thrown -> assertThat(thrown instanceof Refusal).isEqualTo(refusal));
    }
  }

  private boolean readOrRefused(byte[] model, String what) throws IOException {
    try (Checkpoint checkpoint = OnnxReader.read(ModelFile.of(folder, model).path(), LIMITS)) {
      WellFormed.check(checkpoint);
      return true;
    } catch (Refusal refusal) {
      return false;
    } catch (RuntimeException | IOException wrong) {
      throw new AssertionError(what + ", seed " + SEED, wrong);
    }
  }

  /** A model with every construct that is interpreted; the graph is its last field. */
  private static byte[] everything() {
    OnnxBytes branch = message().with(node("MatMul", "/c/MatMul", "u", "x", "onnx::MatMul_3"));
    OnnxBytes graph =
        message()
            .with(node("MatMul", "/a/MatMul", "p", "x", "onnx::MatMul_1"))
            .with(node("Add", "", "y", "p", "a.bias"))
            .with(
                node("DequantizeLinear", "", "d", "b.weight_quantized", "s", "z")
                    .attributed(attribute("axis", 0)))
            .with(
                node("Transpose", "", "t", "d")
                    .attributed(message().text(1, "perm").integers(8, 1, 0)))
            .with(node("MatMul", "", "q", "x", "t"))
            .with(
                node("Constant", "", "k")
                    .attributed(message().text(1, "value").message(5, tensor("", 7, 1))))
            .with(
                node("If", "", "v", "c")
                    .attributed(message().text(1, "then_branch").message(6, branch)))
            .initializer(floats("onnx::MatMul_1", List.of(2L, 2L), 1f, 2f, 3f, 4f))
            .initializer(floats("a.bias", List.of(2L), 1f, 2f))
            .initializer(tensor("b.weight_quantized", 2, 2, 3).bytes(9, new byte[6]))
            .initializer(floats("s", List.of(2L), 0.5f, 2f))
            .initializer(tensor("z", 3, 2).integers(5, -1, 1))
            .initializer(
                tensor("outside", 1, 4)
                    .external(entry("location", "weights.bin"), entry("offset", "16")))
            .initializer(tensor("small", 6, 3).integers(5, 1, -2, 3))
            .initializer(floats("onnx::MatMul_3", List.of(1L, 1L), 1f));
    return message()
        .integer(1, 8)
        .text(2, "test")
        .message(8, message().integer(2, 17))
        .message(14, entry("key", "value"))
        .message(7, graph)
        .toByteArray();
  }
}
