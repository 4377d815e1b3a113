package dev.witnessmark.capture;

import dev.witnessmark.capture.Manifest.HashedFile;
import dev.witnessmark.capture.Manifest.StageFile;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes one capture, call by call. Nothing can be seen in the folder before {@link #commit}, and
 * without it nothing stays. For one thread.
 *
 * <pre>{@code
 * try (CaptureWriter capture = CaptureWriter.create(folder, plan, model, positions, F32)) {
 *   capture.write(Stage.FFN_OUT, 3, 0, 7, values);
 *   capture.commit(provenance);
 * }
 * }</pre>
 */
public final class CaptureWriter implements AutoCloseable {

  /** Files that are kept open between calls, if no more are needed; systems allow some 1000. */
  private static final int MOST_OPEN = 500;

  private final CaptureFolder folder;
  private final TracePlan plan;
  private final Hyperparameters model;
  private final TensorType type;
  private final SortedMap<StageKey, Entry> entries = new TreeMap<>();

  /**
   * A stage of the plan.
   *
   * @param doubles its values in an exact capture, where {@code file} gets their rounding
   */
  private record Entry(AprtWriter file, Optional<ExactValues> doubles, StageWriter writer) {}

  private CaptureWriter(
      CaptureFolder folder, TracePlan plan, Hyperparameters model, TensorType type) {
    this.folder = folder;
    this.plan = plan;
    this.model = model;
    this.type = type;
  }

  /**
   * Begins a capture.
   *
   * @param folder where it will be: a new folder, an empty one, or one that holds a capture, whose
   *     files are then replaced
   * @param plan what will be written
   * @param positions how many there can be; fewer may come
   * @param type of the values: F32, or F64 for an exact capture
   * @throws CouldNotCompare if the folder holds anything else, or a tensor would be too large
   */
  public static CaptureWriter create(
      Path folder, TracePlan plan, Hyperparameters model, int positions, TensorType type)
      throws IOException {
    if (type != TensorType.F32 && type != TensorType.F64) {
      throw new IllegalArgumentException("values of type " + type);
    }
    for (StageKey key : plan.keys()) {
      requireFitting(key, key.stage().shape(model, positions));
    }
    CaptureWriter writer =
        new CaptureWriter(CaptureFolder.prepare(folder, plan), plan, model, type);
    try {
      for (StageKey key : plan.keys()) {
        writer.begin(key, positions);
      }
      return writer;
    } catch (IOException | RuntimeException failure) {
      writer.close();
      throw failure;
    }
  }

  private static void requireFitting(StageKey key, List<Integer> shape) throws CouldNotCompare {
    double elements = shape.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
    if (elements > AprtHeader.MOST_ELEMENTS) {
      throw new CouldNotCompare(
          "%s of shape %s is larger than the %d values that an APRT file holds; leave it out, or"
                  .formatted(key, shape, AprtHeader.MOST_ELEMENTS)
              + " capture fewer positions");
    }
  }

  private void begin(StageKey key, int positions) throws IOException {
    Path path = folder.grow(Manifest.fileName(key));
    AprtWriter file = AprtWriter.unnamed(path, AprtHeader.layerOf(key));
    Optional<ExactValues> doubles =
        type == TensorType.F64
            ? Optional.of(new ExactValues(folder.part(key.name() + ".f64")))
            : Optional.empty();
    StageValues values = doubles.isPresent() ? doubles.get() : file;
    entries.put(
        key,
        new Entry(
            file, doubles, new StageWriter(key, model, positions, type.blockBytes(), values)));
  }

  /** Whether {@code stage} is to be written; {@code layer} only counts if it belongs to one. */
  public boolean wants(Stage stage, int layer) {
    return plan.wants(stage, layer);
  }

  /**
   * Writes what one call made of a stage: little-endian float32, or float64 in an exact capture.
   * Calls come in the order of their positions, without a gap.
   *
   * <p>The values of most stages are {@code [count, elements of a row]}. Those of {@code
   * attn_scores} and {@code attn_softmax} are {@code [heads, count, first + count]}, with 0 where a
   * key is later than the query. Those of {@code lm_head} are the logits of the call's last
   * position; of several calls the last one stays, and calls without may be left out.
   *
   * @param layer only counts if the stage belongs to one
   * @param first the call's first position
   * @param count positions of the call
   * @param values native memory
   * @throws IllegalArgumentException if the stage is not in the plan, the call is not the next one,
   *     or the size is wrong
   */
  public void write(Stage stage, int layer, int first, int count, MemorySegment values)
      throws IOException {
    StageKey key = StageKey.of(stage, layer);
    Entry entry = entries.get(key);
    if (entry == null) {
      throw new IllegalArgumentException(key + " is not in the plan");
    }
    entry.writer().write(first, count, values);
    if (entries.size() > MOST_OPEN) {
      entry.writer().release();
    }
  }

  /**
   * Ends the capture and makes it visible, the manifest last.
   *
   * @param provenance of as many positions as were written
   * @return what is in the folder now
   * @throws IllegalStateException if a stage of the plan lacks positions
   */
  public Manifest commit(Provenance provenance) throws IOException {
    for (Map.Entry<StageKey, Entry> entry : entries.entrySet()) {
      int written = entry.getValue().writer().written();
      if (written != provenance.positions()) {
        throw new IllegalStateException(
            "%s: %d of %d positions".formatted(entry.getKey(), written, provenance.positions()));
      }
    }
    if (!provenance.hyperparameters().equals(model)) {
      throw new IllegalStateException("the provenance is of another model");
    }
    SortedMap<StageKey, ExactFile.Tensor> exact = new TreeMap<>();
    for (Map.Entry<StageKey, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      long elements = entry.writer().end();
      if (entry.doubles().isPresent()) {
        List<Integer> shape = each.getKey().stage().shape(model, provenance.positions());
        exact.put(each.getKey(), new ExactFile.Tensor(entry.doubles().get(), shape, entry.file()));
      } else {
        entry.file().end(elements);
      }
    }
    if (type == TensorType.F64) {
      ExactFile.write(folder.part(Manifest.EXACT), exact, provenance);
    }
    Manifest manifest = manifest(provenance);
    folder.publish(manifest);
    return manifest;
  }

  private Manifest manifest(Provenance provenance) throws IOException {
    List<String> names = new ArrayList<>();
    plan.keys().forEach(key -> names.add(Manifest.fileName(key)));
    if (type == TensorType.F64) {
      names.add(Manifest.EXACT);
    }
    Iterator<HashedFile> sealed = folder.seal(names).iterator();
    SortedMap<StageKey, StageFile> stages = new TreeMap<>();
    for (StageKey key : plan.keys()) {
      List<Integer> shape = key.stage().shape(model, provenance.positions());
      stages.put(key, new StageFile(type, shape, sealed.next()));
    }
    return new Manifest(
        provenance, stages, type == TensorType.F64 ? Optional.of(sealed.next()) : Optional.empty());
  }

  @Override
  public void close() throws IOException {
    for (Entry entry : entries.values()) {
      entry.file().close();
      if (entry.doubles().isPresent()) {
        entry.doubles().get().close();
      }
    }
    folder.close();
  }
}
