package dev.witnessmark.model.transformer;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stage of a layer, or of the whole model; ordered as the forward pass makes them.
 *
 * @param layer the layer from 0, or {@link #NO_LAYER} where the stage belongs to none
 */
public record StageKey(Stage stage, int layer) implements Comparable<StageKey> {

  /** Stands for the layer of {@link Stage#FINAL_NORM} and {@link Stage#LM_HEAD}. */
  public static final int NO_LAYER = -1;

  private static final Pattern IN_LAYER = Pattern.compile("layer-(0|[1-9][0-9]{0,8})/([a-z_]+)");

  private static final Comparator<StageKey> FORWARD =
      Comparator.comparingInt((StageKey key) -> key.layer == NO_LAYER ? 1 : 0)
          .thenComparingInt(StageKey::layer)
          .thenComparing(StageKey::stage);

  /**
   * @throws IllegalArgumentException if the stage has no such layer in any model
   */
  public StageKey {
    boolean possible =
        switch (stage.scope()) {
          case FIRST_LAYER -> layer == 0;
          case LAYER -> layer >= 0;
          case MODEL -> layer == NO_LAYER;
        };
    if (!possible) {
      throw new IllegalArgumentException("%s of layer %d".formatted(stage.id(), layer));
    }
  }

  /** The stage {@code stage}, where {@code layer} only counts if it belongs to one. */
  public static StageKey of(Stage stage, int layer) {
    return new StageKey(stage, stage.scope() == Stage.Scope.MODEL ? NO_LAYER : layer);
  }

  /** The key of a {@link #name}, letter by letter. */
  public static Optional<StageKey> ofName(String name) {
    Matcher inLayer = IN_LAYER.matcher(name);
    boolean layered = inLayer.matches();
    String id = layered ? inLayer.group(2) : name;
    int layer = layered ? Integer.parseInt(inLayer.group(1)) : NO_LAYER;
    return Stage.of(id)
        .filter(stage -> stage.id().equals(id))
        .filter(stage -> (stage.scope() == Stage.Scope.MODEL) == !layered)
        .filter(stage -> stage.scope() != Stage.Scope.FIRST_LAYER || layer == 0)
        .map(stage -> new StageKey(stage, layer));
  }

  /**
   * The name by which captures know it: {@code layer-3/ffn_out} (the number without padding), or
   * {@code final_norm}.
   */
  public String name() {
    return layer == NO_LAYER ? stage.id() : "layer-%d/%s".formatted(layer, stage.id());
  }

  @Override
  public int compareTo(StageKey other) {
    return FORWARD.compare(this, other);
  }

  @Override
  public String toString() {
    return name();
  }
}
