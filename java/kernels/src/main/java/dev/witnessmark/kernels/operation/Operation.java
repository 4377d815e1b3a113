package dev.witnessmark.kernels.operation;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One step of arithmetic with its shape and parameters. All matrices are row-major without gaps.
 * Sizes are checked when the record is made, so whoever holds one can compute sizes without
 * overflow; a device checks the memory it is given against {@link #operands}.
 */
public sealed interface Operation
    permits Add,
        AddBias,
        ArgMax,
        Attention,
        AttentionScores,
        Base17,
        CausalSoftmax,
        Compare,
        CrushedBlocks,
        Dequantise,
        Gather,
        GatedSilu,
        Judge,
        MatVecF32,
        MatVecQ8,
        QuantiseActivations,
        RmsNorm,
        RoundingBounds,
        Rotary,
        Silu,
        Softmax,
        Summarise,
        ToFloat16,
        TopK,
        WeightedSum {

  /** What kind of operation it is. */
  Family family();

  /**
   * What tells its kernels apart within the family: storage type, layout. Empty if there is only
   * one.
   */
  Optional<String> variant();

  /**
   * The numbers of the record in declared order, and what follows from them, each an {@code
   * Integer}, {@code Long} or {@code Float}: what a kernel takes after its operands.
   */
  List<Number> parameters();

  /** Name of the kernel that computes it: the family, and the variant where there are several. */
  default String kernelName() {
    return (family().id() + variant().map(name -> "_" + name).orElse("")).toLowerCase(Locale.ROOT);
  }

  /** Its arguments, in the order in which every kernel takes them, a user's own included. */
  List<Operand> operands();

  /** Shape and parameters as people write them, for example {@code Q4_K 4096×14336 b=1}. */
  String shape();

  /** Additions and multiplications, an fma counted as two; 0 where moving bytes is all there is. */
  long arithmeticOperations();

  /** The fewest bytes to move: every operand once. */
  default long bytesMoved() {
    return operands().stream().mapToLong(Operand::bytes).sum();
  }
}
