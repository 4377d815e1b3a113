package dev.witnessmark.compare.inspect;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.kernels.decode.WideDecoder;
import dev.witnessmark.kernels.summary.SummaryKernel;
import dev.witnessmark.kernels.summary.SummarySums;
import dev.witnessmark.kernels.summary.WideSummary;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Everything {@code wmark info} says about one checkpoint.
 *
 * @param checkpoint what was opened; may be closed by now
 * @param model its meaning
 * @param tensors its tensors, in file order
 */
public record Inspection(
    Checkpoint checkpoint, ModelDescription model, List<InspectedTensor> tensors) {

  private static final int HASH_PIECE = 1 << 20;

  public Inspection {
    tensors = List.copyOf(tensors);
  }

  /**
   * What to find out beside the header.
   *
   * @param statistics decode every value
   * @param hashes hash every tensor's bytes
   */
  public record Depth(boolean statistics, boolean hashes) {}

  /** Inspects {@code checkpoint} in one pass over its file, if any pass is needed. */
  public static Inspection of(Checkpoint checkpoint, Depth depth, Progress progress)
      throws IOException {
    ModelDescription model = ModelDescription.of(checkpoint);
    List<InspectedTensor> tensors = new ArrayList<>(model.tensors().size());
    if (depth.statistics() || depth.hashes()) {
      progress.begin("reading", checkpoint.tensors().stream().mapToLong(TensorView::bytes).sum());
    }
    KernelChoice kernels = KernelChoice.forValues(model.parameters());
    try (Staging staging = new Staging(kernels);
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(HASH_PIECE);
      for (IdentifiedTensor tensor : model.tensors()) {
        String hash = depth.hashes() ? sha256(tensor.view(), buffer) : null;
        TensorSummary summary =
            depth.statistics() ? summary(tensor.view(), kernels.summary(), staging) : null;
        tensors.add(new InspectedTensor(tensor, summary, hash));
        progress.advance(tensor.view().bytes());
      }
    }
    return new Inspection(checkpoint, model, tensors);
  }

  /** Bytes of all files of the checkpoint. */
  public long fileBytes() {
    return checkpoint.files().stream().mapToLong(ByteSource::size).sum();
  }

  private static TensorSummary summary(TensorView view, SummaryKernel kernel, Staging staging)
      throws IOException {
    SummarySums sums = new SummarySums();
    StoredMatrix matrix = StoredMatrix.of(view);
    boolean wide = WideDecoder.reads(view.type());
    try (MatrixReader reader = matrix.reader(staging)) {
      for (long first = 0; first < matrix.elements(); first += MatrixReader.CHUNK) {
        int count = (int) Math.min(MatrixReader.CHUNK, matrix.elements() - first);
        reader.load(first, count);
        for (int from = 0; from < count; from += SummaryKernel.SEGMENT) {
          int piece = Math.min(SummaryKernel.SEGMENT, count - from);
          if (wide) {
            WideSummary.summarise(reader.wideValues(from, piece), 0, piece, sums);
          } else {
            kernel.summarise(reader.values(from, piece), 0, piece, sums);
          }
        }
      }
    }
    return new TensorSummary(
        sums.minimum(),
        sums.maximum(),
        sums.mean(),
        sums.rms(),
        sums.zeros(),
        sums.nans(),
        sums.infinities());
  }

  private static String sha256(TensorView view, MemorySegment buffer) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
    for (long at = 0; at < view.bytes(); at += HASH_PIECE) {
      MemorySegment piece = buffer.asSlice(0, Math.min(HASH_PIECE, view.bytes() - at));
      view.read(at, piece);
      digest.update(piece.asByteBuffer());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
