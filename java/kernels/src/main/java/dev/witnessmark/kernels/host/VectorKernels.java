package dev.witnessmark.kernels.host;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.VectorWidth;
import dev.witnessmark.kernels.decode.Decoder;
import dev.witnessmark.kernels.decode.Decoders;
import dev.witnessmark.kernels.difference.DifferenceKernel;
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
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.Judge;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
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
import dev.witnessmark.kernels.summary.SummaryKernel;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Every operation on the Vector API, with the bits of {@link ScalarKernels}, and fused products in
 * fast arithmetic. Working memory is kept from run to run, so that one object serves one thread.
 */
final class VectorKernels implements HostKernels {

  private final Map<TensorType, Decoder> decoders = new EnumMap<>(TensorType.class);
  private final Map<TensorType, Q8Format> formats = new EnumMap<>(TensorType.class);
  private final VectorExp exp = new VectorExp();
  private final VectorMatVecQ8 matVecQ8 = new VectorMatVecQ8(Arithmetic.CANONICAL);
  private final VectorMatVecQ8 fastMatVecQ8 = new VectorMatVecQ8(Arithmetic.FAST);
  private final VectorMatVecF32 matVecF32 = new VectorMatVecF32();
  private final VectorQuantisation quantisation = new VectorQuantisation();
  private final VectorElementwise elementwise = new VectorElementwise(exp);
  private final VectorRows rows = new VectorRows(exp);
  private final VectorAttention attention = new VectorAttention(rows);
  private final VectorSelection selection = new VectorSelection();
  private final VectorBase17 base17 = new VectorBase17();
  private final VectorCompare compare = new VectorCompare();
  private final SegmentedJudge judge = new SegmentedJudge(DifferenceKernel.best());
  private final Scratch decoded = new Scratch();
  private final SegmentedSummary summary = new SegmentedSummary(SummaryKernel.best());

  @Override
  public String implementation() {
    return "vector-" + VectorWidth.bits();
  }

  @Override
  public Optional<HostKernel> find(Operation operation, Arithmetic arithmetic) {
    if (arithmetic == Arithmetic.CANONICAL) {
      return Optional.of(kernel(operation));
    }
    return operation instanceof MatVecQ8 o
        ? Optional.of(matVecQ8(fastMatVecQ8, o))
        : Optional.empty();
  }

  private HostKernel kernel(Operation operation) {
    return switch (operation) {
      case Dequantise o -> {
        Decoder decoder = decoder(o.type());
        yield m -> ScalarDecoding.dequantise(decoder, o.elements(), m.get(0), m.get(1));
      }
      case Gather o -> {
        Decoder decoder = decoder(o.type());
        yield m -> ScalarDecoding.gather(decoder, o, m.get(0), m.get(1), m.get(2));
      }
      case QuantiseActivations o -> m -> quantisation.quantise(o, m.get(0), m.get(1));
      case ToFloat16 o -> m -> ScalarQuantisation.toFloat16(o, m.get(0), m.get(1));
      case MatVecQ8 o -> matVecQ8(matVecQ8, o);
      case MatVecF32 o -> {
        Decoder decoder = decoder(o.type());
        yield m -> matVecF32.run(decoder, o, m.get(0), m.get(1), m.get(2));
      }
      case RmsNorm o -> m -> rows.rmsNorm(o, m.get(0), m.get(1), m.get(2));
      case Softmax o -> m -> rows.softmax(o, m.get(0), m.get(1));
      case CausalSoftmax o -> m -> rows.causalSoftmax(o, m.get(0), m.get(1));
      case WeightedSum o -> m -> VectorRows.weightedSum(o, m.get(0), m.get(1), m.get(2));
      case CrushedBlocks o -> m -> ScalarRows.crushedBlocks(o, m.get(0), m.get(1));
      case Rotary o -> m -> elementwise.rotary(o, m.get(0), m.get(1), m.get(2));
      case Silu o -> m -> elementwise.silu(o, m.get(0), m.get(1));
      case GatedSilu o -> m -> elementwise.gatedSilu(o, m.get(0), m.get(1), m.get(2));
      case Add o -> m -> VectorElementwise.add(o, m.get(0), m.get(1), m.get(2));
      case AddBias o -> m -> VectorElementwise.addBias(o, m.get(0), m.get(1), m.get(2));
      case Attention o -> m -> attention.run(o, m.get(0), m.get(1), m.get(2), m.get(3));
      case AttentionScores o -> m -> attention.scores(o, m.get(0), m.get(1), m.get(2));
      case ArgMax o -> m -> VectorSelection.argMax(o, m.get(0), m.get(1));
      case TopK o -> m -> selection.topK(o, m.get(0), m.get(1), m.get(2));
      case Base17 o -> {
        Decoder decoder = decoder(o.type());
        yield m -> base17.run(decoder, o, m.get(0), m.get(1));
      }
      case RoundingBounds o -> {
        Decoder decoder = decoder(o.type());
        yield m -> ScalarDecoding.bounds(decoder, decoded, o.elements(), m.get(0), m.get(1));
      }
      case Judge o -> m -> judge.run(o, m.get(0), m.get(1), m.get(2), m.get(3), m.get(4));
      case Compare o -> m -> compare.run(o, m.get(0), m.get(1), m.get(2), m.get(3));
      case Summarise o -> m -> summary.run(o, m.get(0), m.get(1));
    };
  }

  private HostKernel matVecQ8(VectorMatVecQ8 kernel, MatVecQ8 o) {
    Q8Format format = formats.computeIfAbsent(o.type(), VectorKernels::format);
    return m -> kernel.run(format, o, m.get(0), m.get(1), m.get(2));
  }

  private Decoder decoder(TensorType type) {
    return decoders.computeIfAbsent(type, Decoders::best);
  }

  private static Q8Format format(TensorType type) {
    return switch (type) {
      case Q4_K -> new Q4kFormat();
      case Q5_K -> new Q5kFormat();
      case Q6_K -> new Q6kFormat();
      case Q8_0 -> new Q8_0Format();
      case Q4_0 -> new Q4_0Format();
      case Q4_1, Q5_0, Q5_1, IQ4_NL -> new SmallBlockFormat(type);
      default -> new SuperBlockFormat(type);
    };
  }
}
