package dev.witnessmark.capture;

import dev.witnessmark.capture.dump.Dump;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds stages among the tensors of another tool and brings them to the shapes of stages: batches
 * of one lose their dimension, rows that are split into heads are joined, of logits for all
 * positions the last row is taken. All must be of equally many positions.
 */
final class ForeignStages {

  private final String path;
  private final SortedMap<StageKey, TensorView> stages = new TreeMap<>();
  private final List<String> unmapped = new ArrayList<>();
  private Optional<StageKey> counted = Optional.empty();
  private long positions;

  private ForeignStages(String path) {
    this.path = path;
  }

  /**
   * The stages of {@code dump}.
   *
   * @throws Refusal if two tensors are the same stage, or one cannot be what it is called
   */
  static ForeignStages of(Dump dump, String path, CaptureOptions options) throws Refusal {
    ForeignStages found = new ForeignStages(path);
    Map<StageKey, TensorView> named = new TreeMap<>();
    for (TensorView tensor : dump.tensors()) {
      Optional<StageKey> key = options.names().stage(tensor.name());
      if (key.isEmpty()) {
        found.unmapped.add(tensor.name());
        continue;
      }
      TensorView other = named.put(key.get(), tensor);
      if (other != null) {
        throw new Refusal.Duplicate(
            path,
            tensor.name(),
            tensor.offset(),
            "it and %s are both %s; map one of them".formatted(other.name(), key.get()));
      }
    }
    // Rows that are not split say how many positions there are; the others are read by that.
    for (Map.Entry<StageKey, TensorView> each : named.entrySet()) {
      found.count(each.getKey(), each.getValue());
    }
    if (found.counted.isEmpty()) {
      found.countOne(named);
    }
    for (Map.Entry<StageKey, TensorView> each : named.entrySet()) {
      found.add(each.getKey(), each.getValue(), options.model());
    }
    return found;
  }

  SortedMap<StageKey, TensorView> stages() {
    return stages;
  }

  /** Positions of every stage; 0 where only logits are there, which do not say. */
  long positions() {
    return positions;
  }

  /** Names that mean no stage, in the order of the files. */
  List<String> unmapped() {
    return unmapped;
  }

  private void count(StageKey key, TensorView tensor) throws Refusal {
    long[] dimensions = withoutBatch(tensor, rank(key.stage()));
    boolean square = !key.stage().isPerPosition() && key.stage() != Stage.LM_HEAD;
    if (dimensions.length == rank(key.stage()) && key.stage() != Stage.LM_HEAD) {
      long here = square ? dimensions[1] : dimensions[0];
      if (counted.isEmpty()) {
        counted = Optional.of(key);
        positions = here;
      } else if (here != positions) {
        throw new Refusal.Inconsistent(
            path,
            tensor.name(),
            tensor.offset(),
            "the positions of %s as %s, those of %s being the other number: their number"
                .formatted(tensor.shape(), key, counted.get()),
            here,
            positions);
      }
    }
  }

  /** Rows without a dimension for positions are of one. */
  private void countOne(Map<StageKey, TensorView> named) {
    counted =
        named.entrySet().stream()
            .filter(each -> each.getKey().stage().isPerPosition())
            .filter(each -> each.getValue().shape().rank() == 1)
            .map(Map.Entry::getKey)
            .findFirst();
    positions = counted.isPresent() ? 1 : 0;
  }

  private void add(StageKey key, TensorView tensor, Optional<Hyperparameters> model)
      throws Refusal {
    switch (tensor.type()) {
      case F64, F32, F16, BF16 -> {}
      default ->
          throw new Refusal.UnknownType(
              path,
              tensor.name(),
              tensor.offset(),
              "%s is not read as a stage; floats of 16, 32 and 64 bits are"
                  .formatted(tensor.type()));
    }
    long[] dimensions = withoutBatch(tensor, rank(key.stage()));
    TensorView stage =
        switch (key.stage()) {
          case LM_HEAD -> logits(tensor, dimensions);
          case ATTN_SCORES, ATTN_SOFTMAX -> square(tensor, key, dimensions);
          default -> rows(tensor, key, dimensions);
        };
    if (model.isPresent()) {
      requireSizes(key, stage, model.get());
    }
    stages.put(key, stage);
  }

