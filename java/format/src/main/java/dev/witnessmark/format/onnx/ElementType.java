package dev.witnessmark.format.onnx;

import dev.witnessmark.format.TensorType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Element types of {@code TensorProto.data_type}: how the values are read, and in which field they
 * are where they are not raw bytes.
 */
enum ElementType {
  FLOAT(1, TensorType.F32, Field.FLOAT_DATA),
  UINT8(2, TensorType.U8, Field.INT32_DATA),
  INT8(3, TensorType.I8, Field.INT32_DATA),
  UINT16(4, TensorType.U16, Field.INT32_DATA),
  INT16(5, TensorType.I16, Field.INT32_DATA),
  INT32(6, TensorType.I32, Field.INT32_DATA),
  INT64(7, TensorType.I64, Field.INT64_DATA),
  STRING(8, null, Field.STRING_DATA),
  BOOL(9, TensorType.BOOL, Field.INT32_DATA),
  FLOAT16(10, TensorType.F16, Field.INT32_DATA),
  DOUBLE(11, TensorType.F64, Field.DOUBLE_DATA),
  UINT32(12, TensorType.U32, Field.UINT64_DATA),
  UINT64(13, TensorType.U64, Field.UINT64_DATA),
  COMPLEX64(14, null, Field.FLOAT_DATA),
  COMPLEX128(15, null, Field.DOUBLE_DATA),
  BFLOAT16(16, TensorType.BF16, Field.INT32_DATA),
  FLOAT8E4M3FN(17, TensorType.F8_E4M3, Field.INT32_DATA),
  FLOAT8E4M3FNUZ(18, null, Field.INT32_DATA),
  FLOAT8E5M2(19, TensorType.F8_E5M2, Field.INT32_DATA),
  FLOAT8E5M2FNUZ(20, null, Field.INT32_DATA),
  UINT4(21, null, Field.INT32_DATA),
  INT4(22, null, Field.INT32_DATA),
  FLOAT4E2M1(23, null, Field.INT32_DATA),
  FLOAT8E8M0(24, null, Field.INT32_DATA),
  UINT2(25, null, Field.INT32_DATA),
  INT2(26, null, Field.INT32_DATA);

  /** Fields of {@code TensorProto} that hold values. */
  static final class Field {
    static final int FLOAT_DATA = 4;
    static final int INT32_DATA = 5;
    static final int STRING_DATA = 6;
    static final int INT64_DATA = 7;
    static final int RAW_DATA = 9;
    static final int DOUBLE_DATA = 10;
    static final int UINT64_DATA = 11;

    private Field() {}
  }

  private static final ElementType[] BY_ID = new ElementType[27];

  static {
    for (ElementType type : values()) {
      BY_ID[type.id] = type;
    }
  }

  private final int id;
  private final @Nullable TensorType stored;
  private final int field;

  ElementType(int id, @Nullable TensorType stored, int field) {
    this.id = id;
    this.stored = stored;
    this.field = field;
  }

  /** The type with this number; empty for 0 (undefined) and unknown ones. */
  static Optional<ElementType> of(long id) {
    return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.ofNullable(BY_ID[(int) id]);
  }

  /** How the values are read; empty where they are not. */
  Optional<TensorType> stored() {
    return Optional.ofNullable(stored);
  }

  /** The field of {@code TensorProto} that holds the values where {@code raw_data} does not. */
  int field() {
    return field;
  }
}
