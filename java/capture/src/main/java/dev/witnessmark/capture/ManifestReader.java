package dev.witnessmark.capture;

import dev.witnessmark.capture.Manifest.HashedFile;
import dev.witnessmark.capture.Manifest.StageFile;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.json.JsonFields;
import dev.witnessmark.format.json.JsonInput;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.RotaryPlan;
import dev.witnessmark.model.transformer.SparseLayers;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.RunRecordJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests, strictly: what the schema does not know, what is there twice, and numbers that
 * contradict each other are refused. A file has the name that follows from its stage, so no name
 * leads anywhere else.
 */
final class ManifestReader {

  private static final int MOST_LAYERS = 4096;
  private static final int MOST_POSITIONS = 1 << 26;
  private static final int MOST_TOKEN = 1 << 24;
  private static final int MOST_LINES = 1_000_000;
  private static final int WIDEST = 1 << 20;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final JsonInput json;
  private final String file;

  private @Nullable Hyperparameters model;
  private final List<InputFingerprint> modelFiles = new ArrayList<>();
  private String modelPath = "";
  private final List<Integer> tokens = new ArrayList<>();
  private final List<Integer> calls = new ArrayList<>();
  private final List<Provenance.MatrixArithmetic> matrices = new ArrayList<>();
  private final List<String> kernels = new ArrayList<>();
  private final SortedMap<StageKey, StageFile> stages = new TreeMap<>();
  private @Nullable HashedFile exact;
  private @Nullable RunRecord run;

  private ManifestReader(JsonInput json) {
    this.json = json;
    this.file = json.file();
  }

  /**
   * Reads all of {@code source}.
   *
   * @throws Refusal if it is no such document
   */
  static Manifest read(ByteSource source, Limits limits) throws IOException {
    try (JsonInput json = JsonInput.object(source, 0, source.size(), limits)) {
      Manifest manifest = new ManifestReader(json).document();
      json.finish();
      return manifest;
    }
  }

  private Manifest document() throws IOException {
    JsonFields fields =
        JsonFields.read(
            json,
            "",
            Set.of("schema", "prompt", "path", "cache", "mode", "contract"),
            Map.of(
                "model", this::model,
                "tokens", at -> wholes(at, MOST_POSITIONS, MOST_TOKEN, tokens),
                "calls", at -> wholes(at, MOST_POSITIONS, MOST_POSITIONS, calls),
                "matrices", at -> JsonFields.elements(json, at, MOST_LINES, this::matrix),
                "kernels",
                    at ->
                        JsonFields.elements(
                            json, at, MOST_LINES, each -> kernels.add(json.text(each))),
                "stages", at -> JsonFields.elements(json, at, MOST_LINES, this::stage),
                "exact", at -> exact = json.atNull() ? null : file(at),
                "runRecord", at -> run = RunRecordJson.read(json, at)));
    if (!fields.text("schema").equals(Manifest.SCHEMA)) {
      throw new Refusal.Unsupported(
          file,
          "/schema",
          0,
          "is %s; this version reads %s".formatted(fields.text("schema"), Manifest.SCHEMA));
    }
    long called = calls.stream().mapToLong(Integer::longValue).sum();
    if (tokens.isEmpty() || called != tokens.size()) {
      throw new Refusal.Inconsistent(
          file, "/calls", -1, "the positions of all calls", called, Math.max(1, tokens.size()));
    }
    Provenance provenance =
        new Provenance(
            modelPath,
            modelFiles,
            there(model),
            fields.optionalText("prompt"),
            tokens,
            calls,
            fields.text("path"),
            matrices,
            fields.text("cache"),
            fields.text("mode"),
            kernels,
            (int) fields.count("contract", Integer.MAX_VALUE),
            there(run));
    Manifest manifest = new Manifest(provenance, stages, Optional.ofNullable(exact));
    check(manifest);
    return manifest;
  }

