package dev.witnessmark.cuda;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.Compare;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.ToFloat16;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * What a CUDA device does for an operation: as a rule one launch with all its operands.
 *
 * @param steps one after the other
 * @param scratchBytes memory that the steps need besides the operands
 */
record Plan(List<Step> steps, long scratchBytes) {

  /** Threads of a warp. */
  private static final int WARP = 32;

  /** Activation vectors that share a read of the weights. */
  private static final int VECTORS = 8;

  /** The same of the kernels for more vectors than that. */
  private static final int MANY_VECTORS = 64;

  /** Lanes of attention's sum over positions. */
  private static final int LANES = 8;

  /** Elements of a head that share a thread block of the sum over positions. */
  private static final int SLICE = 64;

  /** What is kept of a segment until all are folded. */
  private static final long SUMMARY_PART_BYTES = 56;

  /** Scratch memory of attention is at most this, unless one query needs more. */
  private static final long SCRATCH_BYTES = 256L << 20;

  sealed interface Step {}

  /** Sets memory to zero. */
  record Clear(Piece memory) implements Step {}

  /**
   * A launch.
   *
   * @param memories the pointers that the kernel takes first
   * @param numbers what it takes then
   */
  record Run(String kernel, Geometry geometry, List<Piece> memories, List<Number> numbers)
      implements Step {}

  /**
   * A part of an operand, or of the scratch memory.
   *
   * @param operand index of the operand, {@link #SCRATCH} for the scratch memory
   */
  record Piece(int operand, long at, long bytes) {
    static final int SCRATCH = -1;
  }

  static Plan of(Operation operation) {
    if (isNothing(operation)) {
      return new Plan(List.of(), 0);
    }
    return switch (operation) {
      case Attention attention -> attention(attention);
      case MatVecQ8 product ->
          product(
              product.batch(),
              batch -> new MatVecQ8(product.type(), product.rows(), product.columns(), batch));
      case MatVecF32 product ->
          product(
              product.batch(),
              batch -> new MatVecF32(product.type(), product.rows(), product.columns(), batch));
      case Compare compare -> compare(compare);
      case Summarise summarise -> summarise(summarise);
      default -> single(operation, geometry(operation));
    };
  }

  /** A plan of at most one launch, for a kernel that does all by itself. */
  static Plan inOneLaunch(Operation operation) {
    return switch (operation) {
      case Attention attention ->
          single(attention, Geometry.blocks((long) attention.queries() * attention.heads(), 256));
      case Summarise summarise -> single(summarise, Geometry.blocks(1, 256));
      default -> of(operation);
    };
  }

  /** Nothing is to be written: a grid cannot be empty. */
  private static boolean isNothing(Operation operation) {
    return operation.operands().stream()
        .filter(operand -> operand.direction() == Operand.Direction.OUT)
        .allMatch(operand -> operand.bytes() == 0);
  }

  private static Geometry geometry(Operation operation) {
    return switch (operation) {
      case Add add -> Geometry.threads(Math.ceilDiv(add.elements(), 4));
      case AddBias addition -> quadsOfRows(addition.rows(), addition.columns());
      case WeightedSum sum -> quadsOfRows(sum.tokens(), sum.columns());
      case Silu activation -> Geometry.threads(Math.ceilDiv(activation.elements(), 4));
      case GatedSilu product -> Geometry.threads(Math.ceilDiv(product.elements(), 4));
      case ToFloat16 conversion -> Geometry.threads(Math.ceilDiv(conversion.elements(), 4));
      case Dequantise decoding -> decoding(decoding.type(), decoding.elements());
      case Gather gather ->
          Geometry.blocks(gather.tokens(), 256).withY(Math.ceilDiv(gather.columns(), 2048));
      case QuantiseActivations quantisation ->
          Geometry.threads(Math.ceilDiv((long) quantisation.rows() * quantisation.columns(), 8));
      case RmsNorm norm -> Geometry.blocks(norm.rows(), 256);
      case Softmax softmax -> Geometry.blocks(softmax.rows(), 256);
      case CausalSoftmax softmax ->
          Geometry.blocks((long) softmax.heads() * softmax.queries(), 256);
      case CrushedBlocks blocks -> Geometry.blocks(blocks.rows(), 256);
      case AttentionScores scores ->
          overKeys(scores.queries(), scores.heads(), scores.keyValueHeads(), scores.cached());
      case ArgMax selection -> Geometry.blocks(selection.rows(), 1024);
      case TopK selection -> Geometry.blocks(selection.rows(), 1024);
      case Rotary rotary ->
          Geometry.threads(
              (long) rotary.positions()
                  * rotary.heads()
                  * (rotary.headSize() - rotary.rotated() / 2));
      case Base17 base17 ->
          new Geometry(base17.rows(), Base17.DIMENSIONS, 16 * Base17.DIMENSIONS, 1, 1, false);
      case Compare compare -> Geometry.rows(compare.segments(), WARP / 2);
      case MatVecQ8 product when product.batch() == 1 -> Geometry.rows(product.rows(), 8);
      case MatVecQ8 product when product.batch() <= VECTORS ->
          Geometry.rows(product.rows(), 16).exactly();
      case MatVecQ8 product ->
          Geometry.rows(product.rows(), 2)
              .withY(Math.ceilDiv(product.batch(), MANY_VECTORS))
              .exactly();
      case MatVecF32 product ->
          Geometry.rows(product.batch() > VECTORS / 2 ? 2L * product.rows() : product.rows(), WARP)
              .withY(Math.ceilDiv(product.batch(), VECTORS));
      case Attention _, Summarise _ ->
          throw new IllegalArgumentException(operation + " takes several launches");
    };
  }

