package dev.witnessmark.parity.compare;

import dev.witnessmark.capture.Provenance;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.InputFingerprint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.inference.Model;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The models of captures: the one that the user names, and those that manifests name, where their
 * files still have the hashes that the manifests have.
 */
public final class SideModels implements AutoCloseable {

  private final Limits limits;
  private final Optional<Model> given;
  private final List<Checkpoint> open = new ArrayList<>();
  private boolean used;

  private SideModels(Limits limits, Optional<Checkpoint> given) throws IOException {
    this.limits = limits;
    given.ifPresent(open::add);
    this.given = given.isPresent() ? Optional.of(Model.of(given.get())) : Optional.empty();
  }

  /**
   * Opens the model that the user names.
   *
   * @throws Refusal if it cannot be read, or its architecture is not known
   */
  public static SideModels open(Optional<Path> given, Limits limits) throws IOException {
    if (given.isEmpty()) {
      return new SideModels(limits, Optional.empty());
    }
    Checkpoint checkpoint = CheckpointReader.open(given.get(), limits);
    try {
      return new SideModels(limits, Optional.of(checkpoint));
    } catch (IOException | RuntimeException failure) {
      checkpoint.close();
      throw failure;
    }
  }

  /** The model that the user names. */
  public Optional<Model> given() {
    return given;
  }

  /** The side with its model, if that can be had. */
  public CaptureSide find(CaptureSide side) throws IOException {
    Optional<Provenance> provenance = side.provenance();
    if (given.isPresent()
        && (provenance.isEmpty() || matches(given.get().checkpoint(), provenance.get()))) {
      used = true;
      return side.with(given.get());
    }
    return provenance.isEmpty() ? side : recorded(side, provenance.get());
  }

  /** What has moved, changed or cannot be run is not the model of the capture. */
  private CaptureSide recorded(CaptureSide side, Provenance provenance) throws IOException {
    try {
      Path path = Path.of(provenance.model());
      if (!Files.exists(path)) {
        return side;
      }
      Checkpoint checkpoint = CheckpointReader.open(path, limits);
      open.add(checkpoint);
      return matches(checkpoint, provenance) ? side.with(Model.of(checkpoint)) : side;
    } catch (InvalidPathException | Refusal another) {
      return side;
    }
  }

  private static boolean matches(Checkpoint checkpoint, Provenance provenance) throws IOException {
    List<InputFingerprint> recorded = provenance.modelFiles();
    if (checkpoint.files().size() != recorded.size()) {
      return false;
    }
    for (int i = 0; i < recorded.size(); i++) {
      ByteSource file = checkpoint.files().get(i);
      if (file.size() != recorded.get(i).bytes()
          || !InputFingerprint.of(file).sha256().equals(recorded.get(i).sha256())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Says that a model was named in vain.
   *
   * @throws CouldNotCompare if the named model is of no side
   */
  public void requireUsed() throws CouldNotCompare {
    if (given.isPresent() && !used) {
      throw new CouldNotCompare(
          "%s is the model of neither side: the manifests have other hashes"
              .formatted(given.get().checkpoint().path()));
    }
  }

  @Override
  public void close() throws IOException {
    for (Checkpoint checkpoint : open) {
      checkpoint.close();
    }
  }
}
