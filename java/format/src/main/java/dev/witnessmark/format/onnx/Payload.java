package dev.witnessmark.format.onnx;

import java.util.OptionalLong;

/** Where a {@code TensorProto} says that its values are. */
sealed interface Payload {

  /**
   * In one field of the model file.
   *
   * @param field the field of {@code TensorProto}, see {@link ElementType.Field}
   * @param offset first byte in the file
   * @param bytes number of bytes in the file
   */
  record Inside(int field, long offset, long bytes) implements Payload {}

  /**
   * In a file beside the model.
   *
   * @param location path relative to the model's folder, not yet checked
   * @param offset first byte in that file
   * @param bytes number of bytes, if the model says it
   */
  record Outside(String location, long offset, OptionalLong bytes) implements Payload {}

  /** Nowhere, as for a tensor without elements. */
  record Absent() implements Payload {}
}
