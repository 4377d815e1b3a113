package dev.witnessmark.report;

import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The small map of block × role: one sign per cell, for the tensor in it that moved most. */
final class BlockMap {

  private static final String LEVELS = "▁▂▃▄▅▆▇█";
  private static final int MOST_LINES = 32;
  private static final double WIDE_SPREAD = 8;

  /** The column that is shown last: many tensors, seldom the story. */
  private static final String NORMS = Role.ATTENTION_NORM.column();

  /** One cell: the worst status, and the largest relative change of the moved. */
  private record Cell(TensorStatus status, double relative) {
    Cell worse(Cell other) {
      if (status != other.status) {
        return status.compareTo(other.status) > 0 ? this : other;
      }
      return relative >= other.relative ? this : other;
    }
  }

  private final Map<Integer, Map<String, Cell>> blocks = new TreeMap<>();
  private final Map<String, Cell> outside = new LinkedHashMap<>();
  private final TreeSet<Role> rolesInBlocks = new TreeSet<>();
  private double largest;
  private double smallest = Double.POSITIVE_INFINITY;

  BlockMap(Collection<TensorDifference> tensors) {
    for (TensorDifference tensor : tensors) {
      TensorIdentity identity = tensor.identity();
      Cell cell = new Cell(tensor.status(), relative(tensor));
      if (tensor.status() == TensorStatus.MOVED) {
        if (Double.isFinite(cell.relative())) {
          largest = Math.max(largest, cell.relative());
          smallest = Math.min(smallest, cell.relative());
        }
      }
      if (identity.block() >= 0) {
        rolesInBlocks.add(identity.role());
        blocks
            .computeIfAbsent(identity.block(), block -> new LinkedHashMap<>())
            .merge(identity.role().column(), cell, Cell::worse);
      } else {
        outside.merge(identity.role().label(), cell, Cell::worse);
      }
    }
  }

  private static double relative(TensorDifference tensor) {
    ValueDifference difference = tensor.difference();
    if (difference == null || tensor.status() != TensorStatus.MOVED) {
      return 0;
    }
    Double relative = difference.relative();
    return relative == null ? Double.POSITIVE_INFINITY : relative;
  }

  /** The map with its legend; empty if no tensor belongs to a block. */
  List<String> lines() {
    if (blocks.isEmpty()) {
      return List.of();
    }
    List<String> columns =
        rolesInBlocks.stream()
            .map(Role::column)
            .distinct()
            .sorted(Comparator.comparing(NORMS::equals))
            .toList();
    Table.Align[] aligns = new Table.Align[columns.size() + 1];
    Arrays.fill(aligns, Table.Align.LEFT);
    Table table = new Table(aligns);
    List<String> header = new ArrayList<>(List.of(""));
    header.addAll(columns);
    table.row(header.toArray(String[]::new));
    List<Integer> numbers = List.copyOf(blocks.keySet());
    int perLine = Math.ceilDiv(numbers.size(), MOST_LINES);
    for (int i = 0; i < numbers.size(); i += perLine) {
      List<Integer> group = numbers.subList(i, Math.min(numbers.size(), i + perLine));
      List<String> row = new ArrayList<>();
      row.add("blk " + Ranges.of(group));
      for (String column : columns) {
        row.add(
            group.stream()
                .map(block -> blocks.getOrDefault(block, Map.of()).get(column))
                .filter(cell -> cell != null)
                .reduce(Cell::worse)
                .map(this::sign)
                .orElse(" "));
      }
      table.row(row.toArray(String[]::new));
    }
    List<String> lines = new ArrayList<>(table.lines(" "));
    if (!outside.isEmpty()) {
      StringBuilder line = new StringBuilder(" outside the blocks:");
      outside.forEach(
          (role, cell) -> line.append("  ").append(role).append(' ').append(sign(cell)));
      lines.add(line.toString());
    }
    lines.add(legend());
    return lines;
  }

  private String legend() {
    StringBuilder legend = new StringBuilder(" ");
    TreeSet<TensorStatus> seen = new TreeSet<>();
    blocks.values().forEach(row -> row.values().forEach(cell -> seen.add(cell.status())));
    outside.values().forEach(cell -> seen.add(cell.status()));
    List<String> parts = new ArrayList<>();
    for (TensorStatus status : seen) {
      parts.add(
          status == TensorStatus.MOVED
              ? LEVELS
                  + " moved, relative change "
                  + (logarithmic() ? Numbers.measure(smallest) + " … " : "0 … ")
                  + Numbers.measure(largest)
                  + (logarithmic() ? " (logarithmic)" : "")
              : sign(new Cell(status, 0)) + " " + status.label());
    }
    return legend.append(String.join("   ", parts)).toString();
  }

  /** One tensor far above the others must not flatten the map. */
  private boolean logarithmic() {
    return smallest > 0 && largest > WIDE_SPREAD * smallest;
  }

  private String sign(Cell cell) {
    return switch (cell.status()) {
      case BIT_IDENTICAL -> "·";
      case IDENTICAL -> "=";
      case WITHIN_QUANTISATION -> "~";
      case MOVED -> {
        double share =
            logarithmic()
                ? Math.log(cell.relative() / smallest) / Math.log(largest / smallest)
                : largest == 0 ? 1 : cell.relative() / largest;
        int level = (int) Math.ceil(share * LEVELS.length()) - 1;
        yield LEVELS.substring(
            Math.clamp(level, 0, LEVELS.length() - 1),
            Math.clamp(level, 0, LEVELS.length() - 1) + 1);
      }
      case INCOMPATIBLE -> "!";
      case ONLY_IN_A -> "A";
      case ONLY_IN_B -> "B";
    };
  }
}
