package dev.witnessmark.causal.gate;

import dev.witnessmark.fingerprint.BlockNumber;
import dev.witnessmark.fingerprint.FingerprintModel;
import dev.witnessmark.fingerprint.FingerprintTensor;
import dev.witnessmark.fingerprint.Projection;
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
 * @param entries the scaffold blocks in their order; none where blocks do not correspond
 */
public record CrossReference(
    String scaffoldModel, String gateModel, boolean sameArchitecture, List<Entry> entries) {

  /** A block is dominated by routing if more than this share of its pairs is redundant. */
  private static final double DOMINATED = 0.5;

  /**
   * One scaffold block.
   *
   * @param block its number
   * @param router its routers, if it has any
   */
  public record Entry(long block, Optional<RoutedBlock> router) {

    /** Share of redundant pairs of experts; empty where the block has no router. */
    public OptionalDouble redundancy() {
      return router.isPresent()
          ? OptionalDouble.of(router.get().redundantShare())
          : OptionalDouble.empty();
    }

    /** Whether most pairs of experts are redundant by the bare threshold. */
    public boolean routingDominated() {
      return redundancy().orElse(0) > DOMINATED;
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
    boolean same =
        !attention(gateModel).isEmpty() && attention(scaffoldModel).equals(attention(gateModel));
    List<Entry> entries =
        same
            ? scaffold.stream().map(block -> new Entry(block, gates.block(block))).toList()
            : List.of();
    return new CrossReference(scaffoldModel.name(), gateModel.name(), same, entries);
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
