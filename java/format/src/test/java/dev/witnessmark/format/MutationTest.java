package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Golden files with a few bytes changed: each opens or is refused, nothing else. */
class MutationTest {

  private static final int MUTANTS_PER_FILE = 100;

  /** Larger ones would only write more tensor data. */
  private static final int LARGEST_FILE = 64 << 10;

  /** Most changes should meet a header, not tensor data. */
  private static final int HEADER = 2048;

  @TempDir Path folder;

  @Test
  void everyMutantOpensOrIsRefused() throws IOException {
    Random random = new Random(20261120);
    List<byte[]> files =
        GoldenFiles.contents("gguf", "gguf-bad", "safetensors", "safetensors-bad").stream()
            .filter(file -> file.length <= LARGEST_FILE)
            .toList();
    Path mutant = folder.resolve("mutant");
    int opened = 0;
    int refused = 0;
    for (byte[] file : files) {
      for (int i = 0; i < MUTANTS_PER_FILE; i++) {
        Files.write(mutant, mutate(file, random));
        try (Checkpoint checkpoint = CheckpointReader.open(mutant, Limits.DEFAULT)) {
          TensorInvariants.check(checkpoint.tensors(), checkpoint.files().getFirst());
          opened++;
        } catch (Refusal expected) {
          refused++;
        }
      }
    }
    assertThat(opened).isGreaterThan(files.size());
    assertThat(refused).isGreaterThan(10 * files.size());
  }

  private static byte[] mutate(byte[] file, Random random) {
    byte[] mutant = file.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0 && mutant.length > 0; changes--) {
      int at = random.nextInt(Math.min(mutant.length, HEADER));
      mutant =
          switch (random.nextInt(5)) {
            case 0 -> flip(mutant, at, 1 << random.nextInt(8));
            case 1 -> flip(mutant, at, random.nextInt(256));
            case 2 -> splice(mutant, at, at, (byte) random.nextInt(256));
            case 3 -> splice(mutant, at, Math.min(mutant.length, at + 1 + random.nextInt(8)));
            default -> Arrays.copyOf(mutant, random.nextInt(mutant.length + 1));
          };
    }
    return mutant;
  }

  private static byte[] flip(byte[] file, int at, int bits) {
    file[at] ^= (byte) bits;
    return file;
  }

  /** {@code file} with the bytes from {@code begin} to {@code end} replaced. */
  private static byte[] splice(byte[] file, int begin, int end, byte... replacement) {
    byte[] result = Arrays.copyOf(file, file.length - (end - begin) + replacement.length);
    System.arraycopy(replacement, 0, result, begin, replacement.length);
    System.arraycopy(file, end, result, begin + replacement.length, file.length - end);
    return result;
  }
}
