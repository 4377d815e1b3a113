package dev.witnessmark.inference;

import dev.witnessmark.model.transformer.Stage;

/** Where an operand of a step lives. */
public sealed interface Value {

  /** Which part of a stage's rows. */
  enum Part {
    /** All of them. */
    WHOLE,
    /** Of queries, keys and values: the queries of every position. */
    QUERY,
    /** The keys of every position. */
    KEY,
    /** The values of every position. */
    VALUE
  }

  /**
   * What a stage makes, for every position of the call.
   *
   * @param stage the stage
   * @param part the part of it
   */
  record Activation(Stage stage, Part part) implements Value {

    /** All of a stage. */
    static Activation of(Stage stage) {
      return new Activation(stage, Part.WHOLE);
    }
  }

  /**
   * The last position's row of a stage.
   *
   * @param stage the stage
   * @param rows positions of the call
   */
  record LastRow(Stage stage, long rows) implements Value {}

  /**
   * What a step leaves for a later one of the same layer and no stage shows. The same name is the
   * same memory.
   *
   * @param name what it is
   * @param bytes how much of it is used
   */
  record Scratch(String name, long bytes) implements Value {}

  /**
   * A matrix as stored.
   *
   * @param matrix the matrix
   */
  record Stored(Matrix matrix) implements Value {}

  /**
   * A vector, decoded to float32 when it was loaded.
   *
   * @param vector a matrix of one row
   */
  record Decoded(Matrix vector) implements Value {}

  /**
   * Rows of a layer's KV cache.
   *
   * @param kind keys or values
   * @param from first position
   * @param positions how many
   */
  record Cached(Kind kind, int from, int positions) implements Value {

    /** Which half of the cache. */
    public enum Kind {
      KEYS,
      VALUES
    }
  }

  /** The token ids of the call, int32. */
  record Tokens() implements Value {}

  /** Cosine and sine of every pair at the positions of the call. */
  record Angles() implements Value {}
}