  /** A thread has four columns, a block along y one row. */
  private static Geometry quadsOfRows(int rows, int columns) {
    return Geometry.threads(Math.ceilDiv(columns, 4)).withY(Math.min(rows, Geometry.MOST_ALONG_Y));
  }

  /** A thread decodes eight elements of a block type, four of a plain one. */
  private static Geometry decoding(TensorType type, long elements) {
    return Geometry.threads(Math.ceilDiv(elements, type.blockElements() == 1 ? 4 : 8));
  }

  private static Plan single(Operation operation, Geometry geometry) {
    return new Plan(
        List.of(
            new Run(
                operation.kernelName(),
                geometry,
                wholeOperands(operation),
                operation.parameters())),
        0);
  }

  private static List<Piece> wholeOperands(Operation operation) {
    List<Piece> pieces = new ArrayList<>();
    for (Operand operand : operation.operands()) {
      pieces.add(new Piece(pieces.size(), 0, operand.bytes()));
    }
    return pieces;
  }

  /** The blocks add to the histogram, which is the last operand. */
  private static Plan compare(Compare compare) {
    List<Piece> operands = wholeOperands(compare);
    List<Step> steps = new ArrayList<>();
    steps.add(new Clear(operands.getLast()));
    if (compare.segments() > 0) {
      steps.addAll(single(compare, geometry(compare)).steps());
    }
    return new Plan(steps, 0);
  }

  /** Segments, half a warp each; then one thread block for what they have in common. */
  private static Plan summarise(Summarise summarise) {
    List<Piece> operands = wholeOperands(summarise);
    Piece parts =
        new Piece(Piece.SCRATCH, 0, SUMMARY_PART_BYTES * Math.max(1, summarise.segments()));
    List<Step> steps = new ArrayList<>();
    if (summarise.segments() > 0) {
      steps.add(
          new Run(
              "summarise_segments",
              Geometry.rows(summarise.segments(), WARP / 2),
              List.of(operands.getFirst(), parts),
              summarise.parameters()));
    }
    steps.add(
        new Run(
            "summarise_fold",
            Geometry.blocks(1, 256),
            List.of(parts, operands.getLast()),
            summarise.parameters()));
    return new Plan(steps, parts.bytes());
  }

  /**
   * As many launches as the batch needs, given that y has a limit.
   *
   * @param part the product with a batch of its own
   */
  private static Plan product(int batch, IntFunction<Operation> part) {
    int most = VECTORS * Geometry.MOST_ALONG_Y;
    List<Step> steps = new ArrayList<>();
    for (int first = 0; first < batch; first += most) {
      int count = Math.min(most, batch - first);
      Operation product = part.apply(count);
      List<Piece> pieces = wholeOperands(product);
      List<Piece> moved = new ArrayList<>(List.of(pieces.getFirst()));
      for (Piece piece : pieces.subList(1, pieces.size())) {
        long bytesPerVector = piece.bytes() / count;
        moved.add(new Piece(piece.operand(), first * bytesPerVector, piece.bytes()));
      }
      steps.add(new Run(kernel(product), geometry(product), moved, product.parameters()));
    }
    return new Plan(steps, 0);
  }

