package dev.witnessmark.capture;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.transformer.StageKey;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A document {@code wmark-capture-v1}: what APRT files leave out. Its schema is the resource {@code
 * wmark-capture-v1.schema.json}.
 *
 * @param provenance where the capture comes from
 * @param stages what is captured, in forward order
 * @param exact the float64 tensors, in a capture that has them
 */
public record Manifest(
    Provenance provenance, SortedMap<StageKey, StageFile> stages, Optional<HashedFile> exact) {

  /** The schema id in every document. */
  public static final String SCHEMA = "wmark-capture-v1";

  /** What the schema ids of all versions begin with. */
  static final String FAMILY = "wmark-capture-";

  /** The name of the manifest in its folder. */
  public static final String FILE = "manifest.json";

  /** The name of the float64 tensors in their folder. */
  public static final String EXACT = "exact.safetensors";

  public Manifest {
    stages = Collections.unmodifiableSortedMap(new TreeMap<>(stages));
  }

  /** Where the folder of a capture has {@code stage}: {@code layer-3/ffn_out.bin}. */
  public static String fileName(StageKey stage) {
    return stage.name() + ".bin";
  }

  /**
   * One stage.
   *
   * @param type how its values were computed: F32, or F64 if they are in {@link Manifest#exact} too
   * @param shape dimensions, slowest first
   * @param file the APRT file
   */
  public record StageFile(TensorType type, List<Integer> shape, HashedFile file) {
    public StageFile {
      shape = List.copyOf(shape);
    }
  }

  /**
   * A file of the capture.
   *
   * @param name its path in the folder, with slashes
   * @param bytes its size
   * @param sha256 hash of all of it
   */
  public record HashedFile(String name, long bytes, String sha256) {}
}
