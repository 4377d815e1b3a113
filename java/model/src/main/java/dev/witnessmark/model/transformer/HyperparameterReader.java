package dev.witnessmark.model.transformer;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads {@link Hyperparameters} from the metadata of GGUF or from {@code config.json}. */
final class HyperparameterReader {

  /** No dimension of a model is larger; products of two stay far from overflow. */
  private static final int MOST = 1 << 24;

  private static final int MOST_LAYERS = 1 << 12;

  private final Checkpoint checkpoint;
  private final Metadata metadata;
  private final boolean gguf;
  private final Architecture architecture;
  private final String prefix;

  private HyperparameterReader(Checkpoint checkpoint, Architecture architecture, String name) {
    this.checkpoint = checkpoint;
    this.metadata = checkpoint.metadata();
    this.gguf = checkpoint.format() == FileFormat.GGUF;
    this.architecture = architecture;
    this.prefix = gguf ? name + "." : "config.";
  }

  static Hyperparameters read(Checkpoint checkpoint, ModelDescription model) throws Refusal {
    boolean gguf = checkpoint.format() == FileFormat.GGUF;
    String key = gguf ? "general.architecture" : "config.model_type";
    String file = checkpoint.path().toString();
    if (!gguf && checkpoint.format() != FileFormat.SAFETENSORS) {
      throw new Refusal.Unsupported(
          file,
          "file",
          -1,
          "a forward pass needs a GGUF file or a safetensors folder, not " + checkpoint.format());
    }
    String name =
        checkpoint
            .metadata()
            .text(key)
            .orElseThrow(() ->
                new Refusal.MissingPart(
                    file, key, "the architecture is not said; is config.json beside the weights?"));
    Architecture architecture =
        Architecture.of(checkpoint.format(), name)
            .orElseThrow(() ->
                new Refusal.Unsupported(
                    file,
                    key,
                    -1,
                    "the forward pass of architecture %s is not known; known are %s"
                        .formatted(name, Architecture.names(checkpoint.format()))));
    return new HyperparameterReader(checkpoint, architecture, name).read(name, model);
  }

  private Hyperparameters read(String name, ModelDescription model) throws Refusal {
    requireSilu();
    int layers = size(gguf ? "block_count" : "num_hidden_layers", MOST_LAYERS);
    int hidden = size(gguf ? "embedding_length" : "hidden_size", MOST);
    int heads = size(gguf ? "attention.head_count" : "num_attention_heads", MOST);
    int keyValueHeads =
        optional(gguf ? "attention.head_count_kv" : "num_key_value_heads", MOST).orElse(heads);
    if (heads % keyValueHeads != 0) {
      throw contradiction(
          "key/value heads", "query heads modulo key/value heads", heads % keyValueHeads, 0);
    }
    int headSize =
        optional(gguf ? "attention.key_length" : "head_dim", MOST).orElse(hidden / heads);
    int valueSize = gguf ? optional("attention.value_length", MOST).orElse(headSize) : headSize;
    if (valueSize != headSize) {
      throw contradiction(prefix + "attention.value_length", "length", valueSize, headSize);
    }
    Optional<SparseLayers> sparse = sparse(layers, model);
    int intermediate =
        sparse.isPresent() && sparse.get().layers().size() == layers
            ? sparse.get().intermediate()
            : size(gguf ? "feed_forward_length" : "intermediate_size", MOST);
    return new Hyperparameters(
        name,
        layers,
        hidden,
        heads,
        keyValueHeads,
        headSize,
        intermediate,
        vocabulary(model),
        optional(gguf ? "context_length" : "max_position_embeddings", Integer.MAX_VALUE).orElse(0),
        longest(),
        epsilon(),
        rotary(headSize, model),
        has(model, Role.ATTENTION_Q, "bias"),
        architecture.headNorms(),
        model.tiedHead(),
        sparse);
  }

  private void requireSilu() throws Refusal {
    if (!gguf) {
      String activation = metadata.text("config.hidden_act").orElse("silu");
      if (!activation.equals("silu")) {
        throw unsupported("config.hidden_act", "activation " + activation + " is not known");
      }
    }
  }

  /** Rows of the embedding, which all tables of tokens must fit. */
  private int vocabulary(ModelDescription model) throws Refusal {
    for (IdentifiedTensor tensor : model.tensors()) {
      if (tensor.identity().role() == Role.TOKEN_EMBEDDING) {
        long rows = tensor.view().shape().rows();
        if (rows < 1 || rows > MOST) {
          throw new Refusal.LimitExceeded(
              file(), tensor.view().name(), -1, "the number of rows", rows, MOST);
        }
        return (int) rows;
      }
    }
    throw new Refusal.MissingPart(file(), "token embedding", "no tensor is known to be it");
  }

