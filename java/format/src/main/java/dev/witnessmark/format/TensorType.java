package dev.witnessmark.format;

import java.util.Optional;

/**
 * How the values of a tensor are stored: the GGUF storage types (ids and sizes as ggml 0.21 has
 * them) and those of safetensors and ONNX that GGUF lacks.
 *
 * <p>A row is whole blocks: the last dimension is a multiple of {@link #blockElements()}.
 */
public enum TensorType {
  F32(0, Family.FLOAT, 1, 4),
  F16(1, Family.FLOAT, 1, 2),
  Q4_0(2, Family.BLOCK, 32, 18),
  Q4_1(3, Family.BLOCK, 32, 20),
  Q5_0(6, Family.BLOCK, 32, 22),
  Q5_1(7, Family.BLOCK, 32, 24),
  Q8_0(8, Family.BLOCK, 32, 34),
  Q8_1(9, Family.BLOCK, 32, 36),
  Q2_K(10, Family.BLOCK, 256, 84),
  Q3_K(11, Family.BLOCK, 256, 110),
  Q4_K(12, Family.BLOCK, 256, 144),
  Q5_K(13, Family.BLOCK, 256, 176),
  Q6_K(14, Family.BLOCK, 256, 210),
  Q8_K(15, Family.BLOCK, 256, 292),
  IQ2_XXS(16, Family.BLOCK, 256, 66),
  IQ2_XS(17, Family.BLOCK, 256, 74),
  IQ3_XXS(18, Family.BLOCK, 256, 98),
  IQ1_S(19, Family.BLOCK, 256, 50),
  IQ4_NL(20, Family.BLOCK, 32, 18),
  IQ3_S(21, Family.BLOCK, 256, 110),
  IQ2_S(22, Family.BLOCK, 256, 82),
  IQ4_XS(23, Family.BLOCK, 256, 136),
  I8(24, Family.INTEGER, 1, 1),
  I16(25, Family.INTEGER, 1, 2),
  I32(26, Family.INTEGER, 1, 4),
  I64(27, Family.INTEGER, 1, 8),
  F64(28, Family.FLOAT, 1, 8),
  IQ1_M(29, Family.BLOCK, 256, 56),
  BF16(30, Family.FLOAT, 1, 2),
  TQ1_0(34, Family.BLOCK, 256, 54),
  TQ2_0(35, Family.BLOCK, 256, 66),
  MXFP4(39, Family.BLOCK, 32, 17),
  NVFP4(40, Family.BLOCK, 64, 36),
  Q1_0(41, Family.BLOCK, 128, 18),
  Q2_0(42, Family.BLOCK, 64, 18),
  F8_E4M3(TensorType.NOT_IN_GGUF, Family.FLOAT, 1, 1),
  F8_E5M2(TensorType.NOT_IN_GGUF, Family.FLOAT, 1, 1),
  U8(TensorType.NOT_IN_GGUF, Family.INTEGER, 1, 1),
  U16(TensorType.NOT_IN_GGUF, Family.INTEGER, 1, 2),
  U32(TensorType.NOT_IN_GGUF, Family.INTEGER, 1, 4),
  U64(TensorType.NOT_IN_GGUF, Family.INTEGER, 1, 8),
  BOOL(TensorType.NOT_IN_GGUF, Family.INTEGER, 1, 1);

  /** What the bits of one element are. */
  public enum Family {
    /** An IEEE-like floating-point number. */
    FLOAT,
    /** A two's complement or unsigned integer. */
    INTEGER,
    /** Part of a block with shared scales. */
    BLOCK
  }

  private static final int NOT_IN_GGUF = -1;
  private static final TensorType[] BY_GGML_ID = new TensorType[43];

  static {
    for (TensorType type : values()) {
      if (type.ggmlId != NOT_IN_GGUF) {
        BY_GGML_ID[type.ggmlId] = type;
      }
    }
  }

  private final int ggmlId;
  private final Family family;
  private final int blockElements;
  private final int blockBytes;

  TensorType(int ggmlId, Family family, int blockElements, int blockBytes) {
    this.ggmlId = ggmlId;
    this.family = family;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /** The type with this id in a GGUF tensor description; empty for removed and unknown ids. */
  public static Optional<TensorType> ofGgmlId(long id) {
    return id < 0 || id >= BY_GGML_ID.length
        ? Optional.empty()
        : Optional.ofNullable(BY_GGML_ID[(int) id]);
  }

  public Family family() {
    return family;
  }

  /** True where values share scales: storing rounds to a step that depends on the neighbours. */
  public boolean quantised() {
    return family == Family.BLOCK;
  }

  /** Elements of one block; 1 for plain types. */
  public int blockElements() {
    return blockElements;
  }

  /** Bytes of one block. */
  public int blockBytes() {
    return blockBytes;
  }

  /**
   * Bytes of {@code elements} values, which must be whole blocks.
   *
   * @throws ArithmeticException if they are not, or the product does not fit in 63 bits
   */
  public long bytes(long elements) {
    if (elements % blockElements != 0) {
      throw new ArithmeticException(
          elements + " elements are not whole blocks of " + blockElements);
    }
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }
}
