package dev.witnessmark.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ShapeTest {

  @Test
  void aMatrixHasRowsAndColumns() {
    Shape shape = Shape.of(8, 256, 64);

    assertThat(shape.rows()).isEqualTo(2048);
    assertThat(shape.columns()).isEqualTo(64);
    assertThat(shape.elements()).isEqualTo(131072);
  }

  @Test
  void aScalarIsOneRowOfOneElement() {
    assertThat(Shape.of().elements()).isEqualTo(1);
    assertThat(Shape.of().rows()).isEqualTo(1);
    assertThat(Shape.of().columns()).isEqualTo(1);
  }

  @Test
  void aProductThatWrapsToZeroIsRefused() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> Shape.of(8, 1, 1L << 32, 1L << 32));
  }

  @Test
  void aZeroDimensionDoesNotHideAnOverflow() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> Shape.of(0, 1L << 32, 1L << 32));
  }

  @Property
  void elementsAreTheProduct(@ForAll @Size(max = 5) List<@LongRange(max = 5000) Long> dimensions) {
    BigInteger product =
        dimensions.stream().map(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);

    Shape shape = Shape.of(dimensions.stream().mapToLong(Long::longValue).toArray());

    assertThat(BigInteger.valueOf(shape.elements())).isEqualTo(product);
  }
}
