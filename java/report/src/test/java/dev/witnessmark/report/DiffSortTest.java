package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.model.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiffSortTest {

  private static final TensorDifference EQUAL = Results.equal("equal", Role.FFN_UP, 0);
  private static final TensorDifference LITTLE = Results.moved("little", Role.FFN_UP, 1, 0.1);
  private static final TensorDifference MUCH = Results.moved("much", Role.FFN_UP, 2, 0.9);
  private static final TensorDifference FROM_ZERO = Results.moved("zero", Role.FFN_UP, 3, null);
  private static final TensorDifference MISSING =
      Results.tensor("a", Results.identity(Role.FFN_UP, 4), TensorStatus.ONLY_IN_A, null);

  private static List<TensorDifference> sorted(DiffSort sort) {
    return List.of(EQUAL, LITTLE, MUCH, FROM_ZERO, MISSING).stream()
        .sorted(sort.comparator())
        .toList();
  }

  @Test
  void whatCouldNotBeComparedComesFirst() {
    assertThat(sorted(DiffSort.RELATIVE)).containsExactly(MISSING, FROM_ZERO, MUCH, LITTLE, EQUAL);
  }

  @Test
  void namesAndFileOrder() {
    assertThat(sorted(DiffSort.NAME)).containsExactly(MISSING, EQUAL, LITTLE, MUCH, FROM_ZERO);
    assertThat(sorted(DiffSort.FILE)).containsExactly(EQUAL, LITTLE, MUCH, FROM_ZERO, MISSING);
  }
}
