package dev.witnessmark.explain;

import dev.witnessmark.explain.source.DeltaSize;
import dev.witnessmark.explain.source.TensorDelta;

/** A delta that is not zero, measured. */
record Change(TensorDelta delta, DeltaSize size) {}
