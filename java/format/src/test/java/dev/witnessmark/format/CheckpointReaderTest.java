package dev.witnessmark.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a path holds is told by its content, and what is not read is explained. */
class CheckpointReaderTest {

  private static final byte[] GGUF = new GgufBuilder().text("a", "b").build();
  private static final byte[] SAFETENSORS =
      new SafetensorsBuilder().tensor("a", "U8", new byte[1], 1).build();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"model.gguf", "model.safetensors", "model.onnx", "model.bin", "model"})
  void aNameDoesNotDecide(String name) throws IOException {
    try (Checkpoint checkpoint = open(write(name, GGUF))) {
      assertThat(checkpoint.format()).isEqualTo(FileFormat.GGUF);
    }
    try (Checkpoint checkpoint = open(write(name, SAFETENSORS))) {
      assertThat(checkpoint.format()).isEqualTo(FileFormat.SAFETENSORS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "version https://git-lfs.github.com/spec/v1, git lfs pull",
    "'<!DOCTYPE html><html>', HTML",
    "'  <html>', HTML",
    "'{\"error\": \"not found\"}', JSON",
    "'{ }', JSON",
    "'[1]', JSON",
    "'\u0093NUMPY', NumPy",
    "'BGZ7\u0001', fingerprints",
    "'\u0089HDF\r\n', HDF5",
    "hello world, 68656c6c6f20776f"
  })
  void whatIsNoModelIsSaidToBeWhatItIs(String content, String said) throws IOException {
    for (String name : new String[] {"x.gguf", "x.safetensors", "x.onnx", "x"}) {
      Refusal refusal = refusalOf(write(name, content.getBytes(ISO_8859_1)));
      if (content.startsWith("hello") && name.equals("x.safetensors")) {
        assertThat(refusal).isExactlyInstanceOf(Refusal.LimitExceeded.class);
      } else {
        assertThat(refusal).isExactlyInstanceOf(Refusal.UnknownFormat.class);
        assertThat(refusal.detail()).contains(said);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0080\2}q\0.",
        "\u0080\5\u0095",
        "PK\3\4\u0014\0\0\0\b\0",
        "PK\5\6",
        "\u001f\u008b\b",
        "(\u00b5/\u00fd",
        "\u00fd7zXZ\0",
        "7z\u00bc\u00af'\u001c",
        "BZh9"
      })
  void codeAndArchivesAreRefused(String content) throws IOException {
    for (String name : new String[] {"x.bin", "x.pt", "x.gguf", "x.safetensors", "x"}) {
      assertThat(refusalOf(write(name, content.getBytes(ISO_8859_1))))
          .isExactlyInstanceOf(Refusal.UnsafeFormat.class);
    }
  }

  @Test
  void aTarIsRefused() throws IOException {
    byte[] tar = new byte[512];
    tar[0] = 'a';
    System.arraycopy("ustar".getBytes(ISO_8859_1), 0, tar, 257, 5);

    assertThat(refusalOf(write("x.tar", tar))).isExactlyInstanceOf(Refusal.UnsafeFormat.class);
  }

  @Test
  void ancientGgmlIsUnsupported() throws IOException {
    assertThat(refusalOf(write("x.bin", "tjgg\3\0\0\0".getBytes(ISO_8859_1))))
        .isExactlyInstanceOf(Refusal.Unsupported.class);
  }

  @Test
  void aSafetensorsHeaderLengthThatLooksLikeAPickleIsNone() throws IOException {
    String padded = "{" + SafetensorsBuilder.entry("a", "U8", "[0]", 0, 0) + "}";
    byte[] file =
        SafetensorsBuilder.file(padded + " ".repeat(0x280 - padded.length()), new byte[0]);
    assertThat(file).startsWith(0x80, 2);

    try (Checkpoint checkpoint = open(write("x", file))) {
      assertThat(checkpoint.format()).isEqualTo(FileFormat.SAFETENSORS);
    }
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    assertThat(refusalOf(write("x.gguf", new byte[0])))
        .isExactlyInstanceOf(Refusal.UnknownFormat.class);
  }

  @Test
  void aPathToNothingIsRefused() {
    assertThat(refusalOf(folder.resolve("nothing"))).isExactlyInstanceOf(Refusal.MissingPart.class);
  }

  /** What stands in the way is said, not that nothing is there. */
  @Test
  void linksThatLeadNowhereOrInACircleAreSaidToDoSo() throws IOException {
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("gone.gguf"));
    Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("second"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("first"));

    assertThat(refusalOf(dangling).detail()).contains("symbolic link", "gone.gguf");
    for (Path circle : new Path[] {first, second}) {
      assertThat(refusalOf(circle)).isExactlyInstanceOf(Refusal.MissingPart.class);
      assertThat(refusalOf(circle).detail()).contains("symbolic link", "circle");
    }
    assertThat(refusalOf(folder.resolve("nothing")).detail()).doesNotContain("link");
  }

  /** Java has replaced what is no UTF-8 in a command line before anyone can look. */
  @Test
  void aNameThatWasNoUtf8IsSaidToBeNone() {
    assertThat(refusalOf(folder.resolve("mod\uFFFDle.gguf")).detail()).contains("UTF-8");
  }

  @Test
  void anEmptyFolderHasNoModel() {
    assertThat(refusalOf(folder)).isExactlyInstanceOf(Refusal.MissingPart.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pytorch_model.bin", "x.pt", "x.pth", "x.ckpt"})
  void aFolderOfPicklesIsRefused(String name) throws IOException {
    write("config.json", "{}".getBytes(ISO_8859_1));
    write(name, new byte[9]);

    assertThat(refusalOf(folder)).isExactlyInstanceOf(Refusal.UnsafeFormat.class);
  }

  @Test
  void theOnlyGgufOfAFolderIsOpened() throws IOException {
    write("README.md", new byte[1]);
    write("some.gguf", GGUF);

    try (Checkpoint checkpoint = open(folder)) {
      assertThat(checkpoint.path()).isEqualTo(folder.resolve("some.gguf"));
    }
  }

  @Test
  void oneOfSeveralModelsMustBeNamed() throws IOException {
    write("a.gguf", GGUF);
    write("b.gguf", GGUF);

    Refusal refusal = refusalOf(folder);
    assertThat(refusal).isExactlyInstanceOf(Refusal.UnknownFormat.class);
    assertThat(refusal.detail()).contains("2 models (a.gguf, b.gguf)");
  }

  @Test
  void closingClosesEveryFile() throws IOException {
    Checkpoint checkpoint = open(write("a.safetensors", SAFETENSORS));
    checkpoint.close();

    assertThat(
            catchThrowableOfType(
                IOException.class,
                () -> checkpoint.tensors().getFirst().read(0, MemorySegment.ofArray(new byte[1]))))
        .isInstanceOf(ClosedChannelException.class);
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static Checkpoint open(Path path) throws IOException {
    return CheckpointReader.open(path, Limits.DEFAULT);
  }

  private static Refusal refusalOf(Path path) {
    return catchThrowableOfType(Refusal.class, () -> open(path));
  }
}
