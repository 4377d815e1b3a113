package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.model.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockMapTest {

  @Test
  void showsTheWorstTensorOfEveryCell() {
    List<String> lines =
        new BlockMap(
                List.of(
                    Results.equal("q0", Role.ATTENTION_Q, 0),
                    Results.moved("qb0", Role.ATTENTION_Q, 0, 1.0),
                    Results.moved("k0", Role.ATTENTION_K, 0, 0.25),
                    Results.equal("q1", Role.ATTENTION_Q, 1),
                    Results.tensor(
                        "k1", Results.identity(Role.ATTENTION_K, 1), TensorStatus.ONLY_IN_A, null),
                    Results.equal("head", Role.HEAD, -1)))
            .lines();

    assertThat(lines)
        .containsExactly(
            "        q  k",
            " blk 0  █  ▂",
            " blk 1  ·  A",
            " outside the blocks:  head ·",
            " · bit-identical   ▁▂▃▄▅▆▇█ moved, relative change 0 … 1.000   A only-in-a");
  }

  @Test
  void everyStatusHasASignOfItsOwn() {
    List<TensorDifference> tensors = new ArrayList<>();
    int block = 0;
    for (TensorStatus status : TensorStatus.values()) {
      tensors.add(
          Results.tensor(
              "t" + block,
              Results.identity(Role.FFN_UP, block++),
              status,
              status == TensorStatus.MOVED ? Results.changed(0.1, 0.5, null) : null));
    }

    assertThat(
            new BlockMap(tensors)
                .lines().stream()
                    .filter(line -> line.startsWith(" blk"))
                    .map(line -> line.substring(line.length() - 1))
                    .distinct())
        .hasSize(TensorStatus.values().length);
  }

  /** A model of 126 blocks keeps to one screen. */
  @Test
  void manyBlocksShareLines() {
    List<TensorDifference> tensors = new ArrayList<>();
    for (int block = 0; block < 126; block++) {
      tensors.add(
          block == 101
              ? Results.moved("q", Role.ATTENTION_Q, block, 0.5)
              : Results.equal("q", Role.ATTENTION_Q, block));
    }

    List<String> lines = new BlockMap(tensors).lines();

    assertThat(lines).hasSizeLessThanOrEqualTo(34);
    assertThat(lines)
        .filteredOn(line -> line.contains("█") && line.contains("blk"))
        .containsExactly(" blk 100–103  █");
  }

  @Test
  void aChangeFromZeroDoesNotFlattenTheOthers() {
    List<String> lines =
        new BlockMap(
                List.of(
                    Results.moved("q0", Role.ATTENTION_Q, 0, null),
                    Results.moved("q1", Role.ATTENTION_Q, 1, 0.5)))
            .lines();

    assertThat(lines.get(1)).endsWith("█");
    assertThat(lines.get(2)).endsWith("█");
    assertThat(lines.getLast()).contains("0 … 0.5000");
  }

  @Test
  void withoutBlocksThereIsNoMap() {
    assertThat(new BlockMap(List.of(Results.equal("w", Role.OTHER, -1))).lines()).isEmpty();
  }
}
