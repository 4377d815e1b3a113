package dev.witnessmark.capture;

import dev.witnessmark.capture.Manifest.HashedFile;
import dev.witnessmark.capture.Manifest.StageFile;
import dev.witnessmark.capture.dump.Dump;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.FileByteSource;
import dev.witnessmark.format.Folder;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.ReopenedFile;
import dev.witnessmark.format.Sha256;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.safetensors.SafetensorsReader;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Stage tensors of one input, opened: headers are read and checked, values are not. Tensors have
 * the shape of their stage: {@code [positions, elements of a row]}, {@code [heads, positions,
 * positions]} for attention, {@code [vocabulary]} for the logits.
 */
public final class Capture implements AutoCloseable {

  /** The schema comes first, unless someone has sorted the fields. */
  private static final int RECOGNISED_WITHIN = 1 << 20;

  private final Path path;
  private final Optional<Manifest> manifest;
  private final SortedMap<StageKey, TensorView> stages;
  private final Optional<String> prompt;
  private final List<Integer> tokens;
  private final long positions;
  private final List<String> unmapped;
  private final List<ByteSource> files;

  private Capture(
      Path path,
      Manifest manifest,
      SortedMap<StageKey, TensorView> stages,
      List<ByteSource> files) {
    this.path = path;
    this.manifest = Optional.of(manifest);
    this.stages = Collections.unmodifiableSortedMap(stages);
    this.prompt = manifest.provenance().prompt();
    this.tokens = manifest.provenance().tokens();
    this.positions = manifest.provenance().positions();
    this.unmapped = List.of();
    this.files = List.copyOf(files);
  }

  private Capture(Path path, Dump dump, ForeignStages stages, List<Integer> tokens) {
    this.path = path;
    this.manifest = Optional.empty();
    this.stages = Collections.unmodifiableSortedMap(stages.stages());
    this.prompt = dump.prompt();
    this.tokens = List.copyOf(tokens);
    this.positions = stages.positions();
    this.unmapped = List.copyOf(stages.unmapped());
    this.files = dump.files();
  }

  /**
   * Whether {@code path} is a folder with the manifest of a capture, be it right or wrong; other
   * folders may have files of that name too. Never fails.
   */
  public static boolean begins(Path path) {
    Path manifest = path.resolve(Manifest.FILE);
    if (!Files.isRegularFile(manifest)) {
      return false;
    }
    try (InputStream file = Files.newInputStream(manifest)) {
      String start = new String(file.readNBytes(RECOGNISED_WITHIN), StandardCharsets.ISO_8859_1);
      return start.contains(Manifest.FAMILY);
    } catch (IOException unreadable) {
      return false;
    }
  }

  /**
   * Opens a folder with a manifest, or what another tool has written: APRT files under the names of
   * stages, a safetensors file, or a folder of safetensors and NumPy files.
   *
   * @throws Refusal if the manifest or a file is wrong, a file is missing, no stage is found, or
   *     APRT files have neither a manifest nor a model that says their shapes
   */
  public static Capture open(Path path, CaptureOptions options, Limits limits) throws IOException {
    if (begins(path)) {
      return own(path, options.verify(), limits);
    }
    SortedMap<StageKey, Path> bare =
        Files.isDirectory(path) ? BareFiles.find(path) : new TreeMap<>();
    if (bare.isEmpty()) {
      return foreign(path, Dump.open(path, limits), options);
    }
    Hyperparameters model =
        options
            .model()
            .orElseThrow(() ->
                new Refusal.MissingPart(
                    path.toString(),
                    Manifest.FILE,
                    "APRT files do not say their shapes: without a manifest the model must be"
                        + " named"));
    return foreign(path, BareFiles.open(bare, model), options);
  }

  private static Capture foreign(Path path, Dump dump, CaptureOptions options) throws IOException {
    try (OpenFiles open = new OpenFiles()) {
      open.addAll(dump.files());
      ForeignStages stages = ForeignStages.of(dump, path.toString(), options);
      if (stages.stages().isEmpty()) {
        throw new Refusal.MissingPart(
            path.toString(),
            "stages",
            "none of %d tensors has the name of a stage, such as layer-3/ffn_out; write a name map"
                .formatted(dump.tensors().size()));
      }
      List<Integer> tokens = new ArrayList<>();
      if (dump.tokens().isPresent()) {
        tokens.addAll(tokens(path, dump.tokens().get()));
      }
      if (!tokens.isEmpty() && stages.positions() > 0 && tokens.size() != stages.positions()) {
        throw new Refusal.Inconsistent(
            path.toString(),
            "token_ids",
            -1,
            "the number of tokens, of positions being the other number,",
            tokens.size(),
            stages.positions());
      }
      Capture capture = new Capture(path, dump, stages, tokens);
      open.release();
      return capture;
    }
  }

  /** Numbers with blanks or commas between, in brackets or not. */
  private static List<Integer> tokens(Path path, String text) throws Refusal {
    List<Integer> tokens = new ArrayList<>();
    for (String token : text.replaceAll("[\\[\\],]", " ").strip().split("\\s+", -1)) {
      try {
        tokens.add(Integer.parseUnsignedInt(token));
      } catch (NumberFormatException none) {
        throw new Refusal.Malformed(
            path.toString(), "token_ids", -1, "\"%s\" is no token".formatted(token));
      }
    }
    return tokens;
  }

