package dev.witnessmark.format.json;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON file as metadata. Objects become dotted keys ({@code config.rope_scaling.factor}), arrays
 * become sequences, an object in an array gets keys with its index ({@code config.layers.0.type}),
 * null is the same as absent.
 */
public final class JsonMetadata {

  private final String file;
  private final Limits limits;
  private final JsonInput json;
  private final Map<String, MetadataValue> entries = new LinkedHashMap<>();
  private long keyCharacters;

  private JsonMetadata(String file, Limits limits, JsonInput json) {
    this.file = file;
    this.limits = limits;
    this.json = json;
  }

  /**
   * Reads all of {@code source}.
   *
   * @param prefix begins every key, for example {@code config.}
   */
  public static Map<String, MetadataValue> read(ByteSource source, String prefix, Limits limits)
      throws IOException {
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      JsonMetadata metadata = new JsonMetadata(source.name(), limits, json);
      metadata.members(prefix);
      json.finish();
      return metadata.entries;
    }
  }

  private void members(String prefix) throws IOException {
    while (json.nextMember()) {
      long at = json.offset();
      String key = dotted(prefix, json.name());
      json.enterValue();
      if (json.atObject()) {
        members(key + ".");
      } else if (json.atArray()) {
        put(key, at, sequence(key));
      } else if (!json.atNull()) {
        put(key, at, json.scalar(key));
      }
    }
  }

  private MetadataValue.Sequence sequence(String key) throws IOException {
    long begin = json.offset() + 1;
    long count = 0;
    List<MetadataValue> head = new ArrayList<>();
    for (; json.nextElement(); count++) {
      if (json.atObject()) {
        members(dotted(key + ".", count + "."));
      } else if (json.atArray()) {
        json.skip();
      } else if (!json.atNull() && head.size() == count && count < MetadataValue.Sequence.HEAD) {
        head.add(json.scalar(key));
      }
    }
    return new MetadataValue.Sequence("JSON", count, head, begin, json.offset() - begin);
  }

  /**
   * Joins a name to the names around it. Members of a long-named object all repeat its name: their
   * lengths together are bounded by what the file itself may have.
   */
  private String dotted(String prefix, String name) throws Refusal {
    keyCharacters += prefix.length() + name.length();
    if (keyCharacters > limits.jsonHeaderBytes()) {
      throw new Refusal.LimitExceeded(
          file,
          "JSON",
          json.offset(),
          "the length of all dotted names",
          keyCharacters,
          limits.jsonHeaderBytes());
    }
    return prefix + name;
  }

  private void put(String key, long at, MetadataValue value) throws Refusal {
    if (entries.putIfAbsent(key, value) != null) {
      throw new Refusal.Duplicate(file, key, at, "two members have this dotted name");
    }
    if (entries.size() > limits.metadataKeys()) {
      throw new Refusal.LimitExceeded(
          file, "JSON", at, "the number of members", entries.size(), limits.metadataKeys());
    }
  }
}
