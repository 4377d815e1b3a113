package dev.witnessmark.report;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * A column of a {@link ParquetTable}.
 *
 * @param <T> what a row is made from
 * @param type its name and type in the schema
 * @param write gives the value of a row to a consumer, or nothing for null
 */
record ParquetColumn<T>(PrimitiveType type, Write<T> write) {

  /** Gives a value to a consumer, between {@code begin} and {@code end}. */
  interface Write<T> {
    void accept(T row, Field field);
  }

  /**
   * Where a value goes.
   *
   * @param consumer what takes it
   * @param name of the column
   * @param index of the column
   */
  record Field(RecordConsumer consumer, String name, int index) {
    void put(Runnable value) {
      consumer.startField(name, index);
      value.run();
      consumer.endField(name, index);
    }
  }

  /** Text. */
  static <T> ParquetColumn<T> text(String name, Function<T, String> value) {
    return new ParquetColumn<>(
        Types.required(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named(name),
        (row, field) ->
            field.put(() -> field.consumer().addBinary(Binary.fromString(value.apply(row)))));
  }

  /** Whole numbers. */
  static <T> ParquetColumn<T> whole(String name, ToLongFunction<T> value) {
    return new ParquetColumn<>(
        Types.required(PrimitiveTypeName.INT64).named(name),
        (row, field) -> field.put(() -> field.consumer().addLong(value.applyAsLong(row))));
  }

  /** Whole numbers where there are some. */
  static <T> ParquetColumn<T> perhapsWhole(String name, Function<T, OptionalLong> value) {
    return new ParquetColumn<>(Types.optional(PrimitiveTypeName.INT64).named(name), longs(value));
  }

  /** Words of 64 bits, unsigned, where there are some. */
  static <T> ParquetColumn<T> perhapsWord(String name, Function<T, OptionalLong> value) {
    return new ParquetColumn<>(
        Types.optional(PrimitiveTypeName.INT64)
            .as(LogicalTypeAnnotation.intType(Long.SIZE, false))
            .named(name),
        longs(value));
  }

  private static <T> Write<T> longs(Function<T, OptionalLong> value) {
    return (row, field) ->
        value.apply(row).ifPresent(number -> field.put(() -> field.consumer().addLong(number)));
  }

  /** Float64. */
  static <T> ParquetColumn<T> number(String name, ToDoubleFunction<T> value) {
    return new ParquetColumn<>(
        Types.required(PrimitiveTypeName.DOUBLE).named(name),
        (row, field) -> field.put(() -> field.consumer().addDouble(value.applyAsDouble(row))));
  }

  /** Float64, null for NaN. */
  static <T> ParquetColumn<T> perhapsNumber(String name, ToDoubleFunction<T> value) {
    return new ParquetColumn<>(
        Types.optional(PrimitiveTypeName.DOUBLE).named(name),
        (row, field) -> {
          double number = value.applyAsDouble(row);
          if (!Double.isNaN(number)) {
            field.put(() -> field.consumer().addDouble(number));
          }
        });
  }

  /** Float32. */
  static <T> ParquetColumn<T> real(String name, Function<T, Float> value) {
    return new ParquetColumn<>(
        Types.required(PrimitiveTypeName.FLOAT).named(name),
        (row, field) -> field.put(() -> field.consumer().addFloat(value.apply(row))));
  }

  /** Yes or no, where that is known. */
  static <T> ParquetColumn<T> perhapsFlag(String name, Function<T, Optional<Boolean>> value) {
    return new ParquetColumn<>(
        Types.optional(PrimitiveTypeName.BOOLEAN).named(name),
        (row, field) ->
            value.apply(row).ifPresent(flag -> field.put(() -> field.consumer().addBoolean(flag))));
  }
}