  private double epsilon() throws Refusal {
    String key = gguf ? "attention.layer_norm_rms_epsilon" : "rms_norm_eps";
    double epsilon = required(key);
    if (!(epsilon >= 0 && epsilon < 1)) {
      throw unsupported(prefix + key, epsilon + " is no epsilon of a norm");
    }
    return epsilon;
  }

  /** Where a window slides over the positions, only what fits in it is computed as trained. */
  private int longest() throws Refusal {
    if (gguf) {
      return optional("attention.sliding_window", Integer.MAX_VALUE).orElse(Integer.MAX_VALUE);
    }
    boolean slides = metadata.flag("config.use_sliding_window").orElse(true);
    int window =
        slides
            ? optional("sliding_window", Integer.MAX_VALUE).orElse(Integer.MAX_VALUE)
            : Integer.MAX_VALUE;
    // NTK scaling that follows the length changes nothing up to the context.
    return ropeType().equals("dynamic")
        ? Math.min(window, size("max_position_embeddings", Integer.MAX_VALUE))
        : window;
  }

  private Optional<SparseLayers> sparse(int layers, ModelDescription model) throws Refusal {
    Set<Integer> where =
        model.tensors().stream()
            .filter(tensor -> tensor.identity().role() == Role.ROUTER)
            .map(tensor -> tensor.identity().block())
            .collect(Collectors.toCollection(HashSet::new));
    if (where.isEmpty()) {
      return Optional.empty();
    }
    int experts =
        gguf
            ? size("expert_count", MOST)
            : firstSize("num_local_experts", "num_experts", "n_routed_experts");
    int used = size(gguf ? "expert_used_count" : "num_experts_per_tok", MOST);
    if (used > experts) {
      throw contradiction(prefix, "experts used, at most", used, experts);
    }
    int intermediate =
        optional(gguf ? "expert_feed_forward_length" : "moe_intermediate_size", MOST)
            .orElse(size(gguf ? "feed_forward_length" : "intermediate_size", MOST));
    // Mixtral takes the softmax of the used ones alone, which is the same.
    boolean normalised =
        gguf || metadata.flag("config.norm_topk_prob").orElse(architecture == Architecture.MIXTRAL);
    where.removeIf(layer -> layer < 0 || layer >= layers);
    return Optional.of(new SparseLayers(experts, used, intermediate, normalised, where));
  }

  private RotaryPlan rotary(int headSize, ModelDescription model) throws Refusal {
    int rotated =
        gguf
            ? optional("rope.dimension_count", MOST).orElse(headSize)
            : (int) (headSize * ropeNumber("partial_rotary_factor").orElse(1));
    if (rotated > headSize || rotated % 2 != 0) {
      throw contradiction("rotary dimensions", "an even number, at most", rotated, headSize);
    }
    double theta =
        gguf ? real("rope.freq_base").orElse(10_000) : ropeNumber("rope_theta").orElse(10_000);
    if (!(theta > 1) || Double.isInfinite(theta)) {
      throw unsupported("rotary base", theta + " is no base of wavelengths");
    }
    boolean interleaved = gguf && architecture.interleavedInGguf();
    RotaryScaling scaling = gguf ? ggufScaling(model) : huggingFaceScaling();
    return new RotaryPlan(interleaved, rotated, theta, scaling);
  }

  private RotaryScaling ggufScaling(ModelDescription model) throws Refusal {
    String type = metadata.text(prefix + "rope.scaling.type").orElse("none");
    boolean stored =
        model.tensors().stream().anyMatch(t -> t.identity().role() == Role.ROTARY_FACTORS);
    if (stored && !type.equals("none")) {
      throw unsupported(prefix + "rope.scaling.type", type + " beside stored rotary factors");
    }
    return switch (type) {
      // The factors are a tensor; who loads weights puts them in.
      case "none" -> new RotaryScaling.None();
      case "linear" -> new RotaryScaling.Linear(positive("rope.scaling.factor"));
      case "yarn" ->
          yarn(
              positive("rope.scaling.factor"),
              size("rope.scaling.original_context_length", Integer.MAX_VALUE),
              real("rope.scaling.attn_factor"),
              real("rope.scaling.yarn_beta_fast"),
              real("rope.scaling.yarn_beta_slow"));
      default ->
          throw unsupported(
              prefix + "rope.scaling.type", "rotary scaling %s is not known".formatted(type));
    };
  }

