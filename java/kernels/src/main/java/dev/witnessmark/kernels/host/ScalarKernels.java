package dev.witnessmark.kernels.host;

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
import java.util.Optional;

/** Every operation as the contract writes it, element by element: what all others are held to. */
final class ScalarKernels implements HostKernels {

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  public Optional<HostKernel> find(Operation operation, Arithmetic arithmetic) {
    return arithmetic == Arithmetic.CANONICAL ? Optional.of(kernel(operation)) : Optional.empty();
  }

  private static HostKernel kernel(Operation operation) {
    return switch (operation) {
      case Dequantise o -> m -> ScalarDecoding.dequantise(o, m.get(0), m.get(1));
      case Gather o -> m -> ScalarDecoding.gather(o, m.get(0), m.get(1), m.get(2));
      case QuantiseActivations o -> m -> ScalarQuantisation.quantise(o, m.get(0), m.get(1));
      case ToFloat16 o -> m -> ScalarQuantisation.toFloat16(o, m.get(0), m.get(1));
      case MatVecQ8 o -> m -> ScalarMatVec.q8(o, m.get(0), m.get(1), m.get(2));
      case MatVecF32 o -> m -> ScalarMatVec.f32(o, m.get(0), m.get(1), m.get(2));
      case RmsNorm o -> m -> ScalarRows.rmsNorm(o, m.get(0), m.get(1), m.get(2));
      case Softmax o -> m -> ScalarRows.softmax(o, m.get(0), m.get(1));
      case CausalSoftmax o -> m -> ScalarRows.causalSoftmax(o, m.get(0), m.get(1));
      case WeightedSum o -> m -> ScalarRows.weightedSum(o, m.get(0), m.get(1), m.get(2));
      case CrushedBlocks o -> m -> ScalarRows.crushedBlocks(o, m.get(0), m.get(1));
      case Rotary o -> m -> ScalarElementwise.rotary(o, m.get(0), m.get(1), m.get(2));
      case Silu o -> m -> ScalarElementwise.silu(o, m.get(0), m.get(1));
      case GatedSilu o -> m -> ScalarElementwise.gatedSilu(o, m.get(0), m.get(1), m.get(2));
      case Add o -> m -> ScalarElementwise.add(o, m.get(0), m.get(1), m.get(2));
      case AddBias o -> m -> ScalarElementwise.addBias(o, m.get(0), m.get(1), m.get(2));
      case Attention o -> m -> ScalarAttention.run(o, m.get(0), m.get(1), m.get(2), m.get(3));
      case AttentionScores o -> m -> ScalarAttention.scores(o, m.get(0), m.get(1), m.get(2));
      case ArgMax o -> m -> ScalarSelection.argMax(o, m.get(0), m.get(1));
      case TopK o -> m -> ScalarSelection.topK(o, m.get(0), m.get(1), m.get(2));
      case Base17 o -> m -> ScalarBase17.run(o, m.get(0), m.get(1));
      case Summarise o -> {
        SegmentedSummary summary = new SegmentedSummary(SummaryKernel.scalar());
        yield m -> summary.run(o, m.get(0), m.get(1));
      }
      case RoundingBounds o -> {
        Decoder decoder = Decoders.scalar(o.type());
        Scratch scratch = new Scratch();
        yield m -> ScalarDecoding.bounds(decoder, scratch, o.elements(), m.get(0), m.get(1));
      }
      case Judge o -> {
        SegmentedJudge judge = new SegmentedJudge(DifferenceKernel.scalar());
        yield m -> judge.run(o, m.get(0), m.get(1), m.get(2), m.get(3), m.get(4));
      }
      case Compare o -> {
        SegmentedCompare compare = new SegmentedCompare(DifferenceKernel.scalar());
        yield m -> compare.run(o, m.get(0), m.get(1), m.get(2), m.get(3));
      }
    };
  }
}
