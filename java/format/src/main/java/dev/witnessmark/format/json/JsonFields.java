package dev.witnessmark.format.json;

import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The members of one object, read strictly: each that is expected is there once, in any order, and
 * no other. What is wrong is refused by its JSON pointer.
 */
public final class JsonFields {

  /** Reads a value that is an array or an object, or one element of an array. */
  @FunctionalInterface
  public interface Nested {
    void read(String pointer) throws IOException;
  }

  /** A member's value, empty for {@code null}. */
  private record Field(Optional<MetadataValue> value, long offset) {}

  private final String file;
  private final String pointer;
  private final Map<String, Field> fields = new HashMap<>();

  private JsonFields(String file, String pointer) {
    this.file = file;
    this.pointer = pointer;
  }

  /**
   * Reads the object at which {@code json} stands; at the outermost one if {@code pointer} is
   * empty.
   *
   * @param scalars members that are a text, a number, a flag or null
   * @param nested what reads the other members; called for null too
   * @throws Refusal.Malformed if a member is missing or not known
   */
  public static JsonFields read(
      JsonInput json, String pointer, Set<String> scalars, Map<String, Nested> nested)
      throws IOException {
    if (!pointer.isEmpty()) {
      json.requireObject(pointer);
    }
    long begin = json.offset();
    JsonFields fields = new JsonFields(json.file(), pointer);
    Set<String> missing = new TreeSet<>(scalars);
    missing.addAll(nested.keySet());
    while (json.nextMember()) {
      String name = json.name();
      String here = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
      if (!missing.remove(name)) {
        throw new Refusal.Malformed(
            json.file(), here, json.offset(), "is not a field that is known here; remove it");
      }
      json.enterValue();
      Nested reader = nested.get(name);
      if (reader != null) {
        reader.read(here);
      } else {
        fields.fields.put(
            name,
            new Field(
                json.atNull() ? Optional.empty() : Optional.of(json.scalar(here)), json.offset()));
      }
    }
    if (!missing.isEmpty()) {
      throw new Refusal.Malformed(
          json.file(),
          pointer.isEmpty() ? "/" : pointer,
          begin,
          "has no field " + String.join(", ", missing));
    }
    return fields;
  }

  /**
   * Reads the array at which {@code json} stands.
   *
   * @param most elements that it may have
   */
  public static void elements(JsonInput json, String pointer, int most, Nested element)
      throws IOException {
    json.requireArray(pointer);
    for (int i = 0; json.nextElement(); i++) {
      if (i == most) {
        throw new Refusal.Malformed(
            json.file(), pointer, json.offset(), "has more than %d elements".formatted(most));
      }
      element.read(pointer + "/" + i);
    }
  }

  /** A text. */
  public String text(String name) throws Refusal {
    return optionalText(name).orElseThrow(() -> wrong(name, "is null, must be a text"));
  }

  /** A text or null. */
  public Optional<String> optionalText(String name) throws Refusal {
    Optional<MetadataValue> value = field(name).value();
    if (value.isPresent() && !(value.get() instanceof MetadataValue.Text)) {
      throw wrong(name, "must be a text");
    }
    return value.map(text -> ((MetadataValue.Text) text).value());
  }

  /** A whole number from 0 to {@code most}. */
  public long count(String name, long most) throws Refusal {
    return optionalCount(name, most).orElseThrow(() -> wrong(name, "is null, must be a number"));
  }

  /** A whole number from 0 to {@code most}, or null. */
  public Optional<Long> optionalCount(String name, long most) throws Refusal {
    Optional<MetadataValue> value = field(name).value();
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get() instanceof MetadataValue.Whole(var whole)
        && whole.signum() >= 0
        && whole.bitLength() < Long.SIZE
        && whole.longValue() <= most) {
      return Optional.of(whole.longValue());
    }
    String found =
        value.get() instanceof MetadataValue.Whole(var whole)
            ? whole.toString()
            : "no whole number";
    throw wrong(name, "is %s, must be from 0 to %d".formatted(found, most));
  }

  /** A finite number. */
  public double number(String name) throws Refusal {
    double number =
        switch (field(name).value().orElse(null)) {
          case MetadataValue.Whole(var whole) -> whole.doubleValue();
          case MetadataValue.Real(double real) -> real;
          case null, default -> Double.NaN;
        };
    if (!Double.isFinite(number)) {
      throw wrong(name, "must be a finite number");
    }
    return number;
  }

  /** True or false. */
  public boolean flag(String name) throws Refusal {
    if (field(name).value().orElse(null) instanceof MetadataValue.Flag(boolean flag)) {
      return flag;
    }
    throw wrong(name, "must be true or false");
  }

  /** Refuses the member {@code name} for what {@code detail} says. */
  public Refusal wrong(String name, String detail) {
    return new Refusal.Malformed(file, pointer + "/" + name, field(name).offset(), detail);
  }

  private Field field(String name) {
    Field field = fields.get(name);
    if (field == null) {
      throw new IllegalArgumentException(name + " was not asked for");
    }
    return field;
  }
}
