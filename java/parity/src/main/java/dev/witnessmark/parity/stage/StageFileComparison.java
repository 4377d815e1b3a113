package dev.witnessmark.parity.stage;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compares two APRT files, whatever their stage, in one pass through a buffer of each. */
public final class StageFileComparison {

  private static final long BUFFER = 1 << 20;

  private final int top;
  private final String version;
  private final List<String> arguments;
  private final Progress progress;

  /**
   * @param top pairs of values to keep
   * @param version version of Witnessmark, for the record
   * @param arguments the command line, for the record
   */
  public StageFileComparison(int top, String version, List<String> arguments, Progress progress) {
    this.top = top;
    this.version = version;
    this.arguments = List.copyOf(arguments);
    this.progress = progress;
  }

  /**
   * Compares {@code b} with {@code a}.
   *
   * @throws Refusal if one of them is wrong; the left one is looked at first
   * @throws CouldNotCompare if one is no APRT file at all, or their sizes or layers are not the
   *     same, sizes first
   */
  public StageFileDifference run(Path a, Path b) throws IOException {
    try (ByteSource left = open(a, b)) {
      AprtHeader headerA = AprtHeader.read(left);
      try (ByteSource right = open(b, a)) {
        AprtHeader headerB = AprtHeader.read(right);
        requireComparable(left, headerA, right, headerB);
        return compare(left, right, headerA);
      }
    }
  }

  private static ByteSource open(Path path, Path other) throws IOException {
    if (Files.exists(path) && !AprtHeader.begins(path)) {
      throw new CouldNotCompare(
          "%s is a stage file (APRT) and %s is not; compare two stage files, or two checkpoints"
              .formatted(other, path));
    }
    return FileByteSource.open(path);
  }

  private static void requireComparable(
      ByteSource left, AprtHeader a, ByteSource right, AprtHeader b) throws CouldNotCompare {
    if (a.elements() != b.elements()) {
      throw new CouldNotCompare(
          "dim_product mismatch: %s has %d values, %s has %d; stages of different sizes cannot be"
                  .formatted(left.name(), a.elements(), right.name(), b.elements())
              + " compared value by value");
    }
    if (a.layer() != b.layer()) {
      throw new CouldNotCompare(
          "layer mismatch: %s is of %s, %s of %s; stages of different layers are not compared"
              .formatted(left.name(), layer(a), right.name(), layer(b)));
    }
  }

  private static String layer(AprtHeader header) {
    return header.layer() == AprtHeader.WHOLE_MODEL
        ? "the whole model (%d)".formatted(AprtHeader.WHOLE_MODEL)
        : "layer " + header.layer();
  }

  private StageFileDifference compare(ByteSource left, ByteSource right, AprtHeader header)
      throws IOException {
    StageFileSums sums = new StageFileSums(top);
    progress.begin("comparing", 2 * header.fileBytes());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bufferA = arena.allocate(BUFFER);
      MemorySegment bufferB = arena.allocate(BUFFER);
      for (long at = AprtHeader.BYTES; at < header.fileBytes(); at += BUFFER) {
        long some = Math.min(BUFFER, header.fileBytes() - at);
        left.read(at, bufferA.asSlice(0, some));
        right.read(at, bufferB.asSlice(0, some));
        sums.add(bufferA.asSlice(0, some), bufferB.asSlice(0, some));
        progress.advance(2 * some);
      }
    }
    return new StageFileDifference(
        left.name(),
        right.name(),
        header.layer(),
        header.elements(),
        sums.bitEqual(),
        sums.differing(),
        sums.nanOnlyA(),
        sums.nanOnlyB(),
        sums.nanBoth(),
        sums.furthest(),
        sums.furthestIndex(),
        sums.rms(),
        sums.cosine(),
        sums.pairs().toList(),
        verdict(header.elements(), sums),
        new RunRecord(
            version,
            arguments,
            "cpu",
            "scalar",
            "sums are added one after the other, as they are defined",
            1,
            2 * BUFFER,
            Runtime.version().toString(),
            List.of(InputFingerprint.of(left), InputFingerprint.of(right))));
  }

  private static Verdict verdict(long values, StageFileSums sums) {
    if (values == 0) {
      return new Verdict(
          "could-not-compare",
          ExitCode.COULD_NOT_COMPARE,
          List.of("neither file holds a value: nothing was compared"));
    }
    List<String> basis = new ArrayList<>();
    basis.add("%d of %d values differ".formatted(sums.differing(), values));
    long signs = values - sums.bitEqual() - sums.differing();
    if (signs > 0) {
      basis.add("zeros of other sign: %d".formatted(signs));
    }
    long oneSided = sums.nanOnlyA() + sums.nanOnlyB();
    if (oneSided > 0) {
      basis.add("NaN on one side alone: %d".formatted(oneSided));
    }
    if (sums.differing() > 0) {
      return new Verdict("differs", ExitCode.DIFFERS, basis);
    }
    return new Verdict(
        sums.bitEqual() == values ? "bit-identical" : "identical", ExitCode.SAME, basis);
  }
}
