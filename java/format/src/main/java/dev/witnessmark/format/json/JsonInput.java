package dev.witnessmark.format.json;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * One JSON object in a span of a file, token by token. Whatever is wrong ends in a {@link Refusal}
 * with the byte offset in the file; memory does not depend on the length of the span.
 */
public final class JsonInput implements AutoCloseable {

  /** How Jackson words every constraint: the number found, then the number allowed. */
  private static final Pattern ABOVE_LIMIT =
      Pattern.compile("\\(([0-9]+)\\) exceeds the maximum allowed \\(([0-9]+)");

  private final String file;
  private final long begin;
  private final JsonParser parser;

  private JsonInput(String file, long begin, JsonParser parser) {
    this.file = file;
    this.begin = begin;
    this.parser = parser;
  }

  /**
   * Opens the object in the bytes from {@code begin} (inclusive) to {@code end} (exclusive) and
   * enters it: {@link #nextMember} moves to its first member.
   *
   * @throws Refusal.LimitExceeded if the span is longer than {@link Limits#jsonHeaderBytes()}
   * @throws Refusal.Malformed if it holds no object
   */
  public static JsonInput object(ByteSource source, long begin, long end, Limits limits)
      throws IOException {
    if (end - begin > limits.jsonHeaderBytes()) {
      throw new Refusal.LimitExceeded(
          source.name(), "JSON", begin, "its length", end - begin, limits.jsonHeaderBytes());
    }
    JsonParser parser =
        step(
            source.name(),
            begin,
            () ->
                factory(limits)
                    .createParser(ObjectReadContext.empty(), new Utf8Stream(source, begin, end)));
    JsonInput input = new JsonInput(source.name(), begin, parser);
    try {
      input.expect("JSON", input.next(), JsonToken.START_OBJECT);
      return input;
    } catch (IOException refusal) {
      input.close();
      throw refusal;
    }
  }

  private static JsonFactory factory(Limits limits) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(limits.jsonDepth())
                .maxNameLength((int) Math.min(limits.nameBytes(), Integer.MAX_VALUE))
                .maxStringLength((int) Math.min(limits.textBytes(), Integer.MAX_VALUE))
                .build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        // Python writes Infinity, and real config.json files have it.
        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
        .build();
  }

  /** The file as the user named it, for messages. */
  public String file() {
    return file;
  }

  /** Moves to the next member of the current object; false at its end. */
  public boolean nextMember() throws IOException {
    return next() == JsonToken.PROPERTY_NAME;
  }

  /** Moves to the next element of the current array; false at its end. */
  public boolean nextElement() throws IOException {
    return next() != JsonToken.END_ARRAY;
  }

  /** Name of the current member. */
  public String name() throws IOException {
    return step(parser::currentName);
  }

  /** Moves from a member's name to its value. */
  public void enterValue() throws IOException {
    next();
  }

  /** Whether the current value is an object; {@link #nextMember} then enters it. */
  public boolean atObject() {
    return parser.currentToken() == JsonToken.START_OBJECT;
  }

  /** Whether the current value is an array; {@link #nextElement} then enters it. */
  public boolean atArray() {
    return parser.currentToken() == JsonToken.START_ARRAY;
  }

  /** Whether the current value is {@code null}. */
  public boolean atNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /** Refuses the current value if it is no object. */
  public void requireObject(String subject) throws Refusal {
    expect(subject, parser.currentToken(), JsonToken.START_OBJECT);
  }

  /** Refuses the current value if it is no array. */
  public void requireArray(String subject) throws Refusal {
    expect(subject, parser.currentToken(), JsonToken.START_ARRAY);
  }

  /** The current value, which must be a text. */
  public String text(String subject) throws IOException {
    expect(subject, parser.currentToken(), JsonToken.VALUE_STRING);
    return step(parser::getString);
  }

  /** The current value, which must be an integer from 0 to 2^63 - 1. */
  public long count(String subject) throws IOException {
    expect(subject, parser.currentToken(), JsonToken.VALUE_NUMBER_INT);
    var value = step(parser::getBigIntegerValue);
    if (value.signum() < 0) {
      throw new Refusal.Malformed(file, subject, offset(), value + " is negative");
    }
    if (value.bitLength() >= Long.SIZE) {
      throw new Refusal.SizeOverflow(file, subject, offset(), value + " does not fit in 63 bits");
    }
    return value.longValue();
  }

  /** The current value, which must be a text, a number or a flag. */
  public MetadataValue scalar(String subject) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> new MetadataValue.Text(step(parser::getString));
      case VALUE_NUMBER_INT -> new MetadataValue.Whole(step(parser::getBigIntegerValue));
      case VALUE_NUMBER_FLOAT -> new MetadataValue.Real(step(parser::getDoubleValue));
      case VALUE_TRUE -> new MetadataValue.Flag(true);
      case VALUE_FALSE -> new MetadataValue.Flag(false);
      default -> throw new Refusal.Malformed(file, subject, offset(), "is no text, number or flag");
    };
  }

  /** Passes over the current value with all that is in it. */
  public void skip() throws IOException {
    step(parser::skipChildren);
  }

  /** Byte offset in the file of the current token. */
  public long offset() {
    return begin + parser.currentTokenLocation().getByteOffset();
  }

  /** Checks that nothing but white space follows the object that {@link #object} opened. */
  public void finish() throws IOException {
    if (step(parser::nextToken) != null) {
      throw new Refusal.Malformed(file, "JSON", offset(), "goes on after its end");
    }
  }

  @Override
  public void close() throws IOException {
    step(() -> {
      parser.close();
      return parser;
    });
  }

  private JsonToken next() throws IOException {
    JsonToken token = step(parser::nextToken);
    if (token == null) {
      throw new Refusal.Malformed(file, "JSON", begin, "ends too early");
    }
    return token;
  }

  private void expect(String subject, JsonToken found, JsonToken expected) throws Refusal {
    if (found != expected) {
      throw new Refusal.Malformed(
          file, subject, offset(), "is %s, must be %s".formatted(found, expected));
    }
  }

  private <T> T step(Supplier<T> call) throws IOException {
    return step(file, begin, call);
  }

  /** Calls Jackson, whose exceptions are unchecked, and translates what it throws. */
  private static <T> T step(String file, long begin, Supplier<T> call) throws IOException {
    try {
      return call.get();
    } catch (JacksonIOException failure) {
      throw failure.getCause();
    } catch (JacksonException failure) {
      throw refusal(file, begin, failure);
    }
  }

  private static Refusal refusal(String file, long begin, JacksonException failure) {
    long at = failure.getLocation() == null ? -1 : failure.getLocation().getByteOffset();
    long offset = at < 0 ? -1 : begin + at;
    String message = failure.getOriginalMessage();
    if (failure instanceof StreamConstraintsException) {
      Matcher numbers = ABOVE_LIMIT.matcher(message);
      if (numbers.find()) {
        return new Refusal.LimitExceeded(
            file,
            "JSON",
            offset,
            message.substring(0, numbers.start()).strip(),
            Long.parseLong(numbers.group(1)),
            Long.parseLong(numbers.group(2)));
      }
    }
    return message.startsWith("Duplicate ")
        ? new Refusal.Duplicate(file, "JSON", offset, message)
        : new Refusal.Malformed(file, "JSON", offset, message);
  }
}
