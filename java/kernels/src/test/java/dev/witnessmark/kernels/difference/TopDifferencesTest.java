package dev.witnessmark.kernels.difference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.witnessmark.kernels.difference.TopDifferences.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TopDifferencesTest {

  @Test
  void keepsTheLargestInOrder() {
    TopDifferences top = new TopDifferences(2);
    top.offer(0, 1, 0);
    top.offer(1, 0, 3);
    top.offer(2, 5, 3);
    assertThat(top.entries()).containsExactly(new Entry(1, 0, 3), new Entry(2, 5, 3));
    assertThat(top.entries().getFirst().delta()).isEqualTo(-3);
  }

  @Test
  void takesWhatIsLargerInTheLastBit() {
    TopDifferences top = new TopDifferences(1);
    top.offer(0, 1, 0);
    top.offer(1, Math.nextUp(1.0), 0);
    assertThat(top.entries()).containsExactly(new Entry(1, Math.nextUp(1.0), 0));
  }

  @Test
  void theLowestIndexWinsTies() {
    TopDifferences top = new TopDifferences(2);
    top.offer(9, 1, 0);
    top.offer(5, 0, 1);
    top.offer(7, 1, 0);
    top.offer(11, 1, 0);
    assertThat(top.entries()).containsExactly(new Entry(5, 0, 1), new Entry(7, 1, 0));
  }

  @Test
  void takesNoEqualPairAndNoNonFiniteOne() {
    TopDifferences top = new TopDifferences(3);
    top.offer(0, 2, 2);
    top.offer(1, 0.0, -0.0);
    top.offer(2, Double.NaN, 1);
    top.offer(3, 1, Double.POSITIVE_INFINITY);
    assertThat(top.entries()).isEmpty();
  }

  @Test
  void mayTakeSaysNoOnlyWhereNothingWouldBeTaken() {
    TopDifferences top = new TopDifferences(1);
    assertThat(top.mayTake(0)).isFalse();
    assertThat(top.mayTake(Float.MIN_VALUE)).isTrue();
    top.offer(0, 0x1p24 + 1.5, 0);
    assertThat(top.mayTake(0x1p24f)).isFalse();
    assertThat(top.mayTake(Math.nextUp(0x1p24f))).isTrue();
    top = new TopDifferences(1);
    top.offer(0, 0x1p24 + 0.5, 0);
    assertThat(top.mayTake(0x1p24f)).isTrue();
    assertThat(top.mayTake(Math.nextDown(0x1p24f))).isFalse();
  }

  @Test
  void refusesToHoldNothing() {
    assertThatIllegalArgumentException().isThrownBy(() -> new TopDifferences(0));
  }

  @Property(tries = 500)
  void isTheHeadOfTheSortedDifferences(
      @ForAll @Size(max = 60) List<@IntRange(min = -6, max = 6) Integer> differences,
      @ForAll @IntRange(min = 1, max = 12) int capacity,
      @ForAll long seed) {
    List<Entry> all = new ArrayList<>();
    for (int i = 0; i < differences.size(); i++) {
      all.add(new Entry(i, differences.get(i), 0));
    }
    List<Entry> expected =
        all.stream()
            .filter(entry -> entry.delta() != 0)
            .sorted(
                Comparator.comparingDouble((Entry entry) -> Math.abs(entry.delta()))
                    .reversed()
                    .thenComparingLong(Entry::index))
            .limit(capacity)
            .toList();
    Collections.shuffle(all, new Random(seed));
    TopDifferences first = new TopDifferences(capacity);
    TopDifferences second = new TopDifferences(capacity);
    for (Entry entry : all) {
      (entry.index() % 3 == 0 ? first : second).offer(entry.index(), entry.a(), entry.b());
    }
    second.merge(first);
    assertThat(second.entries()).isEqualTo(expected);
  }
}
