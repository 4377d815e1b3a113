package dev.witnessmark.cuda;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.ToFloat16;
import dev.witnessmark.kernels.operation.TopK;

/**
 * The largest grid that an operation can fill, as the first comment of its {@code .cu} file says.
 * Fewer blocks are right too: they take several turns.
 *
 * @param unit what {@code units} counts
 * @param units threads or blocks in x
 * @param blocksInY blocks in y
 */
record Geometry(Unit unit, long units, int blocksInY) {

  /** What the work is divided into. */
  enum Unit {
    THREAD,
    BLOCK
  }

  private static final int WARP = 32;

  static Geometry of(Operation operation) {
    return switch (operation) {
      case Add add -> threads(Math.ceilDiv(add.elements(), 4));
      case GatedSilu silu -> threads(Math.ceilDiv(silu.elements(), 4));
      case ToFloat16 conversion -> threads(Math.ceilDiv(conversion.elements(), 4));
      case Dequantise decoding ->
          threads(Math.ceilDiv(decoding.elements(), elementsPerThread(decoding.type())));
      case Gather gather ->
          threads(
              Math.ceilDiv(
                  (long) gather.tokens() * gather.columns(), elementsPerThread(gather.type())));
      case QuantiseActivations quantise ->
          threads(WARP * Math.ceilDiv((long) quantise.rows() * quantise.columns(), 256));
      case MatVecF32 product ->
          new Geometry(Unit.THREAD, (long) WARP * product.rows(), Math.ceilDiv(product.batch(), 4));
      case MatVecQ8 product ->
          new Geometry(Unit.THREAD, 8L * product.rows(), Math.ceilDiv(product.batch(), 8));
      case RmsNorm norm -> blocks(norm.rows());
      case Softmax softmax -> blocks(softmax.rows());
      case ArgMax selection -> blocks(selection.rows());
      case TopK selection -> blocks(selection.rows());
      case Rotary rotary ->
          threads((long) rotary.positions() * rotary.heads() * rotary.headSize());
      case Attention attention -> blocks((long) attention.queries() * attention.heads());
      case Base17 base17 -> threads((long) WARP * base17.rows());
      case Compare compare -> blocks(compare.segments());
    };
  }

  private static Geometry threads(long threads) {
    return new Geometry(Unit.THREAD, threads, 1);
  }

  private static Geometry blocks(long blocks) {
    return new Geometry(Unit.BLOCK, blocks, 1);
  }

  /** Plain types are decoded by fours, block types by eights. */
  private static int elementsPerThread(TensorType type) {
    return type.blockElements() == 1 ? 4 : 8;
  }

  /** Blocks in x of {@code threadsPerBlock} threads: at least one, at most {@code most}. */
  int blocksInX(int threadsPerBlock, int most) {
    long blocks = unit == Unit.BLOCK ? units : Math.ceilDiv(units, threadsPerBlock);
    return Math.clamp(blocks, 1, most);
  }
}
