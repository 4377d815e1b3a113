package dev.witnessmark.compare.inspect;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.MatrixReader;
import dev.witnessmark.compare.matrix.Staging;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.format.Sha256;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.kernels.decode.WideDecoder;
import dev.witnessmark.kernels.summary.SummaryKernel;
import dev.witnessmark.kernels.summary.SummarySums;
import dev.witnessmark.kernels.summary.WideSummary;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads tensors to find out what was asked for. For one thread. */
public final class TensorInspector implements AutoCloseable {

  /**
   * What to find out beside the header.
   *
   * @param statistics decode every value
   * @param hashes hash every tensor's bytes
   */
  public record Depth(boolean statistics, boolean hashes) {

    /** Whether tensors are read at all. */
    public boolean reads() {
      return statistics || hashes;
    }
  }

  /**
   * What was found out of one tensor.
   *
   * @param summary statistics, or null if not asked for
   * @param sha256 hash of the stored bytes, or null if not asked for
   */
  public record Findings(@Nullable TensorSummary summary, @Nullable String sha256) {}

  private final Depth depth;
  private final KernelChoice kernels;
  private final Staging staging;

  /**
   * @param values how many all tensors have
   */
  public TensorInspector(Depth depth, long values) {
    this.depth = depth;
    this.kernels = KernelChoice.forValues(values);
    this.staging = new Staging(kernels);
  }

  /** Reads {@code view} as often as the depth needs. */
  public Findings inspect(TensorView view) throws IOException {
    return new Findings(
        depth.statistics() ? summary(view) : null,
        depth.hashes()
            ? new Sha256().update(view.source(), view.offset(), view.bytes()).hex()
            : null);
  }

  private TensorSummary summary(TensorView view) throws IOException {
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
            kernels.summary().summarise(reader.values(from, piece), 0, piece, sums);
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

  @Override
  public void close() {
    staging.close();
  }
}
