package dev.witnessmark.kernels.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Family;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ConformanceTest {

  @Test
  void theTableHoldsEveryFamilyTypeAndPattern() {
    assertThat(Trial.all())
        .extracting(trial -> trial.operation().family())
        .contains(Family.values());
    assertThat(Trial.all()).extracting(Trial::pattern).contains(Pattern.values());
    assertThat(
            Trial.operations()
                .filter(MatVecQ8.class::isInstance)
                .map(o -> ((MatVecQ8) o).type())
                .collect(Collectors.toSet()))
        .isEqualTo(MatVecQ8.TYPES);
  }

  @Test
  void theOracleAgreesWithItselfOnTheWholeTable() {
    assertThat(Trial.all())
        .allSatisfy(trial -> assertThat(Conformance.check(trial, HostDevice.scalar())).isEmpty());
  }

  @Test
  void inputsAreTheSameEveryTime() {
    Trial trial = new Trial(new Add(5003), Pattern.RANDOM);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> first = Inputs.of(trial.operation(), trial.pattern(), arena);
      List<MemorySegment> second = Inputs.of(trial.operation(), trial.pattern(), arena);
      assertThat(first.getFirst().mismatch(second.getFirst())).isEqualTo(-1);
      assertThat(first.getFirst().mismatch(first.get(1))).isNotEqualTo(-1);
      assertThat(Arrays.stream(first.getFirst().toArray(ValueLayout.JAVA_INT)).sum())
          .as("the same on every machine")
          .isEqualTo(1_204_587_360);
    }
  }

  @Test
  void theFirstDifferenceIsNamedAndAllAreCounted() {
    Operand output = new Add(4).operands().getLast();
    assertThat(Conformance.compare(output, floats(1, 2, 3, -0f), floats(1, 5, 3, 0)))
        .contains(new Mismatch("results", 1, 0x4000_0000L, 0x40a0_0000L, 2));
    assertThat(Conformance.compare(output, floats(1, 2, 3, 4), floats(1, 2, 3, 4))).isEmpty();
  }

  @Test
  void anyNanEqualsAnyOtherAndNothingElse() {
    Operand output = new Add(1).operands().getLast();
    MemorySegment other = floats(Float.intBitsToFloat(0xffc1_2345));
    assertThat(Conformance.compare(output, floats(Float.NaN), other)).isEmpty();
    assertThat(Conformance.compare(output, floats(Float.POSITIVE_INFINITY), other)).isPresent();
    Operand integers = new Operand("x", Operand.Direction.OUT, Element.INT32, 1);
    assertThat(Conformance.compare(integers, floats(Float.NaN), other)).isPresent();
  }

  private static MemorySegment floats(float... values) {
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values);
  }
}
