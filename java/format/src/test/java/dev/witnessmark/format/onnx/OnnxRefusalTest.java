package dev.witnessmark.format.onnx;

import static dev.witnessmark.format.testing.OnnxBytes.entry;
import static dev.witnessmark.format.testing.OnnxBytes.floats;
import static dev.witnessmark.format.testing.OnnxBytes.message;
import static dev.witnessmark.format.testing.OnnxBytes.model;
import static dev.witnessmark.format.testing.OnnxBytes.node;
import static dev.witnessmark.format.testing.OnnxBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.OnnxBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that are wrong: each ends in its class of refusal. */
class OnnxRefusalTest {

  /** Low enough to be passed by a small file. */
  private static final Limits TIGHT = new Limits(200, 0, 3, 3, 20, 30, 10, 1, 1, 1);

  @TempDir private Path folder;

  @Test
  void aFileWithoutAGraphIsRefused() {
    refused(Refusal.Malformed.class, message().integer(1, 8));
    refused(Refusal.Malformed.class, message());
  }

  @Test
  void aLengthBeyondTheFileIsRefused() {
    Refusal.Truncated refusal =
        refused(Refusal.Truncated.class, message().integer(1, 8).promise(7, 100).untagged(8, 8));

    assertThat(refusal.needed()).isEqualTo(100);
    assertThat(refusal.available()).isEqualTo(2);
    assertThat(refusal.offset()).isEqualTo(2);
  }

  @Test
  void aLengthBeyondItsMessageIsRefusedThoughTheFileGoesOn() {
    OnnxBytes tensor = message().text(8, "w").promise(9, 8).untagged(1, 2, 3, 4);

    Refusal.Truncated refusal =
        refused(
            Refusal.Truncated.class, model(message().initializer(tensor)).bytes(99, new byte[50]));

    assertThat(refusal.needed()).isEqualTo(8);
    assertThat(refusal.available()).isEqualTo(4);
  }

  @Test
  void aNegativeLengthIsRefused() {
    refused(Refusal.SizeOverflow.class, message().promise(7, -1));
    refused(Refusal.Truncated.class, message().promise(7, Long.MAX_VALUE));
  }

  @Test
  void aVarintOfElevenBytesIsRefused() {
    refused(
        Refusal.Malformed.class,
        message().untagged(8).untagged(repeat(0xff, 10)).untagged(0).bytes(99, new byte[20]));
  }

  @Test
  void aVarintThatTheFileEndsInIsRefused() {
    Refusal.Truncated refusal = refused(Refusal.Truncated.class, message().untagged(8, 0xff, 0xff));

    assertThat(refusal.available()).isEqualTo(2);
  }

  @Test
  void aVarintThatLeavesItsMessageIsRefused() {
    Refusal.Truncated refusal =
        refused(
            Refusal.Truncated.class,
            message().promise(7, 3).untagged(0xd0, 0x05, 0xff, 0x01).bytes(99, new byte[20]));

    assertThat(refusal.needed()).isEqualTo(2);
    assertThat(refusal.available()).isEqualTo(1);
  }

  @Test
  void aPackedVarintThatLeavesItsFieldIsRefused() {
    refused(
        Refusal.Truncated.class,
        model(
            message()
                .initializer(
                    message().promise(1, 1).untagged(0xff, 0x01).integer(2, OnnxBytes.FLOAT))));
  }

  @Test
  void tagsThatProtobufDoesNotHaveAreRefused() {
    refused(Refusal.Malformed.class, message().untagged(0, 0));
    refused(Refusal.Malformed.class, message().untagged(0x0b, 0x0c));
    refused(Refusal.Malformed.class, message().untagged(0x0f));
    refused(Refusal.Malformed.class, message().untagged(0xf8, 0xff, 0xff, 0xff, 0x7f, 0));
  }

  @Test
  void anotherWireTypeThanTheFieldHasIsRefused() {
    refused(Refusal.Malformed.class, message().integer(7, 5));
    refused(Refusal.Malformed.class, message().text(1, "8"));
  }

