package dev.witnessmark.format.peft;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Printable;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.json.JsonInput;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What {@code adapter_config.json} says about the arithmetic of an adapter. */
final class AdapterConfig {

  /** Members that change what an adapter does to its base, in ways that are not read. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "alora_invocation_tokens",
          "arrow_config",
          "layer_replication",
          "lora_bias",
          "target_parameters",
          "trainable_token_indices",
          "use_bdlora",
          "use_dora",
          "use_qalora");

  /**
   * Ways to begin that leave the base as it was. Others (PiSSA, OLoRA, CorDA, LoftQ) take the
   * beginning out of the base first, so that the adapter does not fit the base that is published.
   */
  private static final Set<String> HARMLESS_BEGINNINGS =
      Set.of("null", "true", "false", "gaussian", "eva", "orthogonal");

  /**
   * Every name of the adapter may be compared with each of them; a head and a few layers, mostly.
   */
  private static final int MOST_SAVED_MODULES = 100;

  private static final Set<String> BIASES = Set.of("none", "all", "lora_only");

  private final String file;
  private final Limits limits;
  private final List<String> modulesToSave = new ArrayList<>();
  private final ModuleValues ranks;
  private final ModuleValues alphas;
  private final Set<String> missing = new TreeSet<>(Set.of("peft_type", "r", "lora_alpha"));
  private double rank;
  private double alpha;
  private boolean rankStabilised;
  private boolean fanInFanOut;
  private boolean biases;

  private AdapterConfig(String file, Limits limits) {
    this.file = file;
    this.limits = limits;
    this.ranks = new ModuleValues(file, "rank_pattern");
    this.alphas = new ModuleValues(file, "alpha_pattern");
  }

  /**
   * Reads all of {@code source}.
   *
   * @throws Refusal.Unsupported if the adapter is not a sum of low-rank products and replacements
   */
  static AdapterConfig read(ByteSource source, Limits limits) throws IOException {
    AdapterConfig config = new AdapterConfig(source.name(), limits);
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      while (json.nextMember()) {
        String member = json.name();
        json.enterValue();
        config.member(json, member);
      }
      json.finish();
    }
    if (!config.missing.isEmpty()) {
      throw new Refusal.Malformed(
          source.name(), String.join(", ", config.missing), -1, "is not there");
    }
    return config;
  }

  /** The rank of the update of {@code module}. */
  long rank(String module) throws Refusal {
    return (long) ranks.find(module).orElse(rank);
  }

  /** What the product of B and A is multiplied by for {@code module}. */
  double scale(String module) throws Refusal {
    double r = rank(module);
    return alphas.find(module).orElse(alpha) / (rankStabilised ? Math.sqrt(r) : r);
  }

  /** Whether the base stores the weights of linear layers as {@code [in, out]}. */
  boolean fanInFanOut() {
    return fanInFanOut;
  }

  /** Whether the adapter has biases of its own. */
  boolean biases() {
    return biases;
  }

  /** Names of modules whose weights the adapter replaces. */
  List<String> modulesToSave() {
    return modulesToSave;
  }

  private void member(JsonInput json, String member) throws IOException {
    missing.remove(member);
    switch (member) {
      case "peft_type" -> require(json, member, "LORA"::equals);
      case "r" -> rank = count(json, member);
      case "lora_alpha" -> alpha = number(json, member);
      case "use_rslora" -> rankStabilised = isSet(json, member);
      case "fan_in_fan_out" -> fanInFanOut = isSet(json, member);
      case "bias" -> biases = !require(json, member, BIASES::contains).equals("none");
      case "init_lora_weights" -> require(json, member, HARMLESS_BEGINNINGS::contains);
      case "modules_to_save" -> modulesToSave(json, member);
      case "rank_pattern" -> ranks.read(json, limits, this::count);
      case "alpha_pattern" -> alphas.read(json, limits, this::number);
      default -> {
        if (!UNSUPPORTED.contains(member)) {
          json.skip();
        } else if (isSet(json, member)) {
          throw unsupported(json, member, "is set");
        }
      }
    }
  }

  private void modulesToSave(JsonInput json, String member) throws IOException {
    if (json.atNull()) {
      return;
    }
    json.requireArray(member);
    while (json.nextElement()) {
      if (modulesToSave.size() == MOST_SAVED_MODULES) {
        throw new Refusal.LimitExceeded(
            file,
            member,
            json.offset(),
            "the number of modules",
            MOST_SAVED_MODULES + 1L,
            MOST_SAVED_MODULES);
      }
      modulesToSave.add(json.text(member));
    }
  }

  /** The current value, a text or a flag or null, which must be one that is read. */
  private String require(JsonInput json, String member, Predicate<String> read) throws IOException {
    String value =
        json.atNull()
            ? "null"
            : switch (json.scalar(member)) {
              case MetadataValue.Text(String text) -> text;
              case MetadataValue.Flag(boolean flag) -> Boolean.toString(flag);
              default -> throw malformed(json, member, "is a number");
            };
    if (!read.test(value)) {
      throw unsupported(json, member, "is " + Printable.of(value));
    }
    return value;
  }

  /** False for null, false, and what is empty. */
  private static boolean isSet(JsonInput json, String member) throws IOException {
    if (json.atNull()) {
      return false;
    }
    if (json.atArray()) {
      return json.nextElement();
    }
    if (json.atObject()) {
      return json.nextMember();
    }
    return !json.scalar(member).equals(new MetadataValue.Flag(false));
  }

  private double count(JsonInput json, String member) throws IOException {
    long count = json.count(member);
    if (count == 0) {
      throw malformed(json, member, "is 0");
    }
    return count;
  }

  private double number(JsonInput json, String member) throws IOException {
    double number =
        switch (json.scalar(member)) {
          case MetadataValue.Whole(BigInteger whole) -> whole.doubleValue();
          case MetadataValue.Real(double real) -> real;
          default -> throw malformed(json, member, "is no number");
        };
    if (!Double.isFinite(number)) {
      throw malformed(json, member, "is " + number);
    }
    return number;
  }

  private Refusal unsupported(JsonInput json, String member, String detail) {
    return new Refusal.Unsupported(
        file, member, json.offset(), detail + ": such adapters are not read");
  }

  private Refusal malformed(JsonInput json, String member, String detail) {
    return new Refusal.Malformed(file, member, json.offset(), detail);
  }
}
