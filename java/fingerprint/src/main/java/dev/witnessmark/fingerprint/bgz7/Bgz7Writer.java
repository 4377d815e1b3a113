package dev.witnessmark.fingerprint.bgz7;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.format.Sha256;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Writes an index file of records that are known beforehand, their fingerprints in any order, under
 * a temporary name: {@link #commit} makes it the file, whole. Safe for use by several threads.
 */
public final class Bgz7Writer implements AutoCloseable {

  /** Bytes that are read back at once. */
  private static final int PIECE = 1 << 16;

  private final Path target;
  private final Path temporary;
  private final boolean kept;
  private final FileChannel channel;
  private final List<Bgz7Entry> entries;

  /** Where the fingerprints of each record begin. */
  private final long[] places;

  /** Fingerprints of each record that were not written yet. */
  private final AtomicLongArray missing;

  private Bgz7Writer(Path target, Path temporary, boolean kept, List<Bgz7Entry> entries)
      throws IOException {
    this.target = target;
    this.temporary = temporary;
    this.kept = kept;
    this.entries = List.copyOf(entries);
    this.places = new long[entries.size()];
    this.missing = new AtomicLongArray(entries.size());
    this.channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE);
    try {
      begin();
    } catch (IOException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  /** Begins a file that replaces {@code target} when it is whole, and otherwise leaves nothing. */
  public static Bgz7Writer create(Path target, List<Bgz7Entry> entries) throws IOException {
    Path temporary = beside(target, "." + ProcessHandle.current().pid());
    Files.deleteIfExists(temporary);
    // Also if the user stops the program meanwhile.
    temporary.toFile().deleteOnExit();
    return new Bgz7Writer(target, temporary, false, entries);
  }

  /**
   * Begins or continues a file that replaces {@code target} when it is whole. Until then it stays
   * beside it, for another process to continue with the same records.
   */
  public static Bgz7Writer resume(Path target, List<Bgz7Entry> entries) throws IOException {
    Path temporary = beside(target, "");
    if (!Files.exists(temporary) && Files.exists(target)) {
      // Interrupted after this file was finished.
      Files.copy(target, temporary);
    }
    return new Bgz7Writer(target, temporary, true, entries);
  }

  private static Path beside(Path target, String suffix) {
    return target.resolveSibling(".%s%s.part".formatted(target.getFileName(), suffix));
  }

  private void begin() throws IOException {
    ByteBuffer header =
        ByteBuffer.allocate(Bgz7Index.HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(Bgz7Index.magic())
            .putInt(entries.size());
    write(0, header.flip());
    long place = Bgz7Index.HEADER_BYTES;
    for (int i = 0; i < places.length; i++) {
      byte[] bytes = entries.get(i).toBytes();
      write(place, ByteBuffer.wrap(bytes));
      places[i] = place + bytes.length;
      missing.set(i, entries.get(i).rows());
      place = Math.addExact(places[i], entries.get(i).fingerprintBytes());
    }
    channel.truncate(place);
    if (channel.size() < place) {
      write(place - 1, ByteBuffer.allocate(1));
    }
  }

  /**
   * Writes fingerprints {@code [first, first + count)} of record {@code entry}, each once.
   *
   * @param fingerprints seventeen numbers for each
   */
  public void write(int entry, long first, int count, short[] fingerprints) throws IOException {
    Objects.checkFromIndexSize(first, count, entries.get(entry).rows());
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(count, Fingerprint.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(fingerprints, 0, count * Fingerprint.DIMENSIONS);
    write(places[entry] + first * Fingerprint.BYTES, bytes);
    missing.addAndGet(entry, -count);
  }

  /** SHA-256 of the fingerprints of record {@code entry} as the file has them now. */
  public String sha256(int entry) throws IOException {
    Sha256 hash = new Sha256();
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    long end = places[entry] + entries.get(entry).fingerprintBytes();
    for (long at = places[entry]; at < end; at += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, end - at));
      while (piece.hasRemaining() && channel.read(piece, at + piece.position()) >= 0) {
        // The file has its full length, so that nothing is missing.
      }
      hash.update(Arrays.copyOf(piece.array(), piece.limit()));
    }
    return hash.hex();
  }

  /**
   * Takes record {@code entry} as written, if that is what the file has; whether it is.
   *
   * @param sha256 hash of its fingerprints
   */
  public boolean keep(int entry, String sha256) throws IOException {
    boolean same = entry >= 0 && entry < places.length && sha256(entry).equals(sha256);
    if (same) {
      missing.set(entry, 0);
    }
    return same;
  }

  private void write(long position, ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes, position + bytes.position());
      }
    } catch (IOException failure) {
      // What the operating system says does not name the file.
      throw new CouldNotCompare(target + ": could not be written: " + failure.getMessage());
    }
  }

  /**
   * Syncs the file and gives it its name.
   *
   * @throws IllegalStateException if fingerprints are missing
   */
  public void commit() throws IOException {
    for (int i = 0; i < places.length; i++) {
      if (missing.get(i) != 0) {
        throw new IllegalStateException(
            "%s lacks %d fingerprints".formatted(entries.get(i).name(), missing.get(i)));
      }
    }
    channel.force(true);
    Files.move(
        temporary, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!kept) {
      Files.deleteIfExists(temporary);
    }
  }
}
