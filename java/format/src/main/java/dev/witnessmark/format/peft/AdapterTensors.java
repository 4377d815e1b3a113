package dev.witnessmark.format.peft;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the tensors of an adapter into updates and replacements, by the names that PEFT gives them:
 * {@code base_model.model.MODULE.lora_A.weight} and {@code MODULE.lora_embedding_A}, with or
 * without the adapter's own name {@code default} behind the letter; anything else under the base's
 * name.
 */
final class AdapterTensors {

  private static final String PREFIX = "base_model.model.";
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  private static final Pattern FACTOR =
      Pattern.compile(
          "\\.lora_(?:([AB])(?:\\.default)?\\.weight|embedding_([AB])(?:\\.default)?)$");

  /** What PEFT puts between a module and its weights, and the base does not have. */
  private static final Pattern WRAPPER =
      Pattern.compile("\\.(?:base_layer|modules_to_save(?:\\.default)?)(?=\\.)");

  /** Modules that PEFT saves unasked when the vocabulary has changed. */
  private static final Set<String> EMBEDDINGS = Set.of("embed_tokens", "lm_head");

  /** The factors of a module's update, as far as they have been seen. */
  private record Factors(boolean embedding, @Nullable TensorView a, @Nullable TensorView b) {}

  private final String file;
  private final AdapterConfig config;
  private final Map<String, Factors> factors = new LinkedHashMap<>();
  private final Map<String, TensorView> replacements = new LinkedHashMap<>();
  private final List<LowRankUpdate> updates = new ArrayList<>();

  private AdapterTensors(String file, AdapterConfig config) {
    this.file = file;
    this.config = config;
  }

  /**
   * Sorts the tensors of {@code weights}.
   *
   * @throws Refusal.MissingPart if a factor is without the other
   * @throws Refusal.Inconsistent if the ranks of factors and configuration differ
   * @throws Refusal.Unsupported if a tensor is neither a factor nor a replacement that the
   *     configuration announces
   */
  static AdapterTensors of(Checkpoint weights, AdapterConfig config) throws Refusal {
    AdapterTensors tensors = new AdapterTensors(weights.path().toString(), config);
    for (TensorView tensor : weights.tensors()) {
      tensors.sort(tensor);
    }
    for (Map.Entry<String, Factors> module : tensors.factors.entrySet()) {
      tensors.updates.add(tensors.update(module.getKey(), module.getValue()));
    }
    tensors.requireBiases();
    return tensors;
  }

  /** What is added, in the order of the first factors in the file. */
  List<LowRankUpdate> updates() {
    return updates;
  }

  /** What is replaced, in file order. */
  List<TensorView> replacements() {
    return List.copyOf(replacements.values());
  }

  private void sort(TensorView tensor) throws Refusal {
    if (!tensor.name().startsWith(PREFIX)) {
      throw unsupported(tensor, "its name does not begin with " + PREFIX);
    }
    String name = tensor.name().substring(PREFIX.length());
    Matcher factor = FACTOR.matcher(name);
    if (factor.find()) {
      factor(name.substring(0, factor.start()), factor, tensor);
    } else if (name.contains("lora_")) {
      throw unsupported(tensor, "it is neither lora_A nor lora_B");
    } else {
      replacement(WRAPPER.matcher(name).replaceAll(""), tensor);
    }
  }

  private void factor(String module, Matcher match, TensorView tensor) throws Refusal {
    boolean embedding = match.group(1) == null;
    boolean first = "A".equals(match.group(embedding ? 2 : 1));
    Factors before = factors.getOrDefault(module, new Factors(embedding, null, null));
    if (before.embedding != embedding || (first ? before.a : before.b) != null) {
      throw duplicate(tensor);
    }
    factors.put(
        module,
        first
            ? new Factors(embedding, tensor, before.b)
            : new Factors(embedding, before.a, tensor));
  }

  private LowRankUpdate update(String module, Factors both) throws Refusal {
    TensorView a = both.a;
    TensorView b = both.b;
    if (a == null || b == null) {
      throw new Refusal.MissingPart(
          file, module, "lora_%s of this module is not there".formatted(a == null ? "A" : "B"));
    }
    requireFloatMatrix(a);
    requireFloatMatrix(b);
    long rank = config.rank(module);
    requireRank(a, "number of rows", a.shape().rows(), rank);
    requireRank(b, "number of columns", b.shape().columns(), rank);
    String target = module + WEIGHT;
    if (replacements.containsKey(target)) {
      throw unsupported(a, "its weight is replaced as well");
    }
    return new LowRankUpdate(
        target, a, b, config.scale(module), both.embedding || config.fanInFanOut());
  }

  private void replacement(String target, TensorView tensor) throws Refusal {
    if (!announced(target)) {
      throw unsupported(tensor, "neither modules_to_save nor bias announces it");
    }
    TensorView renamed =
        new TensorView(
            target,
            tensor.storedName(),
            tensor.type(),
            tensor.shape(),
            tensor.source(),
            tensor.offset(),
            tensor.bytes(),
            tensor.order(),
            tensor.transposed(),
            tensor.affine());
    if (replacements.putIfAbsent(target, renamed) != null) {
      throw duplicate(tensor);
    }
  }

  private boolean announced(String target) {
    if (config.biases() && target.endsWith(BIAS)) {
      return true;
    }
    String path = "." + target;
    return config.modulesToSave().stream().anyMatch(module -> path.contains("." + module + "."))
        || EMBEDDINGS.stream().anyMatch(module -> path.endsWith("." + module + WEIGHT));
  }

  /** An adapter that was trained with biases is not complete without them. */
  private void requireBiases() throws Refusal.MissingPart {
    if (config.biases() && replacements.keySet().stream().noneMatch(n -> n.endsWith(BIAS))) {
      throw new Refusal.MissingPart(
          file, "bias", "the configuration has biases, the weights have none");
    }
  }

  private void requireFloatMatrix(TensorView factor) throws Refusal.Unsupported {
    if (factor.shape().rank() != 2 || factor.type().family() != TensorType.Family.FLOAT) {
      throw unsupported(
          factor,
          "it is %s %s, only matrices of floats are read".formatted(factor.type(), factor.shape()));
    }
  }

  private void requireRank(TensorView factor, String what, long found, long rank)
      throws Refusal.Inconsistent {
    if (found != rank) {
      throw new Refusal.Inconsistent(file, factor.name(), factor.offset(), what, found, rank);
    }
  }

  private Refusal.Duplicate duplicate(TensorView tensor) {
    return new Refusal.Duplicate(
        file, tensor.name(), tensor.offset(), "another tensor of the adapter has the same meaning");
  }

  private Refusal.Unsupported unsupported(TensorView tensor, String detail) {
    return new Refusal.Unsupported(file, tensor.name(), tensor.offset(), detail);
  }
}
