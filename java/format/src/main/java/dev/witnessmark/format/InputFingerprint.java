package dev.witnessmark.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * SHA-256 that tells inputs apart without reading hundreds of gigabytes: of the whole file up to 16
 * MiB; beyond, of its length, its first and last 64 KiB, and 64 evenly spaced pages between, which
 * takes no time beside reading the file once.
 *
 * @param path as named
 * @param bytes its size
 * @param sha256 hash of what {@code hashed} says
 * @param hashed {@code whole file}, or what of a large one was hashed
 */
public record InputFingerprint(String path, long bytes, String sha256, String hashed) {

  private static final long WHOLE = 16L << 20;
  private static final int END = 1 << 16;
  private static final int PAGE = 4096;
  private static final int PAGES = 64;

  /** The fingerprint of an open file. */
  public static InputFingerprint of(ByteSource source) throws IOException {
    long size = source.size();
    if (size <= WHOLE) {
      return new InputFingerprint(source.name(), size, Sha256.of(source), "whole file");
    }
    byte[] length = new byte[Long.BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      length[i] = (byte) (size >>> (8 * i));
    }
    Sha256 hash = new Sha256().update(length).update(source, 0, END);
    for (int page = 1; page <= PAGES; page++) {
      long at = (long) ((double) (size - END) * page / (PAGES + 1)) / PAGE * PAGE;
      hash.update(source, at, PAGE);
    }
    hash.update(source, size - END, END);
    return new InputFingerprint(source.name(), size, hash.hex(), "length, both ends and 64 pages");
  }

  /** Hash of what configuration files and headers say: it may decide how values are read. */
  public static String ofMetadata(Stream<Checkpoint> checkpoints) {
    Sha256 hash = new Sha256();
    checkpoints.forEach(checkpoint ->
        checkpoint
            .metadata()
            .entries()
            .forEach((key, value) ->
                hash.update((key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8))));
    return hash.hex();
  }
}
