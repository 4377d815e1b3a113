package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.AffineCode;
import dev.witnessmark.format.ByteOrderSwap;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.decode.WideDecoder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A tensor as it is in its file.
 *
 * @param view the tensor
 * @param rows rows of the matrix
 * @param columns values of one row; {@code rows × columns} is the tensor's number of elements
 */
public record StoredMatrix(TensorView view, long rows, long columns) implements Matrix {

  /** The tensor as a matrix whose rows run over its last dimension. */
  public static StoredMatrix of(TensorView view) {
    return new StoredMatrix(view, view.shape().rows(), view.shape().columns());
  }

  /** A vector as a matrix of one column, so that its elements can be permuted as rows. */
  public static StoredMatrix column(TensorView view) {
    return new StoredMatrix(view, view.shape().elements(), 1);
  }

  @Override
  public String name() {
    return view.name();
  }

  @Override
  public TensorType type() {
    return view.type();
  }

  @Override
  public boolean isCoded() {
    return view.affine() != null;
  }

  @Override
  public boolean isStored() {
    return view.affine() == null;
  }

  @Override
  public boolean isSwapped() {
    return view.order() == ByteOrder.BIG_ENDIAN && ByteOrderSwap.changes(view.type());
  }

  @Override
  public boolean bounded() {
    return view.affine() != null || Decoders.hasDerivedBound(view.type());
  }

  @Override
  public MatrixReader reader(Staging staging) {
    return new Reader(view, staging);
  }

  private static final class Reader implements MatrixReader {

    /** Up to 2⁵³ float64 holds every integer. */
    private static final double LARGEST_EXACT_INTEGER = 0x1p53;

    private final TensorView view;
    private final TensorType type;
    private final Staging staging;
    private final Decoder decoder;
    private final MemorySegment stored;
    private final MemorySegment values;
    private final MemorySegment wide;
    private final MemorySegment bounds;
    private final MemorySegment wideBounds;
    private MemorySegment loaded;
    private long first;

    /** First element of the piece whose bounds are already in {@code bounds}, or −1. */
    private int boundedFrom = -1;

    Reader(TensorView view, Staging staging) {
      this.view = view;
      this.type = view.type();
      this.staging = staging;
      this.decoder = staging.decoder(type);
      this.stored = staging.take(type.bytes(CHUNK));
      this.values = staging.take(PIECE * (long) Float.BYTES);
      this.wide = staging.take(PIECE * (long) Double.BYTES);
      this.bounds = staging.take(PIECE * (long) Float.BYTES);
      this.wideBounds = staging.take(PIECE * (long) Double.BYTES);
      this.loaded = stored.asSlice(0, 0);
    }

    @Override
    public void load(long first, int count) throws IOException {
      load(first, count, stored);
    }

    @Override
    public void load(long first, int count, MemorySegment memory) throws IOException {
      boundedFrom = -1;
      loaded = memory.asSlice(0, type.bytes(count));
      view.read(type.bytes(first), loaded);
      if (view.order() == ByteOrder.BIG_ENDIAN) {
        ByteOrderSwap.swap(type, loaded);
      }
      this.first = first;
    }

    @Override
    public @Nullable MemorySegment storedBytes() {
      return view.affine() == null ? loaded : null;
    }

    @Override
    public MemorySegment values(int from, int count) {
      boundedFrom = -1;
      if (type == TensorType.F32) {
        return loaded.asSlice(from * (long) Float.BYTES, count * (long) Float.BYTES);
      }
      decoder.decode(loaded, type.bytes(from), values, 0, count);
      AffineCode affine = view.affine();
      if (affine != null) {
        for (int i = 0; i < count; i++) {
          int group = group(affine, first + from + i);
          float code = values.getAtIndex(ValueLayout.JAVA_FLOAT, i) - affine.zeroPoint(group);
          values.setAtIndex(ValueLayout.JAVA_FLOAT, i, code * affine.scale(group));
        }
      }
      return values.asSlice(0, count * (long) Float.BYTES);
    }

    @Override
    public MemorySegment boundedValues(int from, int count) {
      if (!type.quantised()) {
        return values(from, count);
      }
      decoder.decodeWithBounds(loaded, type.bytes(from), values, 0, bounds, 0, count);
      boundedFrom = from;
      return values.asSlice(0, count * (long) Float.BYTES);
    }

    @Override
    public MemorySegment wideValues(int from, int count) {
      if (decodesWide()) {
        WideDecoder.decode(type, loaded, type.bytes(from), wide, 0, count);
      } else {
        return Widened.of(values(from, count), count, wide);
      }
      return wide.asSlice(0, count * (long) Double.BYTES);
    }

    @Override
    public MemorySegment bounds(int from, int count) {
      if (from == boundedFrom) {
        return bounds.asSlice(0, count * (long) Float.BYTES);
      }
      AffineCode affine = view.affine();
      if (affine == null) {
        MemorySegment decoded =
            type == TensorType.F32
                ? loaded.asSlice(from * (long) Float.BYTES, count * (long) Float.BYTES)
                : values;
        decoder.bounds(loaded, type.bytes(from), decoded, 0, bounds, 0, count);
      } else {
        // Codes at the ends may have been clipped: a step and a half, as for the 32-blocks of ggml.
        // Elsewhere half a step; in both cases the product with the scale is rounded as well.
        for (int i = 0; i < count; i++) {
          byte code = loaded.get(ValueLayout.JAVA_BYTE, from + (long) i);
          boolean end =
              type == TensorType.U8 ? code == 0 || code == -1 : code == -128 || code == 127;
          float step = Math.abs(affine.scale(group(affine, first + from + i)));
          float ulp = Math.ulp(values.getAtIndex(ValueLayout.JAVA_FLOAT, i));
          bounds.setAtIndex(ValueLayout.JAVA_FLOAT, i, (end ? 1.5f : 0.5f) * step + ulp);
        }
      }
      return bounds.asSlice(0, count * (long) Float.BYTES);
    }

    @Override
    public MemorySegment wideBounds(int from, int count) {
      if (!decodesWide()) {
        return Widened.of(bounds(from, count), count, wideBounds);
      }
      // Decoded without rounding: half a unit of float64, none for integers that it holds.
      boolean integer = type.family() == TensorType.Family.INTEGER;
      for (int i = 0; i < count; i++) {
        double value = wide.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        boolean exact = integer && Math.abs(value) <= LARGEST_EXACT_INTEGER;
        wideBounds.setAtIndex(ValueLayout.JAVA_DOUBLE, i, exact ? 0 : Math.ulp(value) / 2);
      }
      return wideBounds.asSlice(0, count * (long) Double.BYTES);
    }

    private boolean decodesWide() {
      return WideDecoder.reads(type) && view.affine() == null;
    }

    /** Index along the axis of the scales, of {@code element} counted row by row. */
    private int group(AffineCode affine, long element) {
      if (affine.groups() == 1) {
        return 0;
      }
      long inner = 1;
      for (int axis = affine.axis() + 1; axis < view.shape().rank(); axis++) {
        inner *= view.shape().dimension(axis);
      }
      return (int) (element / inner % view.shape().dimension(affine.axis()));
    }

    @Override
    public void close() {
      staging.give(stored);
      staging.give(values);
      staging.give(wide);
      staging.give(bounds);
      staging.give(wideBounds);
    }
  }
}