  private String ropeType() {
    for (String folder : List.of("rope_parameters", "rope_scaling")) {
      for (String member : List.of("rope_type", "type")) {
        Optional<String> type = metadata.text("config.%s.%s".formatted(folder, member));
        if (type.isPresent()) {
          return type.get();
        }
      }
    }
    return "default";
  }

  private RotaryScaling huggingFaceScaling() throws Refusal {
    String type = ropeType();
    return switch (type) {
      case "default", "dynamic" -> new RotaryScaling.None();
      case "linear" -> new RotaryScaling.Linear(requiredRope("factor"));
      case "llama3" ->
          new RotaryScaling.Llama3(
              requiredRope("factor"),
              requiredRope("low_freq_factor"),
              requiredRope("high_freq_factor"),
              (int) requiredRope("original_max_position_embeddings"));
      case "yarn" ->
          yarn(
              requiredRope("factor"),
              (int)
                  ropeNumber("original_max_position_embeddings")
                      .orElse(size("max_position_embeddings", Integer.MAX_VALUE)),
              ropeNumber("attention_factor"),
              ropeNumber("beta_fast"),
              ropeNumber("beta_slow"));
      default ->
          throw unsupported(
              "config.rope_parameters", "rotary scaling %s is not known".formatted(type));
    };
  }

  /** Temperature and betas are those of the paper where the file does not say. */
  private static RotaryScaling yarn(
      double factor,
      int context,
      OptionalDouble temperature,
      OptionalDouble betaFast,
      OptionalDouble betaSlow) {
    double usual = factor <= 1 ? 1 : 0.1 * StrictMath.log(factor) + 1;
    return new RotaryScaling.Yarn(
        factor, context, betaFast.orElse(32), betaSlow.orElse(1), temperature.orElse(usual));
  }

  private OptionalDouble ropeNumber(String name) {
    for (String folder : List.of("rope_parameters.", "rope_scaling.", "")) {
      OptionalDouble value = metadata.real("config." + folder + name);
      if (value.isPresent()) {
        return value;
      }
    }
    return OptionalDouble.empty();
  }

  private double requiredRope(String name) throws Refusal {
    double value =
        ropeNumber(name)
            .orElseThrow(() ->
                new Refusal.MissingPart(
                    file(), "config.rope_parameters." + name, "the rotary scaling needs it"));
    return requirePositive("config.rope_parameters." + name, value);
  }

  private double positive(String key) throws Refusal {
    return requirePositive(prefix + key, required(key));
  }

  private double requirePositive(String key, double value) throws Refusal {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw unsupported(key, value + " must be above 0");
    }
    return value;
  }

  private static boolean has(ModelDescription model, Role role, String part) {
    return model.tensors().stream()
        .anyMatch(t -> t.identity().role() == role && t.identity().part().equals(part));
  }

  private OptionalDouble real(String key) {
    return metadata.real(prefix + key);
  }

  private double required(String key) throws Refusal {
    return real(key).orElseThrow(() -> missing(key));
  }

  private int firstSize(String... keys) throws Refusal {
    for (String key : keys) {
      Optional<Integer> size = optional(key, MOST);
      if (size.isPresent()) {
        return size.get();
      }
    }
    throw missing(String.join(" or ", keys));
  }

  private int size(String key, int most) throws Refusal {
    Optional<Integer> size = optional(key, most);
    return size.orElseThrow(() -> missing(key));
  }

  private Optional<Integer> optional(String key, int most) throws Refusal {
    if (metadata.entries().get(prefix + key) instanceof MetadataValue.Sequence) {
      throw unsupported(prefix + key, "a number for each layer is not supported");
    }
    OptionalLong value = metadata.whole(prefix + key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    long size = value.getAsLong();
    if (size < 1 || size > most) {
      throw new Refusal.LimitExceeded(file(), prefix + key, -1, "the size", size, most);
    }
    return Optional.of((int) size);
  }

  private Refusal missing(String key) {
    return new Refusal.MissingPart(file(), prefix + key, "a forward pass needs it");
  }

  private Refusal unsupported(String key, String detail) {
    return new Refusal.Unsupported(file(), key, -1, detail);
  }

  private Refusal contradiction(String subject, String what, long found, long expected) {
    return new Refusal.Inconsistent(file(), subject, -1, what, found, expected);
  }

  private String file() {
    return checkpoint.path().toString();
  }
}
