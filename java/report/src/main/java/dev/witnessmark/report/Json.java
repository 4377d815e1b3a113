package dev.witnessmark.report;

import dev.witnessmark.verdict.Verdict;
import java.io.OutputStream;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/** How documents are written: UTF-8, fields in a fixed order, infinities and NaN as texts. */
final class Json {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private Json() {}

  /** A generator for one document on one line. */
  static JsonGenerator line(OutputStream out) {
    return FACTORY.createGenerator(ObjectWriteContext.empty(), out);
  }

  /** A generator for an indented document. */
  static JsonGenerator indented(OutputStream out) {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    return FACTORY.createGenerator(
        new ObjectWriteContext.Base() {
          @Override
          public DefaultPrettyPrinter getPrettyPrinter() {
            return printer.createInstance();
          }
        },
        out);
  }

  /** What every document with a verdict begins with: its schema, the verdict and why. */
  static void verdict(JsonGenerator json, String schema, Verdict verdict) {
    json.writeStringProperty("schema", schema);
    json.writeStringProperty("verdict", verdict.label());
    json.writeNumberProperty("exitCode", verdict.exit().code());
    texts(json, "basis", verdict.basis());
  }

  /** A list of texts. */
  static void texts(JsonGenerator json, String name, Collection<String> texts) {
    array(json, name, texts, json::writeString);
  }

  /** A list, of which {@code write} writes each element. */
  static <T> void array(
      JsonGenerator json, String name, Collection<T> values, Consumer<? super T> write) {
    json.writeName(name);
    json.writeStartArray();
    values.forEach(write);
    json.writeEndArray();
  }

  /** An object with what {@code fields} writes, or null. */
  static <T> void optional(
      JsonGenerator json, String name, Optional<T> value, Consumer<? super T> fields) {
    json.writeName(name);
    if (value.isEmpty()) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    fields.accept(value.get());
    json.writeEndObject();
  }

  static void number(JsonGenerator json, String name, @Nullable Double value) {
    json.writeName(name);
    if (value == null) {
      json.writeNull();
    } else if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeString(value.toString());
    }
  }

  static void whole(JsonGenerator json, String name, @Nullable Long value) {
    json.writeName(name);
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  static void text(JsonGenerator json, String name, @Nullable String value) {
    json.writeName(name);
    if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value);
    }
  }
}
