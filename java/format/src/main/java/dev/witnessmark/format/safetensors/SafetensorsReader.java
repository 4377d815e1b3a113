package dev.witnessmark.format.safetensors;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.ContainerRecognition;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Folder;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.OpenFiles;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.json.JsonMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens safetensors files and Hugging Face folders. */
public final class SafetensorsReader {

  private static final String CONFIG = "config.json";

  private SafetensorsReader() {}

  /** Opens one file. */
  public static Checkpoint read(Path path, Limits limits) throws IOException {
    try (OpenFiles files = new OpenFiles()) {
      SafetensorsHeader header = SafetensorsHeader.read(open(path, files), limits);
      return checkpoint(path, header.metadata(), header.tensors(), files, List.of());
    }
  }

  /**
   * Opens the only safetensors file of a folder, with the {@code config.json} beside it.
   *
   * @param name the file's name in the folder
   */
  public static Checkpoint readFolder(Folder folder, String name, Limits limits)
      throws IOException {
    try (OpenFiles files = new OpenFiles()) {
      List<String> notes = new ArrayList<>();
      Map<String, MetadataValue> metadata = config(folder, limits, notes);
      ByteSource file = open(folder.file(folder.path().toString(), name), files);
      SafetensorsHeader header = SafetensorsHeader.read(file, limits);
      header.metadata().forEach(metadata::putIfAbsent);
      return checkpoint(folder.path(), metadata, header.tensors(), files, notes);
    }
  }

  /**
   * Opens a folder of shards, with the {@code config.json} beside them.
   *
   * @param indexName the name of the index in the folder, {@code model.safetensors.index.json}
   * @throws Refusal.MissingPart if a shard or a listed tensor is not there
   * @throws Refusal.Malformed if a shard holds what the index does not list for it
   */
  public static Checkpoint readShards(Folder folder, String indexName, Limits limits)
      throws IOException {
    try (OpenFiles files = new OpenFiles()) {
      List<String> notes = new ArrayList<>();
      Map<String, MetadataValue> metadata = config(folder, limits, notes);
      Path indexFile = folder.file(folder.path().toString(), indexName);
      ShardIndex index = index(indexFile, limits);
      List<TensorView> tensors = new ArrayList<>();
      Map<String, String> holders = new HashMap<>();
      for (String shard : index.shards()) {
        ByteSource file = open(folder.file(indexFile.toString(), shard), files);
        SafetensorsHeader header = SafetensorsHeader.read(file, limits);
        header.metadata().forEach(metadata::putIfAbsent);
        for (TensorView tensor : header.tensors()) {
          String earlier = holders.putIfAbsent(tensor.name(), shard);
          if (earlier != null) {
            throw new Refusal.Duplicate(
                file.name(),
                tensor.name(),
                tensor.offset(),
                "the tensor is in %s too".formatted(earlier));
          }
          tensors.add(tensor);
        }
        if (tensors.size() > limits.tensors()) {
          throw new Refusal.LimitExceeded(
              file.name(),
              "tensors",
              -1,
              "the number in all shards",
              tensors.size(),
              limits.tensors());
        }
      }
      index.compare(indexFile.toString(), holders);
      return checkpoint(folder.path(), metadata, tensors, files, notes);
    }
  }

  private static ByteSource open(Path path, OpenFiles files) throws IOException {
    ByteSource file = files.open(path);
    ContainerRecognition.require(FileFormat.SAFETENSORS, file);
    return file;
  }

  private static ShardIndex index(Path path, Limits limits) throws IOException {
    try (OpenFiles file = new OpenFiles()) {
      return ShardIndex.read(file.open(path), limits);
    }
  }

  private static Map<String, MetadataValue> config(Folder folder, Limits limits, List<String> notes)
      throws IOException {
    Optional<Path> path = folder.find(folder.path().toString(), CONFIG);
    if (path.isEmpty()) {
      notes.add("there is no config.json: the architecture is not known");
      return new LinkedHashMap<>();
    }
    try (OpenFiles file = new OpenFiles()) {
      return JsonMetadata.read(file.open(path.get()), "config.", limits);
    }
  }

  private static Checkpoint checkpoint(
      Path path,
      Map<String, MetadataValue> metadata,
      List<TensorView> tensors,
      OpenFiles files,
      List<String> notes) {
    return new Checkpoint(
        path, FileFormat.SAFETENSORS, "", new Metadata(metadata), tensors, files.release(), notes);
  }
}
