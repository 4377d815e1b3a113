package dev.witnessmark.explain.testing;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import java.io.IOException;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** The small golden cases, one operation each: inputs and outputs are tensors, scalars are JSON. */
public record GoldenCases(GoldenTensors tensors, JsonNode scalars) implements AutoCloseable {

  public static GoldenCases open() throws IOException {
    return new GoldenCases(
        GoldenTensors.open("helpers.safetensors"), GoldenTensors.json("helpers.json"));
  }

  /** The scalars of a case. */
  public JsonNode scalars(String name) {
    return StreamSupport.stream(scalars.spliterator(), false)
        .filter(node -> node.get("case").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  public double number(String name, String field) {
    return scalars(name).get(field).asDouble();
  }

  public double[] numbers(String name, String field) {
    return StreamSupport.stream(scalars(name).get(field).spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  public DenseMatrix input(String name, String input) throws IOException {
    return tensors.matrix(name + "." + input);
  }

  /** An input {@code [dimension, rank]} as a basis. */
  public Basis basis(String name, String input) throws IOException {
    return tensors.basis(name + "." + input);
  }

  /** The values of an output. */
  public double[] output(String name, String output) throws IOException {
    return tensors.matrix(name + ".out." + output).values();
  }

  @Override
  public void close() throws IOException {
    tensors.close();
  }
}
