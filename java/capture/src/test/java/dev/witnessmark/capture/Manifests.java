package dev.witnessmark.capture;

import dev.witnessmark.capture.Manifest.HashedFile;
import dev.witnessmark.capture.Manifest.StageFile;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.BytesSource;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.StageKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Manifests that could be of captures. */
final class Manifests {

  static final JsonMapper JSON = JsonMapper.builder().build();

  private Manifests() {}

  /** One of a few stages of {@code model}. */
  static Manifest of(Hyperparameters model, int positions, TensorType type) throws IOException {
    TracePlan plan =
        TraceRequest.parse("embedding,attn_scores,moe_router,lm_head", "all").of(model);
    SortedMap<StageKey, StageFile> stages = new TreeMap<>();
    for (StageKey key : plan.keys()) {
      List<Integer> shape = key.stage().shape(model, positions);
      long elements = shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
      stages.put(
          key,
          new StageFile(
              type,
              shape,
              new HashedFile(Manifest.fileName(key), 12 + 4 * elements, "0123abcd".repeat(8))));
    }
    return new Manifest(
        SmallModel.provenance(model, positions),
        stages,
        type == TensorType.F64
            ? Optional.of(new HashedFile(Manifest.EXACT, 1000, "f".repeat(64)))
            : Optional.empty());
  }

  static byte[] bytes(Manifest manifest) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ManifestWriter.write(manifest, out);
    return out.toByteArray();
  }

  static ObjectNode tree(Manifest manifest) {
    return (ObjectNode) JSON.readTree(bytes(manifest));
  }

  static Manifest read(byte[] bytes) throws IOException {
    return ManifestReader.read(new BytesSource("manifest.json", bytes), Limits.DEFAULT);
  }

  static Manifest read(ObjectNode tree) throws IOException {
    return read(tree.toString().getBytes(StandardCharsets.UTF_8));
  }
}
