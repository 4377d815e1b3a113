package dev.witnessmark.cuda;

import dev.witnessmark.cuda.blas.MatrixProduct;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.ArgMax;
import dev.witnessmark.kernels.operation.Arithmetic;
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
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.RoundingBounds;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.Summarise;
import dev.witnessmark.kernels.operation.ToFloat16;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.kernels.operation.WeightedSum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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

  /** Keys of a tile that is scored together. */
  private static final int KEYS = 64;

  /** Elements of a head that share a thread block of the sum over positions. */
  private static final int SLICE = 64;

  /** What is kept of a segment until all are folded. */
  private static final long SUMMARY_PART_BYTES = 56;

  /**
   * Scratch memory of attention is at most this, unless one query needs more, and so is that of
   * weights that are decoded for tensor cores, unless {@link #TILE} rows need more.
   */
  private static final long SCRATCH_BYTES = 256L << 20;

  /** The least batch for which weights are worth being decoded into memory. */
  static final int LEAST_BATCH_OF_TENSOR_CORES = 16;

  /** Rows that tensor cores multiply at a time, or a multiple of them. */
  private static final int TILE = 256;

  /** What pieces of scratch memory are aligned to. */
  private static final long ALIGNMENT = 256;

  sealed interface Step {}

  /** Sets memory to zero. */
  record Clear(Piece memory) implements Step {}

  /**
   * A launch.
   *
   * @param file the kernel is one of {@code cuda/FILE.cu}
   * @param sharedBytes dynamic shared memory
   * @param memories the pointers that the kernel takes first
   * @param numbers what it takes then
   */
  record Run(
      String file,
      String kernel,
      Geometry geometry,
      int sharedBytes,
      List<Piece> memories,
      List<Number> numbers)
      implements Step {

    /** Without dynamic shared memory. */
    Run(String file, String kernel, Geometry geometry, List<Piece> memories, List<Number> numbers) {
      this(file, kernel, geometry, 0, memories, numbers);
    }
  }

  /** A product of matrices by cuBLAS. */
  record Multiply(MatrixProduct product, Piece weights, Piece activations, Piece results)
      implements Step {}

  /**
   * A part of an operand, or of the scratch memory.
   *
   * @param operand index of the operand, {@link #SCRATCH} for the scratch memory
   */
  record Piece(int operand, long at, long bytes) {
    static final int SCRATCH = -1;

    /** The next {@code bytes} of the same operand. */
    Piece followedBy(long bytes) {
      return new Piece(operand, at + this.bytes, bytes);
    }
  }

  /** What is done for {@code operation}; empty if {@code arithmetic} has no kernels for it. */
  static Optional<Plan> of(Operation operation, Arithmetic arithmetic) {
    return switch (arithmetic) {
      case CANONICAL -> Optional.of(of(operation));
      case FAST ->
          operation instanceof MatVecF32 product && product.rows() > 0
              ? fast(product)
              : Optional.empty();
    };
  }

  /** In canonical arithmetic. */
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
      case RoundingBounds bounds -> decoding(bounds.type(), bounds.elements());
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
      case Compare compare -> Geometry.rows(compare.segments().count(), WARP / 2);
      case Judge judge -> Geometry.rows(judge.segments().count(), WARP / 2);
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

  /** A thread has eight elements of a block type, four of a plain one. */
  private static Geometry decoding(TensorType type, long elements) {
    return Geometry.threads(Math.ceilDiv(elements, type.blockElements() == 1 ? 4 : 8));
  }

  private static Plan single(Operation operation, Geometry geometry) {
    return new Plan(
        List.of(
            new Run(
                operation.family().id(),
                operation.kernelName(),
                geometry,
                operation instanceof AttentionScores scores ? scoreBytes(scores.cache()) : 0,
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
    if (compare.segments().count() > 0) {
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
              "summarise",
              "summarise_segments",
              Geometry.rows(summarise.segments(), WARP / 2),
              List.of(operands.getFirst(), parts),
              summarise.parameters()));
    }
    steps.add(
        new Run(
            "summarise",
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
      steps.add(
          new Run(
              product.family().id(),
              kernel(product),
              geometry(product),
              moved,
              product.parameters()));
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

  /**
   * A product by cuBLAS. Few vectors are multiplied with weights that are float32 already. More are
   * worth rounding the decoded weights to bfloat16 first, and them too.
   */
  private static Optional<Plan> fast(MatVecF32 product) {
    if (product.batch() >= LEAST_BATCH_OF_TENSOR_CORES) {
      return Optional.of(onTensorCores(product));
    }
    if (product.type() != TensorType.F32) {
      return Optional.empty();
    }
    List<Piece> operands = wholeOperands(product);
    MatrixProduct shape =
        new MatrixProduct(
            product.rows(), product.columns(), product.batch(), MatrixProduct.Elements.FLOAT32);
    return Optional.of(
        new Plan(
            List.of(new Multiply(shape, operands.get(0), operands.get(1), operands.get(2))), 0));
  }

  /** As many rows of the weights at a time as the scratch memory holds; bfloat16 needs none. */
  private static Plan onTensorCores(MatVecF32 product) {
    List<Piece> operands = wholeOperands(product);
    long elements = (long) product.batch() * product.columns();
    Piece activations = new Piece(Piece.SCRATCH, 0, elements * Short.BYTES);
    List<Step> steps = new ArrayList<>();
    steps.add(rounding(TensorType.F32, elements, operands.get(1), activations));
    if (product.type() == TensorType.BF16) {
      steps.add(multiply(product, 0, product.rows(), operands.get(0), activations));
      return new Plan(steps, activations.bytes());
    }
    long bytesOfRow = (long) product.columns() * Short.BYTES;
    int most = Math.clamp(SCRATCH_BYTES / bytesOfRow / TILE * TILE, TILE, Integer.MAX_VALUE);
    long scratch = Math.ceilDiv(activations.bytes(), ALIGNMENT) * ALIGNMENT;
    for (int first = 0; first < product.rows(); first += most) {
      int rows = Math.min(most, product.rows() - first);
      Piece stored =
          new Piece(
              0,
              product.type().bytes((long) first * product.columns()),
              product.type().bytes((long) rows * product.columns()));
      Piece weights = new Piece(Piece.SCRATCH, scratch, rows * bytesOfRow);
      steps.add(rounding(product.type(), (long) rows * product.columns(), stored, weights));
      steps.add(multiply(product, first, rows, weights, activations));
    }
    return new Plan(steps, scratch + Math.min(most, product.rows()) * bytesOfRow);
  }

  /** Elements {@code stored} as bfloat16 {@code numbers}. */
  static Run rounding(TensorType type, long elements, Piece stored, Piece numbers) {
    return new Run(
        "to_bfloat16",
        "to_bfloat16_" + type.name().toLowerCase(Locale.ROOT),
        Geometry.threads(Math.ceilDiv(elements, 8)),
        List.of(stored, numbers),
        List.of(elements));
  }

  /** The product with {@code rows} of the rows, from {@code first} on. */
  private static Multiply multiply(
      MatVecF32 product, int first, int rows, Piece weights, Piece activations) {
    MatrixProduct shape =
        new MatrixProduct(
            rows,
            product.columns(),
            product.batch(),
            product.rows(),
            MatrixProduct.Elements.BFLOAT16);
    Piece results = new Piece(2, (long) first * Float.BYTES, shape.outputBytes());
    return new Multiply(shape, weights, activations, results);
  }

  /** Scores, weights, lanes, sum, for as many queries at a time as the scratch memory holds. */
  private static Plan attention(Attention attention) {
    long scratchPerQuery = attention.heads() * AttentionScratch.of(attention).bytes();
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

  /**
   * Bytes that one query and head need between the kernels of attention, as {@code attention.cu}
   * lays them out.
   */
  private record AttentionScratch(long scores, long maxima, long lanes, long weights) {

    static AttentionScratch of(Attention attention) {
      long positionsOfLane = 4L * Math.ceilDiv(attention.cached(), 4 * LANES);
      return new AttentionScratch(
          Float.BYTES * LANES * positionsOfLane,
          (long) Float.BYTES * Math.ceilDiv(attention.cached(), KEYS),
          (long) Float.BYTES * LANES * attention.headSize(),
          Float.BYTES * 256L);
    }

    long bytes() {
      return scores + maxima + lanes + weights;
    }
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
    AttentionScratch scratch = AttentionScratch.of(part);
    Piece scores = new Piece(Piece.SCRATCH, 0, rows * scratch.scores());
    Piece lanes = scores.followedBy(rows * scratch.lanes());
    Piece weights = lanes.followedBy(rows * scratch.weights());
    Piece maxima = weights.followedBy(rows * scratch.maxima());
    List<Number> numbers = part.parameters();
    String type = part.cache() == Element.FLOAT16 ? "f16" : "f32";
    Geometry overHead =
        new Geometry(
            (long) LANES * Math.ceilDiv(part.headSize(), SLICE),
            Geometry.WHOLE_BLOCK,
            384,
            part.keyValueHeads(),
            groupsOfPairs(part.queries(), part.heads(), part.keyValueHeads()),
            true);
    return List.of(
        new Run(
            "attention",
            "attention_scores_" + type,
            overKeys(part.queries(), part.heads(), part.keyValueHeads(), part.cached()),
            scoreBytes(part.cache()),
            List.of(queries, keys, scores, maxima),
            numbers),
        new Run(
            "attention",
            "attention_values_" + type,
            overHead,
            valueBytes(part.cache()),
            List.of(scores, maxima, values, lanes, weights),
            numbers),
        new Run(
            "attention",
            "attention_sum",
            Geometry.blocks(rows, 256),
            List.of(lanes, weights, results),
            numbers));
  }

  /** A thread block scores some tiles of keys. */
  private static Geometry overKeys(int queries, int heads, int keyValueHeads, int cached) {
    return Geometry.blocks((long) Math.ceilDiv(cached, KEYS) * keyValueHeads, 128)
        .withZ(groupsOfPairs(queries, heads, keyValueHeads));
  }

  /** Four pairs of query and head share a read of the cache; there may be fewer blocks along z. */
  private static int groupsOfPairs(int queries, int heads, int keyValueHeads) {
    long groups = Math.ceilDiv((long) queries * (heads / keyValueHeads), 4);
    return (int) Math.min(groups, Geometry.MOST_ALONG_Y);
  }

  /** What a thread block of scores shares: two or three tiles of keys, queries, scores. */
  private static int scoreBytes(Element cache) {
    return switch (cache) {
      case FLOAT16 -> 56_320;
      case FLOAT32 -> 71_680;
      default -> throw new IllegalArgumentException("a cache of " + cache);
    };
  }

  /** What a thread block of weighted values shares: five stages of values and scores, weights. */
  private static int valueBytes(Element cache) {
    return switch (cache) {
      case FLOAT16 -> 48_128;
      case FLOAT32 -> 89_088;
      default -> throw new IllegalArgumentException("a cache of " + cache);
    };
  }
}
