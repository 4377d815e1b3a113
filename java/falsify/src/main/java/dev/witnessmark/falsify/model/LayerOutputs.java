package dev.witnessmark.falsify.model;

import dev.witnessmark.inference.Call;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The hidden states of all positions after each layer, gathered call by call. */
final class LayerOutputs {

  private final int hidden;
  private final List<float[]> layers = new ArrayList<>();

  /**
   * Nothing yet.
   *
   * @param hidden elements of the hidden state of one position
   */
  LayerOutputs(int hidden) {
    this.hidden = hidden;
  }

  /** Adds what a layer made of the next positions. */
  void add(int layer, float[] rows) {
    if (layer == layers.size()) {
      layers.add(rows);
    } else {
      float[] before = layers.get(layer);
      float[] all = Arrays.copyOf(before, before.length + rows.length);
      System.arraycopy(rows, 0, all, before.length, rows.length);
      layers.set(layer, all);
    }
  }

  /** What a layer made of the positions of a call. */
  float[] of(int layer, Call call) {
    return Arrays.copyOfRange(layers.get(layer), call.cached() * hidden, call.visible() * hidden);
  }

  /** this + 2·(other − this), of the positions of a call. */
  float[] twiceAsFar(LayerOutputs other, int layer, Call call) {
    float[] ours = of(layer, call);
    float[] theirs = other.of(layer, call);
    float[] far = new float[ours.length];
    for (int i = 0; i < far.length; i++) {
      far[i] = theirs[i] + (theirs[i] - ours[i]);
    }
    return far;
  }

  /** ‖other − this‖ / ‖this‖ over all positions. */
  double distance(LayerOutputs other, int layer) {
    float[] ours = layers.get(layer);
    float[] theirs = other.layers.get(layer);
    double difference = 0;
    double length = 0;
    for (int i = 0; i < ours.length; i++) {
      double d = (double) theirs[i] - ours[i];
      difference += d * d;
      length += (double) ours[i] * ours[i];
    }
    return Math.sqrt(difference / length);
  }
}
