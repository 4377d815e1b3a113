package dev.witnessmark.causal.diff;

import java.io.IOException;

/** Takes edges one by one, tensors in the base's order and rows ascending. */
@FunctionalInterface
public interface EdgeSink {

  /** Takes nothing down. */
  EdgeSink NONE = edge -> {};

  void accept(Edge edge) throws IOException;
}