  /** Nothing is missing once {@link JsonFields} has read the object. */
  private static <T> T there(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException();
    }
    return value;
  }

  /** Holds what the manifest says of its files to the model's sizes. */
  private void check(Manifest manifest) throws Refusal {
    Hyperparameters sizes = manifest.provenance().hyperparameters();
    int positions = manifest.provenance().positions();
    if (stages.isEmpty()) {
      throw new Refusal.Malformed(file, "/stages", -1, "holds no stage");
    }
    for (Map.Entry<StageKey, StageFile> entry : stages.entrySet()) {
      StageKey key = entry.getKey();
      StageFile stage = entry.getValue();
      if (key.layer() >= sizes.layers() || !key.stage().occursIn(sizes, key.layer())) {
        throw new Refusal.Malformed(
            file,
            key.name(),
            -1,
            "is no stage of this %s model of %d layers"
                .formatted(sizes.architecture(), sizes.layers()));
      }
      if (!stage.shape().equals(key.stage().shape(sizes, positions))) {
        throw new Refusal.Malformed(
            file,
            key.name(),
            -1,
            "its shape is %s, of %d positions it must be %s"
                .formatted(stage.shape(), positions, key.stage().shape(sizes, positions)));
      }
      long elements =
          Shape.of(stage.shape().stream().mapToLong(Integer::longValue).toArray()).elements();
      long bytes = AprtHeader.BYTES + Float.BYTES * elements;
      if (stage.file().bytes() != bytes) {
        throw new Refusal.Inconsistent(
            file, key.name(), -1, "the size of its file", stage.file().bytes(), bytes);
      }
      requireName(Manifest.fileName(key), stage.file());
      if ((stage.type() == TensorType.F64) != manifest.exact().isPresent()) {
        throw new Refusal.Malformed(
            file, key.name(), -1, "is f64 if and only if there is an exact file");
      }
    }
    if (manifest.exact().isPresent()) {
      requireName(Manifest.EXACT, manifest.exact().get());
    }
  }

  private void requireName(String expected, HashedFile found) throws Refusal {
    if (!found.name().equals(expected)) {
      throw new Refusal.UnsafePath(
          file, found.name(), "is not the name of this file, which is " + expected);
    }
  }

  private void model(String pointer) throws IOException {
    JsonFields fields =
        JsonFields.read(
            json,
            pointer,
            Set.of("path"),
            Map.of(
                "files", at -> modelFiles.addAll(RunRecordJson.readInputs(json, at)),
                "hyperparameters", at -> model = hyperparameters(at)));
    modelPath = fields.text("path");
  }

  private Hyperparameters hyperparameters(String pointer) throws IOException {
    List<RotaryPlan> rotary = new ArrayList<>();
    List<SparseLayers> sparse = new ArrayList<>();
    JsonFields fields =
        JsonFields.read(
            json,
            pointer,
            Set.of(
                "architecture",
                "layers",
                "hidden",
                "heads",
                "keyValueHeads",
                "headSize",
                "intermediate",
                "vocabulary",
                "context",
                "longest",
                "epsilon",
                "qkvBias",
                "headNorms",
                "tiedHead"),
            Map.of(
                "rotary",
                at -> rotary.add(rotary(at)),
                "sparse",
                at -> {
                  if (!json.atNull()) {
                    sparse.add(sparse(at));
                  }
                }));
    int heads = positive(fields, "heads", WIDEST);
    int headSize = positive(fields, "headSize", WIDEST);
    if ((long) heads * headSize > WIDEST) {
      throw fields.wrong(
          "headSize",
          "%d heads of %d elements are more than %d".formatted(heads, headSize, WIDEST));
    }
    return new Hyperparameters(
        fields.text("architecture"),
        positive(fields, "layers", MOST_LAYERS),
        positive(fields, "hidden", WIDEST),
        heads,
        positive(fields, "keyValueHeads", heads),
        headSize,
        positive(fields, "intermediate", WIDEST),
        positive(fields, "vocabulary", MOST_TOKEN),
        (int) fields.count("context", Integer.MAX_VALUE),
        positive(fields, "longest", Integer.MAX_VALUE),
        fields.number("epsilon"),
        rotary.getFirst(),
        fields.flag("qkvBias"),
        fields.flag("headNorms"),
        fields.flag("tiedHead"),
        sparse.stream().findFirst());
  }

  private RotaryPlan rotary(String pointer) throws IOException {
    List<Double> parameters = new ArrayList<>();
    JsonFields fields =
        JsonFields.read(
            json,
            pointer,
            Set.of("layout", "rotated", "theta", "scaling"),
            Map.of(
                "parameters",
                at -> JsonFields.elements(json, at, WIDEST, each -> parameters.add(number(each)))));
    boolean interleaved =
        switch (fields.text("layout")) {
          case "interleaved" -> true;
          case "half" -> false;
          default -> throw fields.wrong("layout", "must be interleaved or half");
        };
    return new RotaryPlan(
        interleaved,
        (int) fields.count("rotated", WIDEST),
        fields.number("theta"),
        ScalingForm.of(fields.text("scaling"), parameters)
            .orElseThrow(() ->
                fields.wrong(
                    "scaling", "is not known with %d parameters".formatted(parameters.size()))));
  }

  private SparseLayers sparse(String pointer) throws IOException {
    List<Integer> layers = new ArrayList<>();
    JsonFields fields =
        JsonFields.read(
            json,
            pointer,
            Set.of("experts", "used", "intermediate", "normalised"),
            Map.of("layers", at -> wholes(at, MOST_LAYERS, MOST_LAYERS, layers)));
    int experts = positive(fields, "experts", WIDEST);
    return new SparseLayers(
        experts,
        positive(fields, "used", experts),
        positive(fields, "intermediate", WIDEST),
        fields.flag("normalised"),
        Set.copyOf(layers));
  }

  private static int positive(JsonFields fields, String name, int most) throws Refusal {
    long count = fields.count(name, most);
    if (count == 0) {
      throw fields.wrong(name, "is 0");
    }
    return (int) count;
  }

  private void matrix(String pointer) throws IOException {
    JsonFields fields =
        JsonFields.read(json, pointer, Set.of("matrix", "type", "path", "reason"), Map.of());
    matrices.add(
        new Provenance.MatrixArithmetic(
            fields.text("matrix"),
            fields.text("type"),
            fields.text("path"),
            fields.text("reason")));
  }

  private void stage(String pointer) throws IOException {
    List<Integer> shape = new ArrayList<>();
    List<HashedFile> files = new ArrayList<>();
    JsonFields fields =
        JsonFields.read(
            json,
            pointer,
            Set.of("stage", "layer", "type"),
            Map.of(
                "shape", at -> wholes(at, 3, Integer.MAX_VALUE, shape),
                "file", at -> files.add(file(at))));
    String layer =
        fields.optionalCount("layer", MOST_LAYERS).map("layer-%d/"::formatted).orElse("");
    String name = layer + fields.text("stage");
    StageKey key =
        StageKey.ofName(name).orElseThrow(() -> fields.wrong("stage", "there is no stage " + name));
    TensorType type =
        switch (fields.text("type")) {
          case "f32" -> TensorType.F32;
          case "f64" -> TensorType.F64;
          default -> throw fields.wrong("type", "must be f32 or f64");
        };
    if (stages.put(key, new StageFile(type, shape, files.getFirst())) != null) {
      throw new Refusal.Duplicate(file, pointer, -1, key.name() + " is listed twice");
    }
  }

  private HashedFile file(String pointer) throws IOException {
    JsonFields fields = JsonFields.read(json, pointer, Set.of("name", "bytes", "sha256"), Map.of());
    String sha256 = fields.text("sha256");
    if (!SHA256.matcher(sha256).matches()) {
      throw fields.wrong("sha256", "must be 64 hexadecimal digits in lower case");
    }
    return new HashedFile(fields.text("name"), fields.count("bytes", Long.MAX_VALUE), sha256);
  }

  private double number(String pointer) throws IOException {
    double number =
        switch (json.scalar(pointer)) {
          case MetadataValue.Whole(var whole) -> whole.doubleValue();
          case MetadataValue.Real(double real) -> real;
          default -> Double.NaN;
        };
    if (!Double.isFinite(number)) {
      throw new Refusal.Malformed(file, pointer, json.offset(), "must be a finite number");
    }
    return number;
  }

  /** Adds an array of whole numbers from 0 to {@code largest}. */
  private void wholes(String pointer, int most, int largest, List<Integer> numbers)
      throws IOException {
    JsonFields.elements(
        json,
        pointer,
        most,
        each -> {
          long number = json.count(each);
          if (number > largest) {
            throw new Refusal.Malformed(
                file, each, json.offset(), "is %d, must be at most %d".formatted(number, largest));
          }
          numbers.add((int) number);
        });
  }
}
