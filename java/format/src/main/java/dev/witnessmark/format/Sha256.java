package dev.witnessmark.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 that grows piece by piece. */
public final class Sha256 {

  private static final long PIECE = 1 << 20;

  private final MessageDigest digest;

  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The hash of all of {@code source} in hexadecimal, lower case. */
  public static String of(ByteSource source) throws IOException {
    return new Sha256().update(source, 0, source.size()).hex();
  }

  /** Adds {@code bytes}. */
  public Sha256 update(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds {@code count} bytes of {@code source} from {@code position}. */
  public Sha256 update(ByteSource source, long position, long count) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.min(PIECE, count));
      for (long done = 0; done < count; done += buffer.byteSize()) {
        MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, count - done));
        source.read(position + done, piece);
        digest.update(piece.asByteBuffer());
      }
    }
    return this;
  }

  /** The hash of what was added, in hexadecimal, lower case; ends this. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