  private static int rank(Stage stage) {
    return stage == Stage.LM_HEAD ? 1 : stage.isPerPosition() ? 2 : 3;
  }

  /** The dimensions, without those of 1 at the front that are more than {@code rank}. */
  private static long[] withoutBatch(TensorView tensor, int rank) {
    long[] dimensions = tensor.shape().toArray();
    int first = 0;
    while (dimensions.length - first > rank && dimensions[first] == 1) {
      first++;
    }
    return Arrays.copyOfRange(dimensions, first, dimensions.length);
  }

  private TensorView rows(TensorView tensor, StageKey key, long[] d) throws Refusal {
    if (d.length == 2) {
      return reshaped(tensor, d);
    }
    if (d.length == 1 && positions == 1) {
      return reshaped(tensor, 1, d[0]);
    }
    // Heads before positions would be another order of the values; 3 numbers do not tell them.
    if (d.length == 3 && counted.isPresent() && d[0] == positions && d[1] != positions) {
      return reshaped(tensor, d[0], d[1] * d[2]);
    }
    throw wrong(tensor, key, "[positions, elements of a row]");
  }

  private TensorView square(TensorView tensor, StageKey key, long[] d) throws Refusal {
    if (d.length == 3 && d[1] == d[2]) {
      return reshaped(tensor, d);
    }
    throw wrong(tensor, key, "[heads, positions, positions]");
  }

  /** The last position's. */
  private TensorView logits(TensorView tensor, long[] d) throws Refusal {
    if (d.length == 1) {
      return reshaped(tensor, d);
    }
    if (d.length == 2 && d[0] > 0 && (counted.isEmpty() || d[0] == positions)) {
      long bytes = tensor.type().bytes(d[1]);
      return new TensorView(
          tensor.name(),
          tensor.storedName(),
          tensor.type(),
          Shape.of(d[1]),
          tensor.source(),
          tensor.offset() + (d[0] - 1) * bytes,
          bytes,
          tensor.order(),
          false,
          null);
    }
    throw wrong(tensor, StageKey.of(Stage.LM_HEAD, 0), "[vocabulary] or [positions, vocabulary]");
  }

  private static TensorView reshaped(TensorView tensor, long... dimensions) {
    return TensorView.stored(
            tensor.name(),
            tensor.type(),
            Shape.of(dimensions),
            tensor.source(),
            tensor.offset(),
            tensor.bytes())
        .in(tensor.order());
  }

  private Refusal wrong(TensorView tensor, StageKey key, String expected) {
    return new Refusal.Malformed(
        path,
        tensor.name(),
        tensor.offset(),
        "has shape %s, and %s is %s%s"
            .formatted(
                tensor.shape(),
                key,
                expected,
                counted.map(k -> ", of %d positions as %s".formatted(positions, k)).orElse("")));
  }

  private void requireSizes(StageKey key, TensorView stage, Hyperparameters model) throws Refusal {
    if (key.layer() >= model.layers() || !key.stage().occursIn(model, key.layer())) {
      throw new Refusal.Malformed(
          path,
          stage.name(),
          stage.offset(),
          "%s is no stage of this %s model of %d layers"
              .formatted(key, model.architecture(), model.layers()));
    }
    Shape expected =
        Shape.of(
            key.stage().shape(model, (int) Math.min(positions, Integer.MAX_VALUE)).stream()
                .mapToLong(Integer::longValue)
                .toArray());
    if (!stage.shape().equals(expected)) {
      throw new Refusal.Malformed(
          path,
          stage.name(),
          stage.offset(),
          "has shape %s, and %s of this model is %s".formatted(stage.shape(), key, expected));
    }
  }
}
