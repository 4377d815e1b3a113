package dev.witnessmark.format.safetensors;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Name;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A {@code model.safetensors.index.json}: which shard holds which tensor.
 *
 * @param shardOf file name by tensor name
 * @param shards the file names in their order
 */
record ShardIndex(Map<String, String> shardOf, Set<String> shards) {

  private static final String WEIGHT_MAP = "weight_map";

  static ShardIndex read(ByteSource source, Limits limits) throws IOException {
    String file = source.name();
    Map<String, String> shardOf = new LinkedHashMap<>();
    // One instance per shard's name, however many tensors have it.
    Map<String, String> shards = new TreeMap<>();
    boolean found = false;
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      while (json.nextMember()) {
        String member = json.name();
        json.enterValue();
        if (!member.equals(WEIGHT_MAP)) {
          json.skip();
          continue;
        }
        found = true;
        json.requireObject(WEIGHT_MAP);
        while (json.nextMember()) {
          long at = json.offset();
          String tensor = json.name();
          Name.check(file, tensor, at, limits);
          json.enterValue();
          String shard = json.text(tensor);
          shardOf.put(tensor, shards.computeIfAbsent(shard, same -> same));
          limit(file, "tensors", at, shardOf.size(), limits.tensors());
          limit(file, "shards", at, shards.size(), limits.parts());
        }
      }
      json.finish();
    }
    if (!found) {
      throw new Refusal.Malformed(file, WEIGHT_MAP, -1, "is not there");
    }
    return new ShardIndex(shardOf, shards.keySet());
  }

  /**
   * Holds the index to what the shards have.
   *
   * @param file the index
   * @param holders file name by tensor name
   */
  void compare(String file, Map<String, String> holders) throws Refusal {
    for (var held : holders.entrySet()) {
      String listed = shardOf.get(held.getKey());
      if (!held.getValue().equals(listed)) {
        throw new Refusal.Malformed(
            file,
            held.getKey(),
            -1,
            "the tensor is in %s, the index %s"
                .formatted(
                    held.getValue(), listed == null ? "does not list it" : "says " + listed));
      }
    }
    for (var listed : shardOf.entrySet()) {
      if (!holders.containsKey(listed.getKey())) {
        throw new Refusal.MissingPart(
            file, listed.getKey(), "the tensor is not in " + listed.getValue());
      }
    }
  }

  private static void limit(String file, String what, long at, long found, long allowed)
      throws Refusal {
    if (found > allowed) {
      throw new Refusal.LimitExceeded(file, what, at, "their number", found, allowed);
    }
  }
}
