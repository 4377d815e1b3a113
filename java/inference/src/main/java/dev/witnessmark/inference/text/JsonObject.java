package dev.witnessmark.inference.text;

import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A small object of a JSON file, whole. Whoever reads it asks for each member that it knows and
 * then {@linkplain #finish for what is left}: a member that was not understood may change every id.
 */
final class JsonObject {

  /** Far more than any part of a tokenizer but its vocabulary has. */
  private static final int MOST_MEMBERS = 10_000;

  private final String file;
  private final String subject;
  private final long at;
  private final Map<String, Object> members;
  private final Set<String> read = new HashSet<>();

  private JsonObject(String file, String subject, long at, Map<String, Object> members) {
    this.file = file;
    this.subject = subject;
    this.at = at;
    this.members = members;
  }

  /** Reads the object that {@code json} is at; empty at {@code null}. */
  static Optional<JsonObject> read(String file, String subject, JsonInput json) throws IOException {
    if (json.atNull()) {
      return Optional.empty();
    }
    json.requireObject(subject);
    return Optional.of(new Reader(file, json).object(subject));
  }

  /** Reads values, counting them. */
  private static final class Reader {
    private final String file;
    private final JsonInput json;
    private int count;

    Reader(String file, JsonInput json) {
      this.file = file;
      this.json = json;
    }

    JsonObject object(String subject) throws IOException {
      long at = json.offset();
      Map<String, Object> members = new LinkedHashMap<>();
      while (json.nextMember()) {
        String name = json.name();
        json.enterValue();
        if (!json.atNull()) {
          members.put(name, value(subject + "." + name));
        }
      }
      return new JsonObject(file, subject, at, members);
    }

    private Object value(String subject) throws IOException {
      if (++count > MOST_MEMBERS) {
        throw new Refusal.Unsupported(
            file, subject, json.offset(), "has more than %d values".formatted(MOST_MEMBERS));
      }
      if (json.atObject()) {
        return object(subject);
      }
      if (!json.atArray()) {
        return json.scalar(subject);
      }
      List<Object> elements = new ArrayList<>();
      while (json.nextElement()) {
        elements.add(value(subject));
      }
      return elements;
    }
  }

  /** Where the file has it. */
  long offset() {
    return at;
  }

  /** Names of the members that are not null. */
  Set<String> names() {
    return members.keySet();
  }

  /** The text at {@code name}. */
  String text(String name) throws Refusal {
    return optionalText(name).orElseThrow(() -> malformed(name, "is missing or no text"));
  }

  /** The text at {@code name}, if there is anything. */
  Optional<String> optionalText(String name) throws Refusal {
    return switch (member(name)) {
      case Absent.HERE -> Optional.empty();
      case MetadataValue.Text(String value) -> Optional.of(value);
      default -> throw malformed(name, "is no text");
    };
  }

  /** The flag at {@code name}, or {@code otherwise} if there is nothing. */
  boolean flag(String name, boolean otherwise) throws Refusal {
    return switch (member(name)) {
      case Absent.HERE -> otherwise;
      case MetadataValue.Flag(boolean value) -> value;
      default -> throw malformed(name, "is neither true nor false");
    };
  }

  /** The integer at {@code name}. */
  long whole(String name) throws Refusal {
    if (member(name) instanceof MetadataValue.Whole(var value) && value.bitLength() < Long.SIZE) {
      return value.longValue();
    }
    throw malformed(name, "is missing or no integer of 64 bits");
  }

  /** The object at {@code name}. */
  JsonObject object(String name) throws Refusal {
    if (member(name) instanceof JsonObject object) {
      return object;
    }
    throw malformed(name, "is missing or no object");
  }

  /** The array of objects at {@code name}. */
  List<JsonObject> objects(String name) throws Refusal {
    List<JsonObject> objects = new ArrayList<>();
    for (Object element : array(name)) {
      if (!(element instanceof JsonObject object)) {
        throw malformed(name, "has an element that is no object");
      }
      objects.add(object);
    }
    return objects;
  }

  /** The array of integers at {@code name}. */
  List<Long> wholes(String name) throws Refusal {
    List<Long> wholes = new ArrayList<>();
    for (Object element : array(name)) {
      if (!(element instanceof MetadataValue.Whole(var value)) || value.bitLength() >= Long.SIZE) {
        throw malformed(name, "has an element that is no integer of 64 bits");
      }
      wholes.add(value.longValue());
    }
    return wholes;
  }

  /** Passes over the member {@code name}, which does not matter. */
  JsonObject ignore(String name) {
    read.add(name);
    return this;
  }

  /** Refuses members that nobody asked for. */
  void finish() throws Refusal {
    for (String name : members.keySet()) {
      if (!read.contains(name)) {
        throw unsupported("its '%s'".formatted(name));
      }
    }
  }

  /** What is here exists, but is not supported. */
  Refusal unsupported(String what) {
    return new Refusal.Unsupported(file, subject, at, what + " " + Tokenizers.NOT_SUPPORTED);
  }

  /** What is at {@code name} is not what it must be. */
  Refusal malformed(String name, String why) {
    return new Refusal.Malformed(file, subject + "." + name, at, why);
  }

  private enum Absent {
    HERE
  }

  private Object member(String name) {
    read.add(name);
    return members.getOrDefault(name, Absent.HERE);
  }

  private List<?> array(String name) throws Refusal {
    if (member(name) instanceof List<?> elements) {
      return elements;
    }
    throw malformed(name, "is missing or no array");
  }
}
