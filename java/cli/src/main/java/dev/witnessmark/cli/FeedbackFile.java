package dev.witnessmark.cli;

import dev.witnessmark.causal.diff.HeadKey;
import dev.witnessmark.fingerprint.Projection;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.json.JsonFields;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A round of feedback: an object whose member {@code heads} is an array of objects with {@code
 * block}, {@code projection} and {@code score}.
 */
final class FeedbackFile {

  private static final int MOST = 1_000_000;
  private static final long LARGEST_BLOCK = 0xFFFF_FFFFL;

  private FeedbackFile() {}

  /**
   * The scores in {@code file}.
   *
   * @throws dev.witnessmark.format.Refusal if it holds anything else
   */
  static Map<HeadKey, Float> read(Path file) throws IOException {
    Map<HeadKey, Float> scores = new HashMap<>();
    try (ByteSource source = FileByteSource.open(file);
        JsonInput json = JsonInput.object(source, 0, source.size(), Limits.DEFAULT)) {
      JsonFields.read(
          json,
          "",
          Set.of(),
          Map.of(
              "heads",
              at -> JsonFields.elements(json, at, MOST, head -> read(json, head, scores))));
      json.finish();
    }
    return scores;
  }

  private static void read(JsonInput json, String at, Map<HeadKey, Float> scores)
      throws IOException {
    JsonFields fields = JsonFields.read(json, at, Set.of("block", "projection", "score"), Map.of());
    String label = fields.text("projection");
    Optional<Projection> projection =
        Stream.of(Projection.values()).filter(each -> each.label().equals(label)).findFirst();
    if (projection.isEmpty()) {
      throw fields.wrong("projection", "is no projection such as Q or FfnGate");
    }
    double score = fields.number("score");
    if (!(score >= 0 && score <= 1)) {
      throw fields.wrong("score", "is " + score + ", not between 0 and 1");
    }
    scores.put(new HeadKey(fields.count("block", LARGEST_BLOCK), projection.get()), (float) score);
  }
}
