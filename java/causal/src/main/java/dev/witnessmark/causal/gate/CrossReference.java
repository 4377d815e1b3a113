package dev.witnessmark.causal.gate;

import dev.witnessmark.fingerprint.BlockNumber;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.Projection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Scaffold blocks of one model beside the routers of another, or of the same.
 *
 * @param scaffoldModel where the scaffold was found
 * @param gateModel whose routers these are
 * @param sameArchitecture whether both have attention of equal names and shapes in equal blocks; if
 *     not, a block's number says nothing about the other model
 * @param entries the scaffold blocks in their order
 */
public record CrossReference(
    String scaffoldModel, String gateModel, boolean sameArchitecture, List<Entry> entries) {

  /** A block is dominated by routing if more than this share of its pairs is redundant. */
  private static final double DOMINATED = 0.5;

  /**
   * One scaffold block.
   *
   * @param block its number
   * @param redundancy share of redundant pairs of experts; empty where the block has no router
   */
  public record Entry(long block, OptionalDouble redundancy) {

    /** Whether most pairs of experts are redundant. */
    public boolean routingDominated() {
      return redundancy.orElse(0) > DOMINATED;
    }
  }

  public CrossReference {
    entries = List.copyOf(entries);
  }

  /** Looks up scaffold blocks. */
  public static CrossReference of(
      List<Long> scaffold,
      FingerprintModel scaffoldModel,
      FingerprintModel gateModel,
      GateTopology gates) {
    List<Entry> entries = new ArrayList<>();
    for (long block : scaffold) {
      Optional<RoutedBlock> routed = gates.block(block);
      entries.add(
          new Entry(
              block,
              routed.isPresent()
                  ? OptionalDouble.of(routed.get().redundantShare())
                  : OptionalDouble.empty()));
    }
    return new CrossReference(
        scaffoldModel.name(),
        gateModel.name(),
        !attention(gateModel).isEmpty() && attention(scaffoldModel).equals(attention(gateModel)),
        entries);
  }

  private record Place(long block, Projection projection) {}

  private record Size(long rows, long columns) {}

  private static Map<Place, Size> attention(FingerprintModel model) {
    Map<Place, Size> sizes = new HashMap<>();
    for (FingerprintTensor tensor : model.tensors()) {
      Projection projection = Projection.of(tensor.name());
      boolean attends =
          projection == Projection.Q
              || projection == Projection.K
              || projection == Projection.V
              || projection == Projection.O;
      if (attends && tensor.columns() > 1) {
        BlockNumber.of(tensor.name())
            .ifPresent(block ->
                sizes.put(new Place(block, projection), new Size(tensor.rows(), tensor.columns())));
      }
    }
    return sizes;
  }

  /** Scaffold blocks that routing dominates. */
  public long routingDominated() {
    return entries.stream().filter(Entry::routingDominated).count();
  }

  /**
   * {@code YES} if most scaffold blocks are dominated by routing, {@code PARTIAL} if not, {@code
   * NOT COMPARABLE} where block numbers do not correspond.
   */
  public String verdict() {
    if (!sameArchitecture) {
      return "NOT COMPARABLE";
    }
    return routingDominated() > entries.size() / 2 ? "YES" : "PARTIAL";
  }
}
