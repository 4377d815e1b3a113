package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.format.testing.FaultyByteSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputFingerprintTest {

  private static final long WHOLE = 16L << 20;

  @TempDir Path folder;

  private static InputFingerprint of(byte[] bytes) throws IOException {
    return InputFingerprint.of(new BytesSource("model", bytes));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 16 << 20})
  void aSmallFileIsHashedWhole(int size) throws Exception {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    assertThat(of(bytes)).isEqualTo(new InputFingerprint("model", size, sha256, "whole file"));
  }

  @Test
  void everyByteOfASmallFileCounts() throws IOException {
    byte[] bytes = new byte[300];
    Set<String> hashes = new HashSet<>();
    hashes.add(of(bytes).sha256());
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = 1;
      hashes.add(of(bytes).sha256());
      bytes[i] = 0;
    }
    assertThat(hashes).hasSize(bytes.length + 1);
  }

  private String sparse(long size, long place) throws IOException {
    Path path = folder.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(0);
      file.setLength(size);
      if (place >= 0) {
        file.seek(place);
        file.write(1);
      }
    }
    try (FileByteSource source = FileByteSource.open(path)) {
      InputFingerprint input = InputFingerprint.of(source);
      assertThat(input.hashed()).isEqualTo("length, both ends and 64 pages");
      return input.sha256();
    }
  }

  @Test
  void ofALargeFileLengthEndsAndPagesCount() throws IOException {
    long size = (3L << 30) + 5;
    Set<String> hashes = new HashSet<>();
    hashes.add(sparse(size, -1));
    hashes.add(sparse(size + 1, -1));
    hashes.add(sparse(WHOLE + 1, -1));
    hashes.add(sparse(size, 0));
    hashes.add(sparse(size, (1 << 16) - 1));
    hashes.add(sparse(size, size - 1));
    hashes.add(sparse(size, size - (1 << 16)));
    // The page nearest to the middle.
    hashes.add(sparse(size, (long) ((double) (size - (1 << 16)) * 32 / 65) / 4096 * 4096));
    assertThat(hashes).hasSize(8);
  }

  @Test
  void aFileThatCannotBeReadHasNone() {
    FaultyByteSource faulty =
        new FaultyByteSource(
            new BytesSource("model", new byte[100]), FaultyByteSource.Fault.IO_ERROR, 99);
    assertThatThrownBy(() -> InputFingerprint.of(faulty)).isInstanceOf(IOException.class);
  }
}