  /** What several vectors share takes other kernels than one vector should have. */
  private static String kernel(Operation product) {
    return switch (product) {
      case MatVecF32 several when several.batch() > 1 -> kernel("matvec_f32_batch", several.type());
      case MatVecQ8 many when many.batch() > VECTORS -> kernel("matvec_q8_prefill", many.type());
      case MatVecQ8 several when several.batch() > 1 -> kernel("matvec_q8_batch", several.type());
      default -> product.kernelName();
    };
  }

  private static String kernel(String name, TensorType type) {
    return name + "_" + type.name().toLowerCase(Locale.ROOT);
  }

  /** Scores, weights, lanes, sum, for as many queries at a time as the scratch memory holds. */
  private static Plan attention(Attention attention) {
    long scratchPerQuery =
        attention.heads()
            * (laneBytes(attention.cached()) + laneBytes((long) LANES * attention.headSize()) + 4);
    int most = Math.clamp(SCRATCH_BYTES / scratchPerQuery, 1, attention.queries());
    List<Step> steps = new ArrayList<>();
    for (int first = 0; first < attention.queries(); first += most) {
      int queries = Math.min(most, attention.queries() - first);
      // These queries see what is before the later ones.
      int cached = attention.cached() - attention.queries() + first + queries;
      steps.addAll(
          attention(
              new Attention(
                  queries,
                  attention.heads(),
                  attention.keyValueHeads(),
                  attention.headSize(),
                  cached,
                  attention.cache()),
              first));
    }
    return new Plan(steps, Math.multiplyExact(most, scratchPerQuery));
  }

  /** Bytes of eight lanes of float32 that {@code elements} are dealt to in turn. */
  private static long laneBytes(long elements) {
    return 4 * LANES * Math.ceilDiv(elements, LANES);
  }

  private static List<Step> attention(Attention part, int firstQuery) {
    List<Operand> operands = part.operands();
    long asked = operands.getFirst().bytes();
    long at = firstQuery * (asked / part.queries());
    Piece queries = new Piece(0, at, asked);
    Piece keys = new Piece(1, 0, operands.get(1).bytes());
    Piece values = new Piece(2, 0, operands.get(2).bytes());
    Piece results = new Piece(3, at, asked);
    long rows = (long) part.queries() * part.heads();
    Piece scores = new Piece(Piece.SCRATCH, 0, rows * laneBytes(part.cached()));
    Piece lanes =
        new Piece(Piece.SCRATCH, scores.bytes(), rows * laneBytes((long) LANES * part.headSize()));
    Piece sums = new Piece(Piece.SCRATCH, scores.bytes() + lanes.bytes(), 4 * rows);
    List<Number> numbers = part.parameters();
    String type = part.cache() == Element.FLOAT16 ? "f16" : "f32";
    Geometry overKeys = overKeys(part.queries(), part.heads(), part.keyValueHeads(), part.cached());
    Geometry overHead =
        overCache(
            LANES * Math.ceilDiv(part.headSize(), SLICE),
            part.queries(),
            part.heads(),
            part.keyValueHeads());
    return List.of(
        new Run("attention_scores_" + type, overKeys, List.of(queries, keys, scores), numbers),
        new Run("attention_weights", Geometry.blocks(rows, 256), List.of(scores, sums), numbers),
        new Run("attention_values_" + type, overHead, List.of(scores, values, lanes), numbers),
        new Run(
            "attention_sum",
            Geometry.threads(rows * part.headSize()),
            List.of(lanes, sums, results),
            numbers));
  }

  /** A thread block scores 128 keys. */
  private static Geometry overKeys(int queries, int heads, int keyValueHeads, int cached) {
    return overCache(Math.ceilDiv(cached, 128), queries, heads, keyValueHeads);
  }

  /** Four pairs of query and head share a read of the cache; x and y are exact, z may be cut. */
  private static Geometry overCache(int x, int queries, int heads, int keyValueHeads) {
    long z = Math.ceilDiv((long) queries * (heads / keyValueHeads), 4);
    return new Geometry(
        x,
        Geometry.WHOLE_BLOCK,
        256,
        keyValueHeads,
        (int) Math.min(z, Geometry.MOST_ALONG_Y),
        true);
  }
}
