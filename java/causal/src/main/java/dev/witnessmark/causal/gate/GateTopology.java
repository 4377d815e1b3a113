package dev.witnessmark.causal.gate;

import dev.witnessmark.causal.truth.Truth;
import dev.witnessmark.fingerprint.BlockNumber;
import dev.witnessmark.fingerprint.Fingerprint;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.RouterName;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * All routers of a model.
 *
 * @param model the model as the user named it
 * @param threshold pairs of experts strictly nearer were counted as redundant
 * @param unrelated how far apart unrelated experts are
 * @param blocks by block, ascending; routers of no block last
 * @param notices what was accepted but should be seen
 * @param incomplete why routers may be missing
 */
public record GateTopology(
    String model,
    long threshold,
    UnrelatedExperts unrelated,
    List<RoutedBlock> blocks,
    List<String> notices,
    List<String> incomplete) {

  /** Experts of a block that are taken without being asked. */
  public static final int USUAL_MOST_EXPERTS = 4096;

  /** After all blocks. */
  private static final long NO_BLOCK = Long.MAX_VALUE;

  public GateTopology {
    blocks = List.copyOf(blocks);
    notices = List.copyOf(notices);
    incomplete = List.copyOf(incomplete);
  }

  /**
   * Finds the routers of {@code model} and measures all pairs of experts of each block.
   *
   * @param threshold pairs strictly nearer are redundant
   * @param mostExperts experts of a block that are accepted; pairs grow with their square
   * @throws CouldNotCompare if a block has more
   * @throws IOException if the model cannot be read
   */
  public static GateTopology of(FingerprintModel model, long threshold, int mostExperts)
      throws IOException {
    Map<Long, List<FingerprintTensor>> routers = new TreeMap<>();
    for (FingerprintTensor tensor : model.tensors()) {
      if (RouterName.matches(tensor.name())) {
        routers
            .computeIfAbsent(
                BlockNumber.of(tensor.name()).orElse(NO_BLOCK), block -> new ArrayList<>())
            .add(tensor);
      }
    }
    List<short[]> fingerprints = new ArrayList<>();
    for (Map.Entry<Long, List<FingerprintTensor>> block : routers.entrySet()) {
      fingerprints.add(experts(model, block.getValue(), mostExperts));
    }
    UnrelatedExperts unrelated = UnrelatedExperts.of(fingerprints);
    List<RoutedBlock> blocks = new ArrayList<>();
    for (Map.Entry<Long, List<FingerprintTensor>> block : routers.entrySet()) {
      blocks.add(
          RoutedBlock.of(
              block.getKey() == NO_BLOCK ? OptionalLong.empty() : OptionalLong.of(block.getKey()),
              block.getValue().stream().map(FingerprintTensor::name).toList(),
              fingerprints.get(blocks.size()),
              threshold,
              unrelated));
    }
    return new GateTopology(
        model.name(), threshold, unrelated, blocks, model.notices(), model.incomplete());
  }

  /** Fingerprints of the experts of some routers, one after the other. */
  private static short[] experts(
      FingerprintModel model, List<FingerprintTensor> routers, int mostExperts) throws IOException {
    long experts = 0;
    for (FingerprintTensor router : routers) {
      experts += router.rows();
      if (experts > mostExperts) {
        throw new CouldNotCompare(
            "%s: %s: %d experts in one block, at most %d are compared; raise it with --max-experts"
                .formatted(model.name(), router.name(), experts, mostExperts));
      }
    }
    short[] all = new short[(int) experts * Fingerprint.DIMENSIONS];
    int at = 0;
    for (FingerprintTensor router : routers) {
      int rows = (int) router.rows();
      short[] some = new short[rows * Fingerprint.DIMENSIONS];
      router.read(0, rows, some);
      System.arraycopy(some, 0, all, at, some.length);
      at += some.length;
    }
    return all;
  }

  /** The routers of {@code block}, if it has any. */
  public Optional<RoutedBlock> block(long block) {
    return blocks.stream()
        .filter(each -> each.block().isPresent() && each.block().getAsLong() == block)
        .findFirst();
  }

  /** Pairs of experts of all blocks. */
  public long pairs() {
    return blocks.stream().mapToLong(RoutedBlock::pairs).sum();
  }

  /** Redundant pairs of all blocks. */
  public long redundantPairs() {
    return blocks.stream().mapToLong(RoutedBlock::redundantPairs).sum();
  }

  /** That pairs of experts are redundant by the bare threshold. */
  public Truth truth() {
    return Truth.ofShare(redundantPairs(), pairs());
  }

  /** Whether the threshold is no smaller than the distance of unrelated experts. */
  public boolean blind() {
    return unrelated.known() && (double) threshold >= unrelated.mean();
  }
}
