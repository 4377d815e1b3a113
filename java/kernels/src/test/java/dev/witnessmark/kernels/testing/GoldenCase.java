package dev.witnessmark.kernels.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Mismatch;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Softmax;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An operation whose operands and result were computed by others, bit for bit; see the READMEs
 * beside the files.
 *
 * @param name which files
 * @param operation what is computed; its last operand is the result
 * @param inputs its other operands
 * @param expected the result
 */
public record GoldenCase(String name, Operation operation, List<byte[]> inputs, byte[] expected) {

  private static final List<TensorType> MATRICES =
      List.of(TensorType.Q4_K, TensorType.Q5_K, TensorType.Q6_K, TensorType.Q8_0, TensorType.Q4_0);

  /** Activation row 25 holds subnormals; what ggml stores for it is an accident. */
  private static final int ACCIDENTAL_ROW = 25;

  /** Every golden operation. */
  public static Stream<GoldenCase> all() {
    return Stream.of(
            dequantised(),
            quantised(),
            matrices(),
            dots(),
            norms(),
            rotations(),
            elementwise(),
            attentions())
        .flatMap(cases -> cases);
  }

  /** Runs the operation on {@code device} and compares every bit of the result. */
  public <M> Optional<Mismatch> check(Device<M> device) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> operands = new ArrayList<>();
      for (byte[] input : inputs) {
        operands.add(arena.allocateFrom(JAVA_BYTE, input));
      }
      MemorySegment result = arena.allocate(expected.length);
      result.fill((byte) 0xa5);
      operands.add(result);
      List<MemorySegment> actual = Conformance.run(operation, device, operands, arena);
      return Conformance.compare(
          operation.operands().getLast(),
          arena.allocateFrom(JAVA_BYTE, expected),
          actual.getLast());
    }
  }

  private static Stream<GoldenCase> dequantised() {
    return Arrays.stream(TensorType.values())
        .flatMap(type ->
            Stream.of("pattern", "random", "codebook")
                .map(kind -> "ggml/dequant/" + type + "." + kind)
                .filter(name -> GoldenFile.find(name + ".blocks").isPresent())
                .map(name -> {
                  byte[] values = bytes(name + ".f32");
                  return new GoldenCase(
                      name,
                      new Dequantise(type, values.length / Float.BYTES),
                      List.of(bytes(name + ".blocks")),
                      values);
                }));
  }

  private static Stream<GoldenCase> quantised() {
    byte[] activations = bytes("ggml/activation/input.f32");
    byte[] blocks = bytes("ggml/activation/q8_0.ref.blocks");
    int rowBytes = 256 * Float.BYTES;
    int blockBytes = 8 * TensorType.Q8_0.blockBytes();
    return Stream.concat(
        Stream.of(
            new GoldenCase(
                "ggml/activation/q8_K",
                new QuantiseActivations(TensorType.Q8_K, 32, 256),
                List.of(activations),
                bytes("ggml/activation/q8_K.blocks"))),
        IntStream.range(0, 32)
            .filter(row -> row != ACCIDENTAL_ROW)
            .mapToObj(row ->
                new GoldenCase(
                    "ggml/activation/q8_0.ref row " + row,
                    new QuantiseActivations(TensorType.Q8_0, 1, 256),
                    List.of(part(activations, row, rowBytes)),
                    part(blocks, row, blockBytes))));
  }

  private static Stream<GoldenCase> matrices() {
    return MATRICES.stream()
        .flatMap(type ->
            Stream.of("weights", "random")
                .flatMap(kind -> {
                  String name = type + "." + kind;
                  int rows = kind.equals("weights") ? 64 : 16;
                  MatVecQ8 q8 = new MatVecQ8(type, rows, 2048, 5);
                  byte[] weights = bytes("ggml/matvec/" + name + ".blocks");
                  return Stream.of(
                      new GoldenCase(
                          "numerics/" + name + ".q8",
                          q8,
                          List.of(
                              weights,
                              bytes(
                                  "ggml/matvec/activations.%s.blocks"
                                      .formatted(q8.activationType()))),
                          bytes("numerics/" + name + ".q8.f32")),
                      new GoldenCase(
                          "numerics/" + name + ".f32path",
                          new MatVecF32(type, rows, 2048, 5),
                          List.of(weights, bytes("ggml/matvec/activations.f32")),
                          bytes("numerics/" + name + ".f32path.f32")));
                }));
  }

  private static Stream<GoldenCase> dots() {
    int[] lengths = {0, 1, 7, 31, 32, 33, 255, 256, 257, 511, 1000, 1024, 4096, 4099};
    byte[] pattern = bytes("ggml/input/pattern.f32");
    byte[] results = bytes("numerics/reductions.f32");
    return IntStream.range(1, lengths.length)
        .mapToObj(i -> {
          int bytes = lengths[i] * Float.BYTES;
          int shift = 1536 * Float.BYTES;
          return new GoldenCase(
              "numerics/reductions dot256 of " + lengths[i],
              new MatVecF32(TensorType.F32, 1, lengths[i], 1),
              List.of(
                  Arrays.copyOf(pattern, bytes), Arrays.copyOfRange(pattern, shift, shift + bytes)),
              part(results, 2 * i, Float.BYTES));
        });
  }

  private static Stream<GoldenCase> norms() {
    return Stream.of(
            "n64.eps1e-5",
            "n2048.eps1e-5",
            "n4096.eps1e-5",
            "n64.eps1e-6",
            "n2048.eps1e-6",
            "n4096.eps1e-6")
        .map(name -> {
          String size = name.substring(0, name.indexOf('.'));
          int columns = Integer.parseInt(size.substring(1));
          float epsilon = Float.parseFloat(name.substring(name.indexOf("eps") + 3));
          byte[] expected = bytes("numerics/rmsnorm." + name + ".f32");
          return new GoldenCase(
              "numerics/rmsnorm." + name,
              new RmsNorm(expected.length / columns / Float.BYTES, columns, epsilon),
              List.of(
                  bytes("ggml/ops/rmsnorm." + size + ".in.f32"),
                  bytes("ggml/ops/rmsnorm." + size + ".weight.f32")),
              expected);
        });
  }

  private static Stream<GoldenCase> rotations() {
    return Stream.of(64, 128)
        .flatMap(size ->
            Stream.of("theta10000", "theta1000000")
                .flatMap(theta ->
                    Arrays.stream(Rotary.Layout.values())
                        .map(layout -> {
                          String name = "numerics/rope.d" + size + "." + theta;
                          String kind = layout.name().toLowerCase(java.util.Locale.ROOT);
                          return new GoldenCase(
                              name + "." + kind,
                              new Rotary(layout, 10, 2, size, size),
                              List.of(
                                  bytes("ggml/ops/rope.d" + size + ".in.f32"),
                                  bytes(name + ".table.f32")),
                              bytes(name + "." + kind + ".f32"));
                        })));
  }

  private static Stream<GoldenCase> elementwise() {
    byte[] gate = bytes("ggml/ops/swiglu.gate.f32");
    byte[] ones = new byte[gate.length];
    MemorySegment.ofArray(ones)
        .copyFrom(MemorySegment.ofArray(floats(gate.length / Float.BYTES, 1)));
    return Stream.of(
        new GoldenCase(
            "numerics/swiglu",
            new GatedSilu(1020),
            List.of(gate, bytes("ggml/ops/swiglu.up.f32")),
            bytes("numerics/swiglu.f32")),
        new GoldenCase(
            "numerics/silu", new GatedSilu(1020), List.of(gate, ones), bytes("numerics/silu.f32")),
        new GoldenCase(
            "numerics/softmax",
            new Softmax(10, 257),
            List.of(bytes("ggml/ops/softmax.in.f32")),
            bytes("numerics/softmax.f32")));
  }

  private static Stream<GoldenCase> attentions() {
    return Stream.of(
        attention("d64.s1", 1, 64, 1),
        attention("d64.s7", 7, 64, 7),
        attention("d64.s33", 33, 64, 33),
        attention("d128.s1", 1, 128, 1),
        attention("d128.s7", 7, 128, 7),
        attention("d128.s33", 33, 128, 33),
        attention("decode.d64.kv129", 1, 64, 129));
  }

  private static GoldenCase attention(String name, int queries, int headSize, int cached) {
    String inputs = "ggml/ops/attention." + name;
    return new GoldenCase(
        "numerics/attention." + name,
        new Attention(queries, 8, 2, headSize, cached, Element.FLOAT32),
        List.of(bytes(inputs + ".q.f32"), bytes(inputs + ".k.f32"), bytes(inputs + ".v.f32")),
        bytes("numerics/attention." + name + ".f32"));
  }

  /** A golden file of little-endian floats. */
  public static float[] goldenFloats(String file) {
    return MemorySegment.ofArray(bytes(file)).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  /** A golden file of little-endian 32-bit integers. */
  public static int[] goldenInts(String file) {
    return MemorySegment.ofArray(bytes(file)).toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  private static float[] floats(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  private static byte[] part(byte[] bytes, int i, int size) {
    return Arrays.copyOfRange(bytes, i * size, (i + 1) * size);
  }

  private static byte[] bytes(String file) {
    return GoldenFile.find(file).orElseThrow(() -> new AssertionError("no golden file " + file));
  }

  @Override
  public String toString() {
    return name;
  }
}
