package dev.witnessmark.causal.testing;

import dev.witnessmark.causal.diff.CausalDiff;
import dev.witnessmark.causal.diff.CausalOptions;
import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.diff.Edge;
import dev.witnessmark.causal.diff.FingerprintPairs;
import dev.witnessmark.causal.diff.Threshold;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Golden data: read apart from the program's own reader of index files. */
public final class Golden {

  private static final JsonMapper JSON = new JsonMapper();

  private Golden() {}

  /** A document. */
  public static JsonNode json(String name) {
    return JSON.readTree(bytes(name));
  }

  /** A file's bytes. */
  public static byte[] bytes(String name) {
    try (InputStream in =
        Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/" + name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A hexadecimal word with its 0x. */
  public static long word(JsonNode text) {
    return Long.parseUnsignedLong(text.asString().substring(2), 16);
  }

  /** Numbers of a fingerprint. */
  public static Fingerprint fingerprint(JsonNode numbers) {
    short[] values = new short[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) numbers.get(i).asInt();
    }
    return Fingerprint.of(values);
  }

  /** The records of an index file. */
  public static FingerprintModel index(String name) {
    ByteBuffer bytes =
        ByteBuffer.wrap(bytes("bgz7/" + name + ".bgz7")).order(ByteOrder.LITTLE_ENDIAN);
    bytes.getInt();
    int records = bytes.getInt();
    List<FingerprintTensor> tensors = new ArrayList<>();
    for (int record = 0; record < records; record++) {
      byte[] text = new byte[bytes.getInt()];
      bytes.get(text);
      LayerType type = LayerType.ofCode(bytes.get());
      int rows = bytes.getInt();
      int columns = bytes.getInt();
      short[] values = new short[rows * Fingerprint.DIMENSIONS];
      bytes.asShortBuffer().get(values);
      bytes.position(bytes.position() + rows * Fingerprint.BYTES);
      tensors.add(
          new RowsInMemory(new String(text, StandardCharsets.UTF_8), type, columns, values));
    }
    return new FingerprintModel(name, tensors, List.of(), List.of(), List.of(), List.of());
  }

  /** The golden diff of two index files. */
  public static CausalResult diff(String base, String tuned, List<Edge> edges) {
    return diff(base, tuned, Threshold.of(100), edges);
  }

  /** A diff of two index files. */
  public static CausalResult diff(
      String base, String tuned, Threshold threshold, List<Edge> edges) {
    try {
      return CausalDiff.run(
          FingerprintPairs.of(index(base), index(tuned)),
          new CausalOptions(threshold, CausalOptions.USUAL_SCAFFOLD_SHARE, false, 2),
          edges::add,
          Progress.NONE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