  private static Capture own(Path folder, boolean verify, Limits limits) throws IOException {
    Folder root = new Folder(folder);
    Path file = root.file(folder.toString(), Manifest.FILE);
    Manifest manifest;
    try (ByteSource source = FileByteSource.open(file)) {
      manifest = ManifestReader.read(source, limits);
    }
    SortedMap<StageKey, TensorView> stages = new TreeMap<>();
    for (Map.Entry<StageKey, StageFile> entry : manifest.stages().entrySet()) {
      stages.put(entry.getKey(), values(root, file, entry.getKey(), entry.getValue(), verify));
    }
    try (OpenFiles open = new OpenFiles()) {
      if (manifest.exact().isPresent()) {
        stages.putAll(exact(root, file, manifest, manifest.exact().get(), limits, verify, open));
      }
      return new Capture(folder, manifest, stages, open.release());
    }
  }

  private static TensorView values(
      Folder root, Path manifest, StageKey key, StageFile stage, boolean verify)
      throws IOException {
    Path path = file(root, manifest, key);
    ByteSource file = ReopenedFile.of(path);
    AprtHeader header = AprtHeader.read(file);
    header.requireLayer(key, path.toString());
    requireAsListed(file, key.name(), stage.file(), verify);
    return header.values(file, key.name(), shape(stage));
  }

  private static Shape shape(StageFile stage) {
    return Shape.of(stage.shape().stream().mapToLong(Integer::longValue).toArray());
  }

  /** The file of a stage, which is in the folder and no link leads out of it. */
  private static Path file(Folder root, Path manifest, StageKey key) throws IOException {
    String name = key.stage().id() + ".bin";
    if (key.layer() == StageKey.NO_LAYER) {
      return root.file(manifest.toString(), name);
    }
    Path layer = root.path().resolve("layer-" + key.layer());
    if (Files.isSymbolicLink(layer)) {
      throw new Refusal.UnsafePath(
          manifest.toString(), layer.getFileName().toString(), "is a symbolic link");
    }
    return new Folder(layer).file(manifest.toString(), name);
  }

  private static void requireAsListed(
      ByteSource file, String subject, HashedFile listed, boolean verify) throws IOException {
    if (file.size() != listed.bytes()) {
      throw new Refusal.Inconsistent(
          file.name(), subject, -1, "the size of the file", file.size(), listed.bytes());
    }
    if (verify) {
      String found = Sha256.of(file);
      if (!found.equals(listed.sha256())) {
        throw new Refusal.Malformed(
            file.name(),
            subject,
            -1,
            "its SHA-256 is %s, the manifest has %s: it was changed since"
                .formatted(found, listed.sha256()));
      }
    }
  }

  private static SortedMap<StageKey, TensorView> exact(
      Folder root,
      Path manifest,
      Manifest contents,
      HashedFile listed,
      Limits limits,
      boolean verify,
      OpenFiles open)
      throws IOException {
    Checkpoint file =
        SafetensorsReader.read(root.file(manifest.toString(), Manifest.EXACT), limits);
    open.addAll(file.files());
    requireAsListed(file.files().getFirst(), Manifest.EXACT, listed, verify);
    Map<String, TensorView> byName = new HashMap<>();
    file.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    SortedMap<StageKey, TensorView> stages = new TreeMap<>();
    for (Map.Entry<StageKey, StageFile> stage : contents.stages().entrySet()) {
      String name = stage.getKey().name();
      TensorView tensor = byName.remove(name);
      if (tensor == null) {
        throw new Refusal.MissingPart(file.path().toString(), name, "this stage is not in it");
      }
      if (tensor.type() != TensorType.F64 || !tensor.shape().equals(shape(stage.getValue()))) {
        throw new Refusal.Malformed(
            file.path().toString(),
            name,
            tensor.offset(),
            "is %s of shape %s, the manifest has F64 of shape %s"
                .formatted(tensor.type(), tensor.shape(), shape(stage.getValue())));
      }
      stages.put(stage.getKey(), tensor);
    }
    if (!byName.isEmpty()) {
      throw new Refusal.Malformed(
          file.path().toString(),
          byName.keySet().iterator().next(),
          -1,
          "is in the file and not in the manifest");
    }
    return stages;
  }

  /** The folder or file. */
  public Path path() {
    return path;
  }

  /** What was run and how, where that is known. */
  public Optional<Manifest> manifest() {
    return manifest;
  }

  /** Every stage in forward order, of an exact capture in float64. */
  public SortedMap<StageKey, TensorView> stages() {
    return stages;
  }

  /** A stage; {@code layer} only counts if it belongs to one. */
  public Optional<TensorView> find(Stage stage, int layer) {
    return Optional.ofNullable(stages.get(StageKey.of(stage, layer)));
  }

  /** The text, where it is known. */
  public Optional<String> prompt() {
    return prompt;
  }

  /** The token at each position; empty where they are not known. */
  public List<Integer> tokens() {
    return tokens;
  }

  /** Positions of every stage; 0 where only logits are there, which do not say. */
  public long positions() {
    return positions;
  }

  /** Tensors of another tool that are no stage by their names, in the order of the files. */
  public List<String> unmapped() {
    return unmapped;
  }

  /** Closes every file, and then reports the first failure. */
  @Override
  public void close() throws IOException {
    try (OpenFiles all = new OpenFiles()) {
      all.addAll(files);
    }
  }
}
