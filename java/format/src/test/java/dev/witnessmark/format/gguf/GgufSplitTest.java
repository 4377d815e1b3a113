package dev.witnessmark.format.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.GgufBuilder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufSplitTest {

  @TempDir Path folder;

  @BeforeEach
  void writeModelOfThreeParts() throws IOException {
    write(1, part(0, 3, 3).text("general.architecture", "test"), "a");
    write(2, part(1, 3, 3), "b");
    write(3, part(2, 3, 3).text("only.here", "kept"), "c");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyPartOpensAll(int number) throws IOException {
    try (Checkpoint checkpoint = open(file(number))) {
      assertThat(checkpoint.path()).isEqualTo(file(1));
      assertThat(checkpoint.files()).hasSize(3);
      assertThat(checkpoint.tensors()).extracting(TensorView::name).containsExactly("a", "b", "c");
      assertThat(checkpoint.metadata().text("general.architecture")).hasValue("test");
      assertThat(checkpoint.metadata().text("only.here")).hasValue("kept");
      assertThat(checkpoint.metadata().whole("split.no")).hasValue(0);
      for (TensorView tensor : checkpoint.tensors()) {
        byte[] first = new byte[1];
        tensor.read(0, MemorySegment.ofArray(first));
        assertThat((char) first[0]).isEqualTo(tensor.name().charAt(0));
      }
    }
  }

  @Test
  void aFolderOfPartsOpensAll() throws IOException {
    try (Checkpoint checkpoint = open(folder)) {
      assertThat(checkpoint.tensors()).hasSize(3);
    }
  }

  @Test
  void aMissingPartIsNamed() throws IOException {
    Files.delete(file(2));

    Refusal refusal = refusalOf(file(3));

    assertThat(refusal).isExactlyInstanceOf(Refusal.MissingPart.class);
    assertThat(refusal.subject()).isEqualTo("m-00002-of-00003.gguf");
  }

  @Test
  void aRenamedPartIsMissingTheOthers() throws IOException {
    Path renamed = Files.move(file(1), folder.resolve("renamed.gguf"));

    assertThat(refusalOf(renamed)).isExactlyInstanceOf(Refusal.MissingPart.class);
  }

  @Test
  void aPartInAnotherPlaceIsRefused() throws IOException {
    write(2, part(2, 3, 3), "b");

    assertInconsistent("split.no", 2, 1);
  }

  @Test
  void anotherCountIsRefused() throws IOException {
    write(2, part(1, 4, 3), "b");

    assertInconsistent("split.count", 4, 3);
  }

  @Test
  void aFileWithoutSplitKeysIsNoPart() throws IOException {
    write(2, new GgufBuilder(), "b");

    assertInconsistent("split.count", 1, 3);
  }

  @Test
  void aNumberOfTensorsThatIsNotThereIsRefused() throws IOException {
    write(1, part(0, 3, 4), "a");
    write(2, part(1, 3, 4), "b");
    write(3, part(2, 3, 4), "c");

    assertInconsistent("split.tensors.count", 4, 3);
  }

  @Test
  void partsThatContradictAreRefused() throws IOException {
    write(2, part(1, 3, 3).text("general.architecture", "other"), "b");

    assertThat(refusalOf(file(1))).isExactlyInstanceOf(Refusal.Malformed.class);
  }

  @Test
  void partsOfTwoVersionsAreRefused() throws IOException {
    write(2, part(1, 3, 3).version(2), "b");

    assertInconsistent("version", 2, 3);
  }

  @Test
  void aTensorInTwoPartsIsRefused() throws IOException {
    write(3, part(2, 3, 3), "a");

    assertThat(refusalOf(file(1))).isExactlyInstanceOf(Refusal.Duplicate.class);
  }

  @Test
  void aPartLinkedFromElsewhereIsRefused(@TempDir Path elsewhere) throws IOException {
    Path moved = Files.move(file(2), elsewhere.resolve("part"));
    Files.createSymbolicLink(file(2), moved);

    assertThat(refusalOf(file(1))).isExactlyInstanceOf(Refusal.UnsafePath.class);
  }

  @Test
  void partsAboveTheLimitAreRefusedBeforeAnyIsOpened() {
    Refusal refusal = refusalOf(folder.resolve("m-00001-of-99999.gguf"), tight());

    assertThat(refusal).isExactlyInstanceOf(Refusal.LimitExceeded.class);
    assertThat(((Refusal.LimitExceeded) refusal).found()).isEqualTo(99_999);
  }

  private static Limits tight() {
    return new Limits(1 << 20, 1 << 20, 100, 100, 100, 100, 100, 4, 8, 10);
  }

  private void assertInconsistent(String subject, long found, long expected) {
    Refusal.Inconsistent refusal = (Refusal.Inconsistent) refusalOf(file(1));
    assertThat(refusal.subject()).isEqualTo(subject);
    assertThat(refusal.found()).isEqualTo(found);
    assertThat(refusal.expected()).isEqualTo(expected);
  }

  private static GgufBuilder part(int number, int count, int tensors) {
    return new GgufBuilder()
        .u32("split.no", number)
        .u32("split.count", count)
        .u32("split.tensors.count", tensors);
  }

  private void write(int number, GgufBuilder part, String tensor) throws IOException {
    byte[] data = new byte[32];
    data[0] = (byte) tensor.charAt(0);
    Files.write(file(number), part.tensor(tensor, TensorType.F32, data, 8).build());
  }

  private Path file(int number) {
    return folder.resolve("m-%05d-of-00003.gguf".formatted(number));
  }

  private static Checkpoint open(Path path) throws IOException {
    return CheckpointReader.open(path, Limits.DEFAULT);
  }

  private static Refusal refusalOf(Path path) {
    return refusalOf(path, Limits.DEFAULT);
  }

  private static Refusal refusalOf(Path path, Limits limits) {
    return catchThrowableOfType(Refusal.class, () -> GgufReader.read(path, limits));
  }
}
