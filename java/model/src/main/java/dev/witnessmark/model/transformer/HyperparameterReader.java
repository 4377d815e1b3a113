package dev.witnessmark.model.transformer;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.model.IdentifiedTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.Role;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads {@link Hyperparameters} from the metadata of GGUF or from {@code config.json}. */
final class HyperparameterReader {

  /** No dimension of a model is larger; products of two stay far from overflow. */
  private static final int MOST = 1 << 24;

  private static final int MOST_LAYERS = 1 << 12;

  /** Of heads, and of experts. */
  private static final int MOST_PARTS = 1 << 16;

  /** Where {@code config.json} keeps what is rotary, its newer form first. */
  private static final List<String> ROPE_FOLDERS = List.of("rope_parameters.", "rope_scaling.");

  private static final List<Role> QKV =
      List.of(Role.ATTENTION_Q, Role.ATTENTION_K, Role.ATTENTION_V);

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
    int heads = size(gguf ? "attention.head_count" : "num_attention_heads", MOST_PARTS);
    int keyValueHeads =
        optional(gguf ? "attention.head_count_kv" : "num_key_value_heads", MOST_PARTS)
            .orElse(heads);
    if (heads % keyValueHeads != 0) {
      throw contradiction(
          "key/value heads", "query heads modulo key/value heads", heads % keyValueHeads, 0);
    }
    int headSize = headSize(hidden, heads);
    int valueSize = gguf ? optional("attention.value_length", MOST).orElse(headSize) : headSize;
    if (valueSize != headSize) {
      throw contradiction(prefix + "attention.value_length", "length", valueSize, headSize);
    }
    requireBiases(model);
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
        QKV.stream().anyMatch(role -> has(model, role, "bias")),
        architecture.headNorms(),
        model.tiedHead(),
        sparse);
  }

  private void requireSilu() throws Refusal {
    if (!gguf) {
      String activation = text("hidden_act").orElse("silu");
      if (!activation.equals("silu")) {
        throw unsupported("config.hidden_act", "activation " + activation + " is not known");
      }
    }
  }

  /** All heads together are no wider than a matrix may be. */
  private int headSize(int hidden, int heads) throws Refusal {
    String key = gguf ? "attention.key_length" : "head_dim";
    Optional<Integer> declared = optional(key, MOST);
    if (declared.isEmpty() && hidden % heads != 0) {
      throw contradiction(prefix + key, "hidden size modulo heads", hidden % heads, 0);
    }
    int headSize = declared.orElse(hidden / heads);
    if ((long) heads * headSize > MOST) {
      throw new Refusal.LimitExceeded(
          file(), prefix + key, -1, "heads times their size", (long) heads * headSize, MOST);
    }
    return headSize;
  }

  /** A bias that is declared and not there would be left out without a word. */
  private void requireBiases(ModelDescription model) throws Refusal {
    Set<Role> declared = EnumSet.noneOf(Role.class);
    if (architecture == Architecture.QWEN2) {
      declared.addAll(QKV);
    }
    if (!gguf && flag("attention_bias").orElse(false)) {
      declared.addAll(QKV);
      declared.add(Role.ATTENTION_OUTPUT);
    }
    if (!gguf && flag("mlp_bias").orElse(false)) {
      declared.addAll(List.of(Role.FFN_GATE, Role.FFN_UP, Role.FFN_DOWN));
    }
    for (Role role : declared) {
      if (!has(model, role, "bias")) {
        throw new Refusal.MissingPart(
            file(), role.label() + " bias", "a model of this kind, as it is described, has it");
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
    boolean slides = flag("use_sliding_window").orElse(true);
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
    int experts = experts(model);
    int used = size(gguf ? "expert_used_count" : "num_experts_per_tok", MOST_PARTS);
    if (used > experts) {
      throw contradiction(prefix, "experts used, at most", used, experts);
    }
    int intermediate = expertWidth(model);
    if (gguf) {
      requireNeutral("expert_weights_scale");
    }
    // Mixtral takes the softmax of the used ones alone, which is the same.
    boolean normalised =
        flag(gguf ? "expert_weights_norm" : "norm_topk_prob")
            .orElse(gguf || architecture == Architecture.MIXTRAL);
    where.removeIf(layer -> layer < 0 || layer >= layers);
    return Optional.of(new SparseLayers(experts, used, intermediate, normalised, where));
  }

  /** As declared, else the columns of a down projection, else the width of other MLPs. */
  private int expertWidth(ModelDescription model) throws Refusal {
    Optional<Integer> declared =
        optional(gguf ? "expert_feed_forward_length" : "moe_intermediate_size", MOST);
    if (declared.isPresent()) {
      return declared.get();
    }
    for (IdentifiedTensor tensor : model.tensors()) {
      if (tensor.identity().role() == Role.EXPERT_DOWN) {
        return within(
            tensor.view().name(), BigInteger.valueOf(tensor.view().shape().columns()), MOST);
      }
    }
    return size(gguf ? "feed_forward_length" : "intermediate_size", MOST);
  }

  /** As declared, else the rows of a router; of every other one they are held against this. */
  private int experts(ModelDescription model) throws Refusal {
    List<String> keys =
        gguf
            ? List.of("expert_count")
            : List.of("num_local_experts", "num_experts", "n_routed_experts");
    for (String key : keys) {
      Optional<Integer> declared = optional(key, MOST_PARTS);
      if (declared.isPresent()) {
        return declared.get();
      }
    }
    for (IdentifiedTensor tensor : model.tensors()) {
      if (tensor.identity().role() == Role.ROUTER && tensor.identity().part().equals("weight")) {
        return within(
            tensor.view().name(), BigInteger.valueOf(tensor.view().shape().rows()), MOST_PARTS);
      }
    }
    throw missing(keys.getFirst());
  }

  private RotaryPlan rotary(int headSize, ModelDescription model) throws Refusal {
    long rotated =
        gguf
            ? optional("rope.dimension_count", MOST).orElse(headSize)
            : (long) (headSize * ropeNumber("partial_rotary_factor").orElse(1));
    if (rotated != headSize) {
      throw contradiction("rotary dimensions", "their number", rotated, headSize);
    }
    if (headSize % 2 != 0) {
      throw contradiction("rotary dimensions", "the head size modulo 2", headSize % 2, 0);
    }
    double usual = !gguf && architecture == Architecture.MIXTRAL ? 1_000_000 : 10_000;
    double theta = (gguf ? real("rope.freq_base") : ropeNumber("rope_theta")).orElse(usual);
    if (!(theta > 1) || Double.isInfinite(theta)) {
      throw unsupported("rotary base", theta + " is no base of wavelengths");
    }
    boolean interleaved = gguf && architecture.interleavedInGguf();
    RotaryScaling scaling = gguf ? ggufScaling(model) : huggingFaceScaling();
    return new RotaryPlan(interleaved, headSize, theta, scaling);
  }

  /** Without a type, a factor is one of linear scaling; its older name is of that time. */
  private RotaryScaling ggufScaling(ModelDescription model) throws Refusal {
    OptionalDouble factor = real("rope.scaling.factor");
    if (factor.isEmpty()) {
      factor = real("rope.scale_linear");
    }
    boolean scaled = factor.orElse(0) != 0;
    String type = text("rope.scaling.type").orElse(scaled ? "linear" : "none");
    boolean stored =
        model.tensors().stream().anyMatch(t -> t.identity().role() == Role.ROTARY_FACTORS);
    if (stored && !type.equals("none")) {
      throw unsupported(prefix + "rope.scaling.type", type + " beside stored rotary factors");
    }
    if (!type.equals("yarn")) {
      requireNeutral("rope.scaling.attn_factor");
    }
    return switch (type) {
      // The factors are a tensor; who loads weights puts them in.
      case "none" -> new RotaryScaling.None();
      case "linear" ->
          new RotaryScaling.Linear(
              scaled ? requirePositive(prefix + "rope.scaling.factor", factor.getAsDouble()) : 1);
      case "yarn" -> ggufYarn();
      default ->
          throw unsupported(
              prefix + "rope.scaling.type", "rotary scaling %s is not known".formatted(type));
    };
  }

  /** What a file says of the temperature comes on top of the usual one. */
  private RotaryScaling ggufYarn() throws Refusal {
    requireNeutral("rope.scaling.yarn_ext_factor");
    requireNeutral("rope.scaling.yarn_attn_factor");
    double factor =
        requirePositive(prefix + "rope.scaling.factor", required("rope.scaling.factor"));
    Optional<Integer> context = optional("rope.scaling.original_context_length", Integer.MAX_VALUE);
    return yarn(
        factor,
        context.isPresent() ? context.get() : size("context_length", Integer.MAX_VALUE),
        usualTemperature(factor, 1) * real("rope.scaling.attn_factor").orElse(1),
        real("rope.scaling.yarn_beta_fast"),
        real("rope.scaling.yarn_beta_slow"));
  }

  /** A number that other architectures scale something by. */
  private void requireNeutral(String key) throws Refusal {
    double value = real(key).orElse(1);
    if (value != 1) {
      throw unsupported(prefix + key, value + " is not supported, 1 is");
    }
  }

  private Optional<String> ropeText(String name) throws Refusal {
    for (String folder : ROPE_FOLDERS) {
      Optional<String> text = text(folder + name);
      if (text.isPresent()) {
        return text;
      }
    }
    return Optional.empty();
  }

  private String ropeType() throws Refusal {
    Optional<String> type = ropeText("rope_type");
    if (type.isEmpty()) {
      type = ropeText("type");
    }
    if (type.isEmpty() && ropeNumber("factor").isPresent()) {
      throw missing("rope_parameters.rope_type");
    }
    return type.orElse("default");
  }

  private RotaryScaling huggingFaceScaling() throws Refusal {
    String type = ropeType();
    return switch (type) {
      case "default", "dynamic" -> new RotaryScaling.None();
      case "linear" -> new RotaryScaling.Linear(requiredRope("factor"));
      case "llama3" -> llama3();
      case "yarn" -> huggingFaceYarn();
      default ->
          throw unsupported(
              "config.rope_parameters", "rotary scaling %s is not known".formatted(type));
    };
  }

  private RotaryScaling llama3() throws Refusal {
    double low = requiredRope("low_freq_factor");
    double high = requiredRope("high_freq_factor");
    if (low >= high) {
      throw unsupported(
          "config.rope_parameters.low_freq_factor", "%s must be below %s".formatted(low, high));
    }
    return new RotaryScaling.Llama3(
        requiredRope("factor"),
        low,
        high,
        ropeSize("original_max_position_embeddings")
            .orElseThrow(() -> missing("rope_parameters.original_max_position_embeddings")));
  }

  private RotaryScaling huggingFaceYarn() throws Refusal {
    for (String folder : ROPE_FOLDERS) {
      if (!flag(folder + "truncate").orElse(true)) {
        throw unsupported(prefix + folder + "truncate", "ends between two pairs are not supported");
      }
    }
    double factor = requiredRope("factor");
    double mscale = ropeNumber("mscale").orElse(0);
    double mscaleOfAll = ropeNumber("mscale_all_dim").orElse(0);
    double usual =
        mscale != 0 && mscaleOfAll != 0
            ? usualTemperature(factor, mscale) / usualTemperature(factor, mscaleOfAll)
            : usualTemperature(factor, 1);
    Optional<Integer> context = ropeSize("original_max_position_embeddings");
    return yarn(
        factor,
        context.isPresent() ? context.get() : size("max_position_embeddings", Integer.MAX_VALUE),
        ropeNumber("attention_factor").orElse(usual),
        ropeNumber("beta_fast"),
        ropeNumber("beta_slow"));
  }

  private static double usualTemperature(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * StrictMath.log(factor) + 1;
  }

  /** Betas are those of the paper where the file does not say. */
  private RotaryScaling yarn(
      double factor,
      int context,
      double temperature,
      OptionalDouble betaFast,
      OptionalDouble betaSlow)
      throws Refusal {
    double fast = requirePositive("YaRN beta fast", betaFast.orElse(32));
    double slow = requirePositive("YaRN beta slow", betaSlow.orElse(1));
    if (slow >= fast) {
      throw unsupported("YaRN beta slow", "%s must be below beta fast, %s".formatted(slow, fast));
    }
    return new RotaryScaling.Yarn(
        factor, context, fast, slow, requirePositive("YaRN attention factor", temperature));
  }

  private OptionalDouble ropeNumber(String name) throws Refusal {
    for (String folder : ROPE_FOLDERS) {
      OptionalDouble value = real(folder + name);
      if (value.isPresent()) {
        return value;
      }
    }
    return real(name);
  }

  private Optional<Integer> ropeSize(String name) throws Refusal {
    for (String folder : ROPE_FOLDERS) {
      Optional<Integer> size = optional(folder + name, Integer.MAX_VALUE);
      if (size.isPresent()) {
        return size;
      }
    }
    return optional(name, Integer.MAX_VALUE);
  }

  private double requiredRope(String name) throws Refusal {
    OptionalDouble value = ropeNumber(name);
    if (value.isEmpty()) {
      throw missing("rope_parameters." + name);
    }
    return requirePositive("config.rope_parameters." + name, value.getAsDouble());
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

  private double required(String key) throws Refusal {
    return real(key).orElseThrow(() -> missing(key));
  }

  private int size(String key, int most) throws Refusal {
    return optional(key, most).orElseThrow(() -> missing(key));
  }

  // What is there and of another kind is refused: taken for absent, it would be left out.

  private OptionalDouble real(String key) throws Refusal {
    OptionalDouble value = metadata.real(prefix + key);
    requireKind(key, value.isPresent(), "number");
    return value;
  }

  private Optional<Boolean> flag(String key) throws Refusal {
    Optional<Boolean> value = metadata.flag(prefix + key);
    requireKind(key, value.isPresent(), "true or false");
    return value;
  }

  private Optional<String> text(String key) throws Refusal {
    Optional<String> value = metadata.text(prefix + key);
    requireKind(key, value.isPresent(), "text");
    return value;
  }

  private void requireKind(String key, boolean found, String kind) throws Refusal {
    if (!found && metadata.entries().containsKey(prefix + key)) {
      throw unsupported(prefix + key, "is no " + kind);
    }
  }

  private Optional<Integer> optional(String key, int most) throws Refusal {
    return switch (metadata.entries().get(prefix + key)) {
      case null -> Optional.empty();
      case MetadataValue.Whole(BigInteger size) -> Optional.of(within(prefix + key, size, most));
      case MetadataValue.Sequence _ ->
          throw unsupported(prefix + key, "a number for each layer is not supported");
      default -> throw unsupported(prefix + key, "is no whole number");
    };
  }

  private int within(String subject, BigInteger size, int most) throws Refusal {
    long found = size.bitLength() < Long.SIZE ? size.longValue() : size.signum() * Long.MAX_VALUE;
    if (found < 1) {
      throw contradiction(subject, "the size, at least 1,", found, 1);
    }
    if (found > most) {
      throw new Refusal.LimitExceeded(file(), subject, -1, "the size", found, most);
    }
    return (int) found;
  }

  private Refusal missing(String key) {
    return new Refusal.MissingPart(
        file(),
        prefix + key,
        "a forward pass needs it; if you know it: --set %s%s=VALUE".formatted(prefix, key));
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
