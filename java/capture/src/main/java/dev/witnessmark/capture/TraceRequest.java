package dev.witnessmark.capture;

import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is to be captured, as it was asked for; a model says what that comes to.
 *
 * <p>Stages are a list of names with commas between; blanks around a name and upper case do not
 * matter, {@code layer_output} is another name of {@code post_ffn_residual}, a name that is there
 * twice counts once, and {@code all} is every stage that the model has. Layers are {@code
 * START..END}, from START up to but without END, or {@code all}. Layers only choose among the
 * stages of layers: those of the whole model are captured whenever they are named.
 */
public final class TraceRequest {

  private static final String ALL = "all";
  private static final Pattern RANGE = Pattern.compile("\\s*([0-9]+)\\s*\\.\\.\\s*([0-9]+)\\s*");

  private final boolean allStages;
  private final Set<Stage> named;
  private final boolean allLayers;
  private final int start;
  private final int end;

  private TraceRequest(boolean allStages, Set<Stage> named, boolean allLayers, int start, int end) {
    this.allStages = allStages;
    this.named = named;
    this.allLayers = allLayers;
    this.start = start;
    this.end = end;
  }

  /**
   * Reads a request.
   *
   * @param stages for example {@code attn_norm,ffn_out} or {@code all}
   * @param layers for example {@code 0..4} or {@code all}
   * @throws IllegalArgumentException with what is wrong, to be shown to the user
   */
  public static TraceRequest parse(String stages, String layers) {
    boolean allStages = false;
    Set<Stage> named = EnumSet.noneOf(Stage.class);
    for (String token : stages.split(",", -1)) {
      String name = token.strip().toLowerCase(Locale.ROOT);
      if (name.isEmpty()) {
        throw new IllegalArgumentException(
            "stages \"%s\": %s; %s"
                .formatted(
                    stages, stages.isBlank() ? "no stage is named" : "a name is empty", names()));
      }
      if (name.equals(ALL)) {
        allStages = true;
      } else {
        named.add(
            Stage.of(name)
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "stages: no stage is called \"%s\"; %s"
                            .formatted(token.strip(), names()))));
      }
    }
    if (layers.strip().equalsIgnoreCase(ALL)) {
      return new TraceRequest(allStages, named, true, 0, 0);
    }
    Matcher range = RANGE.matcher(layers);
    if (!range.matches()) {
      throw new IllegalArgumentException(
          "layers \"%s\": expected START..END, for example 0..4, or all".formatted(layers));
    }
    int start = layer(layers, range.group(1));
    int end = layer(layers, range.group(2));
    if (end <= start) {
      throw new IllegalArgumentException(
          "layers \"%s\": END is not one of them, so %d must be greater than %d"
              .formatted(layers, end, start));
    }
    return new TraceRequest(allStages, named, false, start, end);
  }

  private static String names() {
    return "stages are all, "
        + Arrays.stream(Stage.values()).map(Stage::id).collect(Collectors.joining(", "))
        + ", and layer_output for post_ffn_residual";
  }

  private static int layer(String layers, String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException tooLong) {
      throw new IllegalArgumentException(
          "layers \"%s\": no model has a layer %s".formatted(layers, digits), tooLong);
    }
  }

  /**
   * What that is of {@code model}.
   *
   * @throws CouldNotCompare if something was asked for that the model does not have
   */
  public TracePlan of(Hyperparameters model) throws CouldNotCompare {
    int to = allLayers ? model.layers() : end;
    if (to > model.layers()) {
      throw new CouldNotCompare(
          "layers %d..%d were asked for, and the model has %d, 0..%d"
              .formatted(start, to, model.layers(), model.layers()));
    }
    SortedSet<StageKey> keys = new TreeSet<>();
    Set<Stage> found = EnumSet.noneOf(Stage.class);
    for (Stage stage : allStages ? EnumSet.allOf(Stage.class) : named) {
      if (stage.scope() == Stage.Scope.MODEL) {
        keys.add(StageKey.of(stage, StageKey.NO_LAYER));
        found.add(stage);
        continue;
      }
      for (int layer = start; layer < to; layer++) {
        if (stage.occursIn(model, layer)) {
          keys.add(new StageKey(stage, layer));
          found.add(stage);
        }
      }
    }
    for (Stage stage : named) {
      if (!found.contains(stage)) {
        throw new CouldNotCompare(
            "stage %s was asked for, and layers %d..%d of this %s model have none"
                    .formatted(stage.id(), start, to, model.architecture())
                + (stage.scope() == Stage.Scope.FIRST_LAYER ? "; it belongs to layer 0" : ""));
      }
    }
    return new TracePlan(keys);
  }
}