  @Test
  void graphsInGraphsEnd() {
    OnnxBytes graph = message();
    for (int i = 0; i < 1000; i++) {
      graph = message().with(message().attributed(message().message(6, graph)));
    }

    Refusal.LimitExceeded refusal = refused(Refusal.LimitExceeded.class, model(graph));

    assertThat(refusal.allowed()).isEqualTo(32);
  }

  @Test
  void aSecondValueOfAFieldIsRefused() {
    refused(Refusal.Duplicate.class, model(message()).message(7, message()));
    refused(Refusal.Duplicate.class, model(message().initializer(weight("w").text(8, "v"))));
    refused(Refusal.Duplicate.class, model(message().initializer(weight("w").integer(2, 1))));
    refused(
        Refusal.Duplicate.class, model(message().initializer(weight("w").bytes(9, new byte[4]))));
  }

  @Test
  void aSecondInitializerOfANameIsRefused() {
    OnnxBytes twice = message().initializer(weight("w")).initializer(weight("w"));

    assertThat(refused(Refusal.Duplicate.class, model(twice)).subject()).contains("w");
  }

  @Test
  void aConstantAndAnInitializerOfOneNameAreRefused() {
    OnnxBytes constant =
        node("Constant", "", "w")
            .attributed(message().text(1, "value").message(5, weight("ignored")));

    refused(Refusal.Duplicate.class, model(message().with(constant).initializer(weight("w"))));
    refused(Refusal.Duplicate.class, model(message().initializer(weight("w")).with(constant)));
  }

  @Test
  void aSecondMetadataKeyIsRefused() {
    refused(
        Refusal.Duplicate.class,
        model(message()).message(14, entry("k", "1")).message(14, entry("k", "2")));
    refused(Refusal.Duplicate.class, model(message()).message(14, entry("onnx.ir_version", "9")));
  }

  @Test
  void valuesOfAnotherSizeAreRefused() {
    Refusal.Inconsistent refusal =
        refused(
            Refusal.Inconsistent.class,
            model(
                message().initializer(tensor("w", OnnxBytes.FLOAT, 2, 3).bytes(9, new byte[20]))));

    assertThat(refusal.found()).isEqualTo(20);
    assertThat(refusal.expected()).isEqualTo(24);
  }

  @Test
  void valuesThatAreNotThereAreRefused() {
    refused(
        Refusal.Inconsistent.class, model(message().initializer(tensor("w", OnnxBytes.FLOAT, 1))));
    refused(
        Refusal.Inconsistent.class,
        model(message().initializer(tensor("w", OnnxBytes.INT32, 2).integers(5, 1))));
    refused(
        Refusal.Inconsistent.class,
        model(message().initializer(tensor("w", OnnxBytes.INT32, 2).integers(5, 1, 2, 3))));
  }

  @Test
  void dimensionsThatWrapAreRefused() {
    refused(
        Refusal.SizeOverflow.class,
        model(
            message()
                .initializer(
                    tensor("w", OnnxBytes.FLOAT, 1L << 32, 1L << 32).bytes(9, new byte[0]))));
    refused(
        Refusal.SizeOverflow.class,
        model(message().initializer(tensor("w", OnnxBytes.FLOAT, 0, 1L << 32, 1L << 32))));
    refused(
        Refusal.SizeOverflow.class,
        model(message().initializer(tensor("w", OnnxBytes.FLOAT, 1L << 62))));
  }

  @Test
  void aNegativeDimensionIsRefused() {
    refused(
        Refusal.Malformed.class,
        model(message().initializer(tensor("w", OnnxBytes.FLOAT, -1, -1).bytes(9, new byte[4]))));
  }

