package dev.witnessmark.causal.diff;

import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.model.ModelDescription;
import dev.witnessmark.model.TensorIdentity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two models by their fingerprints. Tensors are paired by name over all shards; what is left, by
 * what the tables of architectures say the names mean, so that forms of different ecosystems meet.
 * Of tensors with the same name the last one counts, and only once.
 */
public record FingerprintPairs(
    String base,
    String tuned,
    List<PairedTensor> pairs,
    List<UnequalTensor> unequal,
    List<String> onlyInBase,
    List<String> onlyInTuned,
    List<String> notices,
    List<String> incomplete,
    List<FingerprintTensor> baseTensors,
    List<FingerprintTensor> tunedTensors)
    implements PairedModels {

  /** Pairs two models, which must stay open. */
  public static FingerprintPairs of(FingerprintModel base, FingerprintModel tuned) {
    Map<String, FingerprintTensor> open = byName(tuned);
    Map<String, FingerprintTensor> bases = byName(base);
    Map<FingerprintTensor, FingerprintTensor> partners = new HashMap<>();
    for (FingerprintTensor left : bases.values()) {
      FingerprintTensor right = open.remove(left.name());
      if (right != null) {
        partners.put(left, right);
      }
    }
    Map<TensorIdentity, @Nullable FingerprintTensor> byIdentity = byIdentity(open);
    Set<TensorIdentity> taken = new HashSet<>();
    for (FingerprintTensor left : bases.values()) {
      Optional<TensorIdentity> identity =
          partners.containsKey(left) ? Optional.empty() : ModelDescription.identityOf(left.name());
      FingerprintTensor right = identity.map(byIdentity::get).orElse(null);
      if (right != null && taken.add(identity.get())) {
        partners.put(left, right);
        open.remove(right.name());
      }
    }
    FingerprintPairs pairs =
        new FingerprintPairs(
            base.name(),
            tuned.name(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            open.values().stream().map(FingerprintTensor::name).toList(),
            Stream.concat(base.notices().stream(), tuned.notices().stream()).toList(),
            Stream.concat(base.incomplete().stream(), tuned.incomplete().stream()).toList(),
            new ArrayList<>(),
            new ArrayList<>());
    for (FingerprintTensor left : bases.values()) {
      FingerprintTensor right = partners.get(left);
      if (right == null) {
        pairs.onlyInBase.add(left.name());
      } else {
        pairs.add(left, right);
      }
    }
    return pairs;
  }

  private void add(FingerprintTensor left, FingerprintTensor right) {
    if (left.rows() != right.rows() || left.columns() != right.columns()) {
      unequal.add(
          new UnequalTensor(
              left.name(), left.rows(), left.columns(), right.rows(), right.columns()));
      return;
    }
    baseTensors.add(left);
    tunedTensors.add(right);
    pairs.add(
        new PairedTensor(
            left.name(),
            right.name(),
            left.layerType(),
            left.rows(),
            left.columns(),
            2 * Fingerprint.BYTES * left.rows()));
  }

  private static Map<String, FingerprintTensor> byName(FingerprintModel model) {
    Map<String, FingerprintTensor> byName = new LinkedHashMap<>();
    model.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    return byName;
  }

  /** Tensors by what their names mean; null where two mean the same. */
  private static Map<TensorIdentity, @Nullable FingerprintTensor> byIdentity(
      Map<String, FingerprintTensor> tensors) {
    Map<TensorIdentity, @Nullable FingerprintTensor> byIdentity = new HashMap<>();
    for (FingerprintTensor tensor : tensors.values()) {
      ModelDescription.identityOf(tensor.name())
          .ifPresent(identity ->
              byIdentity.put(identity, byIdentity.containsKey(identity) ? null : tensor));
    }
    return byIdentity;
  }

  @Override
  public Measure measure() {
    return Measure.BASE17;
  }

  @Override
  public String implementation() {
    return "scalar";
  }

  @Override
  public String implementationReason() {
    return "distances of fingerprints are sums of whole numbers, equal on every implementation";
  }

  @Override
  public RowDistances open() {
    return new Reader();
  }

  private final class Reader implements RowDistances {

    private short[] left = new short[0];
    private short[] right = new short[0];

    @Override
    public void read(int tensor, long first, int count, double[] target) throws IOException {
      reserve(count);
      baseTensors.get(tensor).read(first, count, left);
      tunedTensors.get(tensor).read(first, count, right);
      for (int i = 0; i < count; i++) {
        int at = i * Fingerprint.DIMENSIONS;
        target[i] = Fingerprint.distance(left, at, right, at);
      }
    }

    @Override
    public double unrelated(int tensor, long row, long other) throws IOException {
      reserve(1);
      baseTensors.get(tensor).read(row, 1, left);
      baseTensors.get(tensor).read(other, 1, right);
      return Fingerprint.distance(left, 0, right, 0);
    }

    private void reserve(int rows) {
      if (left.length < rows * Fingerprint.DIMENSIONS) {
        left = new short[rows * Fingerprint.DIMENSIONS];
        right = new short[rows * Fingerprint.DIMENSIONS];
      }
    }

    @Override
    public void close() {}
  }
}
