package dev.witnessmark.format;

import dev.witnessmark.format.gguf.SplitName;
import dev.witnessmark.format.peft.PeftReader;
import dev.witnessmark.format.safetensors.SafetensorsReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Finds the one model of a folder. */
final class ModelFolder {

  private static final String ADAPTER = "adapter_config.json";
  private static final String INDEX_SUFFIX = ".safetensors.index.json";
  private static final String INDEX = "model" + INDEX_SUFFIX;
  private static final String MODEL = "model.safetensors";

  private final Folder folder;
  private final String name;
  private final Limits limits;
  private final TreeSet<String> names = new TreeSet<>();

  private ModelFolder(Folder folder, Limits limits) {
    this.folder = folder;
    this.name = folder.path().toString();
    this.limits = limits;
  }

  /**
   * Opens the model in {@code folder}: an adapter, shards with an index, a single safetensors file,
   * a single or split GGUF model, or an ONNX file, looked for in this order.
   */
  static Checkpoint open(Folder folder, Limits limits) throws IOException {
    ModelFolder model = new ModelFolder(folder, limits);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.path())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.startsWith(".")) {
          model.names.add(name);
        }
      }
    }
    return model.open();
  }

  private Checkpoint open() throws IOException {
    if (names.contains(ADAPTER)) {
      return PeftReader.read(folder.path(), limits).checkpoint();
    }
    List<String> indexes = ending(INDEX_SUFFIX);
    if (!indexes.isEmpty()) {
      return SafetensorsReader.readShards(folder, only(indexes, INDEX), limits);
    }
    List<String> safetensors = ending(".safetensors");
    if (!safetensors.isEmpty()) {
      return SafetensorsReader.readFolder(folder, only(safetensors, MODEL), limits);
    }
    List<String> gguf = ending(".gguf");
    if (!gguf.isEmpty()) {
      return CheckpointReader.open(folder.file(name, onlyModel(gguf)), limits);
    }
    List<String> onnx = ending(".onnx");
    if (!onnx.isEmpty()) {
      return CheckpointReader.open(folder.file(name, only(onnx, "model.onnx")), limits);
    }
    throw noModel();
  }

  private List<String> ending(String suffix) {
    return names.stream().filter(file -> file.toLowerCase(Locale.ROOT).endsWith(suffix)).toList();
  }

  /** The preferred one of several files, or the only one. */
  private String only(List<String> files, String preferred) throws Refusal {
    if (files.contains(preferred)) {
      return preferred;
    }
    if (files.size() > 1) {
      throw files.getFirst().contains("-of-")
          ? new Refusal.MissingPart(name, INDEX, "the index of the shards is not in the folder")
          : several(files);
    }
    return files.getFirst();
  }

  /** The only GGUF model's file, or one of its parts. */
  private String onlyModel(List<String> files) throws Refusal {
    Set<String> models = new HashSet<>();
    for (String file : files) {
      models.add(SplitName.of(Path.of(file)).map(SplitName::model).orElse(file));
    }
    if (models.size() > 1) {
      throw several(files);
    }
    return files.getFirst();
  }

  private Refusal several(List<String> files) {
    String some = String.join(", ", files.subList(0, Math.min(5, files.size())));
    return new Refusal.UnknownFormat(
        name,
        "the folder holds %d models (%s%s); name one of them"
            .formatted(files.size(), some, files.size() > 5 ? ", ..." : ""));
  }

  private Refusal noModel() {
    for (String suffix : List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl")) {
      List<String> pickles = ending(suffix);
      if (!pickles.isEmpty()) {
        return new Refusal.UnsafeFormat(
            name,
            "the folder's weights are in %s, a pickle, which is a program that loading would run;"
                    .formatted(pickles.getFirst())
                + " use the safetensors or GGUF form of the model");
      }
    }
    return new Refusal.MissingPart(
        name, "model", "the folder holds no safetensors, GGUF or ONNX file");
  }
}
