package dev.witnessmark.compare;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * SHA-256 that tells inputs apart without reading hundreds of gigabytes: of the whole file up to 16
 * MiB; beyond, of its length, its first and last 64 KiB, and 64 evenly spaced pages between, which
 * takes no time beside reading the file once.
 */
final class InputFingerprint {

  private static final long WHOLE = 16L << 20;
  private static final int END = 1 << 16;
  private static final int PAGE = 4096;
  private static final int PAGES = 64;

  private InputFingerprint() {}

  static RunRecord.Input of(ByteSource source) throws IOException {
    MessageDigest digest = sha256();
    long size = source.size();
    if (size <= WHOLE) {
      for (long at = 0; at < size; at += END) {
        update(digest, source, at, (int) Math.min(END, size - at));
      }
      return new RunRecord.Input(
          source.name(), size, HexFormat.of().formatHex(digest.digest()), "whole file");
    }
    byte[] length = new byte[Long.BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      length[i] = (byte) (size >>> (8 * i));
    }
    digest.update(length);
    update(digest, source, 0, END);
    for (int page = 1; page <= PAGES; page++) {
      long at = (long) ((double) (size - END) * page / (PAGES + 1)) / PAGE * PAGE;
      update(digest, source, at, PAGE);
    }
    update(digest, source, size - END, END);
    return new RunRecord.Input(
        source.name(),
        size,
        HexFormat.of().formatHex(digest.digest()),
        "length, both ends and 64 pages");
  }

  /** Hash of what configuration files and headers say: it may decide how values are read. */
  static String ofMetadata(Stream<Checkpoint> checkpoints) {
    MessageDigest digest = sha256();
    checkpoints.forEach(checkpoint ->
        checkpoint
            .metadata()
            .entries()
            .forEach((key, value) ->
                digest.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8))));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, ByteSource source, long at, int bytes)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(bytes);
      source.read(at, segment);
      digest.update(segment.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
