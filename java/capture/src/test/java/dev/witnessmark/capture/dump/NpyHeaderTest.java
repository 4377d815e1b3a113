package dev.witnessmark.capture.dump;

import static dev.witnessmark.capture.dump.NpyBytes.dictionary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.Allocation;
import dev.witnessmark.format.testing.BytesSource;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyHeaderTest {

  private static TensorView read(byte[] bytes) throws IOException {
    return NpyHeader.read(new BytesSource("x.npy", bytes), "x");
  }

  @ParameterizedTest
  @CsvSource({
    "<f2, F16, 2",
    "<f4, F32, 4",
    "<f8, F64, 8",
    ">f2, F16, 2",
    ">f4, F32, 4",
    ">f8, F64, 8",
  })
  void floatsOfEitherOrderAreRead(String descr, TensorType type, int size) throws IOException {
    for (int version = 1; version <= 3; version++) {
      byte[] file =
          NpyBytes.file(version, dictionary(descr, false, "(1, 2, 3)"), new byte[6 * size]);
      TensorView view = read(file);
      assertThat(view.type()).isEqualTo(type);
      assertThat(view.shape()).isEqualTo(Shape.of(1, 2, 3));
      assertThat(view.order())
          .isEqualTo(descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      assertThat(view.offset()).isEqualTo(file.length - 6L * size);
      assertThat(view.bytes()).isEqualTo(6L * size);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"(); 1", "(3,); 3", "(0, 5); 0", "(2,2); 4", "( 2 , 2 , ); 4"})
  void shapesAreTuples(String shape, int elements) throws IOException {
    TensorView view =
        read(NpyBytes.file(1, dictionary("<f4", false, shape), new byte[4 * elements]));
    assertThat(view.shape().elements()).isEqualTo(elements);
  }

  @Test
  void keysComeInAnyOrderAndQuotes() throws IOException {
    String header = "{\"shape\":(2,),'fortran_order':False,\"descr\":'<f4'}";
    assertThat(read(NpyBytes.raw(1, header, new byte[8])).shape()).isEqualTo(Shape.of(2));
  }

  @Test
  void aVectorHasOneOrder() throws IOException {
    byte[] file = NpyBytes.file(1, dictionary("<f4", true, "(2,)"), new byte[8]);
    assertThat(read(file).shape()).isEqualTo(Shape.of(2));
  }

  @Test
  void columnsFirstAreRefused() {
    byte[] file = NpyBytes.file(1, dictionary("<f4", true, "(2, 2)"), new byte[16]);
    assertThatExceptionOfType(Refusal.Unsupported.class).isThrownBy(() -> read(file));
  }

  @Test
  void objectsAreRefusedAsUnsafe() {
    byte[] file = NpyBytes.file(1, dictionary("|O", false, "(2,)"), new byte[8]);
    assertThatExceptionOfType(Refusal.UnsafeFormat.class).isThrownBy(() -> read(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<i4", "|b1", "<c8", "|V2", "<f16", "f4", "=f4", "<U3", ""})
  void otherTypesAreRefused(String descr) {
    byte[] file = NpyBytes.file(1, dictionary(descr, false, "(2,)"), new byte[8]);
    assertThatExceptionOfType(Refusal.UnknownType.class).isThrownBy(() -> read(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': false, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': [2]}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
        "import os",
      })
  void otherHeadersAreRefused(String header) {
    assertThatExceptionOfType(Refusal.Malformed.class)
        .isThrownBy(() -> read(NpyBytes.raw(1, header, new byte[8])));
  }

  @Test
  void aKeyTwiceIsRefused() {
    String header = "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}";
    assertThatExceptionOfType(Refusal.Duplicate.class)
        .isThrownBy(() -> read(NpyBytes.raw(1, header, new byte[8])));
  }

  @Test
  void everyCutIsRefused() {
    byte[] file = NpyBytes.file(2, dictionary("<f4", false, "(2,)"), new byte[8]);
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatExceptionOfType(Refusal.Truncated.class).isThrownBy(() -> read(cut));
    }
  }

  @Test
  void tooShortAndTooLongAreRefusedWithBothNumbers() {
    String header = dictionary("<f4", false, "(2, 3)");
    assertThatExceptionOfType(Refusal.Truncated.class)
        .isThrownBy(() -> read(NpyBytes.file(1, header, new byte[23])))
        .satisfies(refusal -> {
          assertThat(refusal.needed()).isEqualTo(24);
          assertThat(refusal.available()).isEqualTo(23);
        });
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> read(NpyBytes.file(1, header, new byte[25])))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(25);
          assertThat(refusal.expected()).isEqualTo(24);
        });
  }

  @Test
  void sizesThatOverflowAreRefused() {
    String shape = "(0, 4611686018427387904, 4)";
    assertThatExceptionOfType(Refusal.SizeOverflow.class)
        .isThrownBy(() -> read(NpyBytes.file(1, dictionary("<f4", false, shape), new byte[0])));
    String bytes = "(4611686018427387904,)";
    assertThatExceptionOfType(Refusal.SizeOverflow.class)
        .isThrownBy(() -> read(NpyBytes.file(1, dictionary("<f4", false, bytes), new byte[0])));
  }

  @Test
  void aHostileHeaderLengthAllocatesNothing() throws Exception {
    byte[] file = NpyBytes.file(2, dictionary("<f4", false, "(2,)"), new byte[8]);
    Arrays.fill(file, 8, 12, (byte) 0xFF);
    long bytes =
        Allocation.bytes(
            () -> assertThatExceptionOfType(Refusal.Malformed.class).isThrownBy(() -> read(file)));
    assertThat(bytes).isLessThan(4 << 20);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 255})
  void otherVersionsAreRefused(int version) {
    byte[] file = NpyBytes.file(1, dictionary("<f4", false, "(2,)"), new byte[8]);
    file[6] = (byte) version;
    assertThatExceptionOfType(Refusal.Unsupported.class).isThrownBy(() -> read(file));
  }
}
