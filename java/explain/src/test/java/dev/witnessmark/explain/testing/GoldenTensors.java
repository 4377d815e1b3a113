package dev.witnessmark.explain.testing;

import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.matrix.StoredMatrix;
import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.source.StoredBlocks;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The tensors of one golden file. */
public record GoldenTensors(Checkpoint checkpoint) implements AutoCloseable {

  private static final String FOLDER = "/golden/subspace/";

  /** The path of the golden file {@code name}. */
  public static Path path(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(GoldenTensors.class.getResource(FOLDER + name)).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  public static GoldenTensors open(String name) throws IOException {
    return new GoldenTensors(CheckpointReader.open(path(name), Limits.DEFAULT));
  }

  public static JsonNode json(String name) {
    return new ObjectMapper().readTree(path(name));
  }

  /** A tensor as a matrix whose columns are its last dimension. */
  public DenseMatrix matrix(String name) throws IOException {
    for (TensorView view : checkpoint.tensors()) {
      if (view.name().equals(name)) {
        StoredBlocks blocks = new StoredBlocks(StoredMatrix.of(view), KernelChoice.forValues(1));
        return blocks.block(0, blocks.rows(), 0, blocks.columns());
      }
    }
    throw new IllegalArgumentException(name);
  }

  /** A tensor {@code [dimension, rank]} as a basis. */
  public Basis basis(String name) throws IOException {
    return new Basis(matrix(name).transposed(), Double.NaN);
  }

  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
