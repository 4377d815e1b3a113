package dev.witnessmark.kernels.operation;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The page on kernels, made from {@link Family} and {@link Operation}. */
final class KernelPage {

  /** What decoding one token with a model of eight billion weights asks for. */
  static final List<Operation> EXAMPLES =
      List.of(
          new Dequantise(TensorType.Q4_K, 14336L * 4096),
          new QuantiseActivations(TensorType.Q8_K, 1, 4096),
          new MatVecQ8(TensorType.Q4_K, 14336, 4096, 1),
          new MatVecF32(TensorType.Q4_K, 14336, 4096, 1),
          new RmsNorm(1, 4096, 1e-5f),
          new Rotary(Rotary.Layout.NEOX, 1, 32, 128, 128),
          new Softmax(1, 128_256),
          new Attention(1, 32, 8, 128, 8192, Element.FLOAT16),
          new AttentionScores(1, 32, 8, 128, 8192, Element.FLOAT16),
          new CausalSoftmax(32, 1, 8192),
          new Silu(14336),
          new GatedSilu(14336),
          new Add(4096),
          new AddBias(1, 4096),
          new WeightedSum(1, 8, 4096),
          new Gather(TensorType.Q4_K, 128_256, 4096, 1),
          new ArgMax(1, 128_256),
          new TopK(1, 128_256, 40),
          new ToFloat16(8 * 128),
          new CrushedBlocks(1, 4096, 256),
          new Base17(TensorType.BF16, 14336, 4096, 1),
          new Compare(4096, 14336),
          new RoundingBounds(TensorType.Q4_K, 14336L * 4096),
          new Judge(4096, 14336),
          new Summarise(14336));

  private KernelPage() {}

  /** Writes the page. */
  public static void main(String[] args) throws IOException {
    Files.writeString(Path.of(args[0]), text());
  }

  static String text() {
    return INTRODUCTION + EXAMPLES.stream().map(KernelPage::section).collect(joining());
  }

  private static final String INTRODUCTION =
      """
      # Kernels

      What the program computes on a device, family by family. Every family has a scalar implementation, which reads like
      the formula and says what the right bits are, one on the Vector API and one in CUDA; in canonical arithmetic all of
      them give the same bits, whatever the vector width or the GPU.

      * Numbers are IEEE binary32, rounded to nearest even, subnormals kept, unless it says double. An fma is where it is
        written and nowhere else. Integers are exact. `u` is 2⁻²⁴.
      * A kernel takes its operands in the order given here, as pointers, and then its numbers in the order given here: a
        user's own kernel too. Matrices are row-major without gaps, everything is little-endian.
      * Bytes moved: every operand once; of a table of embeddings only the rows that are asked for. Operations are additions
        and multiplications, an fma counts as two.
      * The error bound is of |canonical − exact|, with exact in float64 on decoded weights, to first order in u. Where a
        number on the way may leave the range of floats there is none. The program computes the bound in full, element by
        element; what a comparison prints as allowed is that number.
      * `fast` arithmetics, with another order of additions, are separate kernels that are asked for by name. On a GPU with
        cuBLAS there is one for matvec_f32: from 16 vectors on, decoded weights and activations are rounded to bfloat16 and
        multiplied on tensor cores, with sums in float32. Its bound is (2⁻⁷ + 2⁻¹⁶ + (5·columns/2)·u)·Σ|w·x|, and 2⁻¹²⁶·(|w| +
        |x| + 2) for each product where something is subnormal; the program computes that in full too. F32 weights with fewer
        vectors are multiplied in float32: columns·u·Σ|w·x|.

      """;

  private static String section(Operation example) {
    Family family = example.family();
    return """
    ## %s: %s

    * **Formula**: %s
    * **Operands**: %s
    * **Numbers**: %s
    * **Variants**: %s
    * **Order of additions**: %s
    * **Error bound**: %s
    * **For example** %s: %s

    """
        .formatted(
            family.id(),
            family.title(),
            family.formula(),
            family.operands(),
            family.numbers(),
            variants(family),
            family.order(),
            family.bound(),
            example.shape(),
            costs(example));
  }

  private static String variants(Family family) {
    Set<String> names =
        Stream.concat(Trial.operations(), EXAMPLES.stream())
            .filter(operation -> operation.family() == family)
            .map(Operation::variant)
            .flatMap(Optional::stream)
            .collect(toCollection(TreeSet::new));
    if (names.size() == TensorType.values().length) {
      return "every tensor type";
    }
    return names.isEmpty() ? "one" : String.join(", ", names);
  }

  private static String costs(Operation o) {
    long bytes = o.bytesMoved();
    long work = o.arithmeticOperations();
    return work == 0
        ? String.format(Locale.ROOT, "%,d bytes moved", bytes)
        : String.format(
            Locale.ROOT,
            "%,d bytes moved, %,d operations, %.2f for each byte",
            bytes,
            work,
            (double) work / bytes);
  }
}
