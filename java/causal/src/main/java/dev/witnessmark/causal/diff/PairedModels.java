package dev.witnessmark.causal.diff;

import java.io.IOException;
import java.util.List;

/** Two models whose tensors have been paired, whatever they are read from. */
public interface PairedModels {

  /** The base as the user named it. */
  String base();

  /** The tuned model as the user named it. */
  String tuned();

  Measure measure();

  /** Pairs of equal shape, in the base's order. */
  List<PairedTensor> pairs();

  /** Pairs of different shape. */
  List<UnequalTensor> unequal();

  /** Tensors that the tuned model has not. */
  List<String> onlyInBase();

  /** Tensors that the base has not. */
  List<String> onlyInTuned();

  /** What was accepted but should be seen. */
  List<String> notices();

  /** Why tensors may be missing from this; empty where everything is there. */
  List<String> incomplete();

  /** What measures, for the run record. */
  String implementation();

  /** Why that, as half a sentence. */
  String implementationReason();

  /** Something that measures rows of the {@link #pairs}, for one thread. */
  RowDistances open() throws IOException;
}