  @Test
  void nineDimensionsAreRefused() {
    Refusal.LimitExceeded refusal =
        refused(
            Refusal.LimitExceeded.class,
            model(message().initializer(tensor("w", OnnxBytes.FLOAT, new long[9]))));

    assertThat(refusal.found()).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, OnnxBytes.STRING, 14, 18, OnnxBytes.INT4, 27, -1, 1L << 40})
  void aTypeThatIsNotReadIsRefused(long type) {
    OnnxBytes tensor = message().integer(1, 1).integer(2, type).text(8, "w").bytes(9, new byte[1]);

    refused(Refusal.UnknownType.class, model(message().initializer(tensor)));
  }

  @Test
  void valuesInTheFieldOfAnotherTypeAreRefused() {
    refused(
        Refusal.Malformed.class,
        model(message().initializer(tensor("w", OnnxBytes.FLOAT, 1).integers(5, 1))));
    refused(
        Refusal.Malformed.class, model(message().initializer(weight("w").bytes(4, new byte[4]))));
  }

  @Test
  void aNumberThatDoesNotFitItsTypeIsRefused() {
    for (long value : new long[] {128, -129, Long.MIN_VALUE}) {
      refused(
          Refusal.Malformed.class,
          model(message().initializer(tensor("w", OnnxBytes.INT8, 1).integers(5, value))));
    }
    refused(
        Refusal.Malformed.class,
        model(message().initializer(tensor("w", OnnxBytes.UINT8, 1).integers(5, -1))));
  }

  @Test
  void manyValuesAsVarintsAreRefused() {
    refused(
        Refusal.Unsupported.class,
        model(
            message()
                .initializer(
                    tensor("w", OnnxBytes.INT64, (1 << 17) + 1)
                        .bytes(7, new byte[(1 << 17) + 1]))));
  }

  @Test
  void sparseInitializersAreRefused() {
    refused(Refusal.Unsupported.class, model(message().message(15, message())));
  }

  @Test
  void namesThatCannotBePrintedAreRefused() {
    refused(Refusal.Malformed.class, model(message().initializer(weight("w\u001b[2J"))));
    refused(Refusal.Malformed.class, model(message().initializer(weight(""))));
    refused(
        Refusal.Malformed.class,
        model(message().initializer(message().bytes(8, new byte[] {(byte) 0xc3, 0x28}))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret",
        "data/../../secret",
        "/etc/passwd",
        "..",
        "",
        "..\\secret",
        "\\secret",
        "C:\\secret",
        "a\u0000b",
        "link/secret",
        "secret-link"
      })
  void aLocationOutsideTheFolderIsRefused(String location) throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Files.write(outside.resolve("secret"), new byte[4]);
    Files.createSymbolicLink(inside.resolve("link"), outside);
    Files.createSymbolicLink(inside.resolve("secret-link"), outside.resolve("secret"));
    OnnxBytes graph =
        message()
            .initializer(tensor("w", OnnxBytes.FLOAT, 1).external(entry("location", location)));

    assertThat(refused(Refusal.UnsafePath.class, ModelFile.ofGraph(inside, graph), Limits.DEFAULT))
        .isNotNull();
  }

  @Test
  void aMissingExternalFileIsRefused() throws IOException {
    Files.createDirectory(folder.resolve("directory"));
    refused(Refusal.MissingPart.class, external(entry("location", "weights.bin")));
    refused(Refusal.MissingPart.class, external(entry("location", "directory")));
  }

  @Test
  void anExternalFileThatIsTooShortIsRefused() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[10]);

    Refusal.Truncated refusal =
        refused(
            Refusal.Truncated.class,
            external(entry("location", "weights.bin"), entry("offset", "8")));

    assertThat(refusal.needed()).isEqualTo(4);
    assertThat(refusal.available()).isEqualTo(2);
    refused(
        Refusal.Truncated.class,
        external(entry("location", "weights.bin"), entry("offset", Long.toString(Long.MAX_VALUE))));
  }

  @Test
  void anExternalLengthThatDisagreesIsRefused() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[10]);

    Refusal.Inconsistent refusal =
        refused(
            Refusal.Inconsistent.class,
            external(entry("location", "weights.bin"), entry("length", "5")));

    assertThat(refusal.found()).isEqualTo(5);
    assertThat(refusal.expected()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "", "0x10", "1e3", "9223372036854775808", "٣"})
  void anExternalOffsetThatIsNoNumberIsRefused(String offset) {
    refused(
        Refusal.Malformed.class,
        external(entry("location", "weights.bin"), entry("offset", offset)));
  }

  @Test
  void externalDataThatSaysTooLittleOrTooMuchIsRefused() {
    refused(Refusal.Malformed.class, external(entry("offset", "0")));
    refused(Refusal.Duplicate.class, external(entry("location", "a"), entry("location", "b")));
    refused(
        Refusal.Malformed.class,
        model(message().initializer(weight("w").external(entry("location", "a")))));
  }

  @Test
  void externalValuesThatShareSomeBytesAreRefused() throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[10]);
    OnnxBytes graph = message();
    for (int offset : new int[] {4, 0, 2}) {
      graph.initializer(
          tensor("w" + offset, OnnxBytes.FLOAT, 1)
              .external(entry("location", "weights.bin"), entry("offset", "" + offset)));
    }

    assertThat(refused(Refusal.Overlap.class, model(graph)).offset()).isEqualTo(2);
  }

  @Test
  void countsAboveTheLimitsAreRefused() throws IOException {
    OnnxBytes initializers = message();
    OnnxBytes nodes = message();
    OnnxBytes keys = model(message());
    for (int i = 0; i < 4; i++) {
      initializers.initializer(weight("w" + i));
      nodes.with(message());
      keys.message(14, entry("k" + i, ""));
    }

    for (OnnxBytes model : List.of(model(initializers), model(nodes), keys)) {
      Refusal.LimitExceeded refusal = refusedWhenTight(model);
      assertThat(refusal.found()).isEqualTo(4);
      assertThat(refusal.allowed()).isEqualTo(3);
    }
  }

  @Test
  void lengthsAboveTheLimitsAreRefused() throws IOException {
    assertThat(refusedWhenTight(model(message().initializer(weight("w".repeat(21))))).found())
        .isEqualTo(21);
    assertThat(refusedWhenTight(model(message()).message(14, entry("k", "v".repeat(31)))).found())
        .isEqualTo(31);
  }

  @Test
  void aLargeDescriptionIsRefusedButNotALargePayload() throws IOException {
    OnnxBytes payload = message().initializer(tensor("w", 2, 500).bytes(9, new byte[500]));
    OnnxReader.read(ModelFile.ofGraph(folder, payload).path(), TIGHT).close();

    OnnxBytes graph = message();
    for (int i = 0; i < 101; i++) {
      graph.integer(90, 1);
    }

    assertThat(refusedWhenTight(model(graph)).allowed()).isEqualTo(200);
  }

  private Refusal.LimitExceeded refusedWhenTight(OnnxBytes model) throws IOException {
    return refused(Refusal.LimitExceeded.class, ModelFile.of(folder, model.toByteArray()), TIGHT);
  }

  private OnnxBytes external(OnnxBytes... entries) {
    return model(message().initializer(tensor("w", OnnxBytes.FLOAT, 1).external(entries)));
  }

  private static OnnxBytes weight(String name) {
    return floats(name, List.of(1L), 1f);
  }

  private static int[] repeat(int value, int times) {
    int[] values = new int[times];
    Arrays.fill(values, value);
    return values;
  }

  private <R extends Refusal> R refused(Class<R> kind, OnnxBytes model) {
    try {
      return refused(kind, ModelFile.of(folder, model.toByteArray()), Limits.DEFAULT);
    } catch (IOException unwritable) {
      throw new UncheckedIOException(unwritable);
    }
  }

  private static <R extends Refusal> R refused(Class<R> kind, ModelFile model, Limits limits) {
    R refusal = catchThrowableOfType(kind, () -> OnnxReader.read(model.path(), limits).close());
    assertThat(refusal).isNotNull();
    return refusal;
  }
}
