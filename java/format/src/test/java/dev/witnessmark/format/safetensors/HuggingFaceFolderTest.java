package dev.witnessmark.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.GgufBuilder;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceFolderTest {

  private static final String INDEX = "model.safetensors.index.json";
  private static final String FIRST = "model-00001-of-00002.safetensors";
  private static final String SECOND = "model-00002-of-00002.safetensors";

  @TempDir Path folder;

  @BeforeEach
  void writeModelOfTwoShards() throws IOException {
    text("config.json", "{\"model_type\":\"test\",\"rope\":{\"theta\":1e4},\"n\":2}");
    shard(FIRST, "b", "a");
    shard(SECOND, "c");
    index("a", FIRST, "b", FIRST, "c", SECOND);
  }

  @Test
  void shardsAndConfigAreOneCheckpoint() throws IOException {
    try (Checkpoint checkpoint = open(folder)) {
      assertThat(checkpoint.format()).isEqualTo(FileFormat.SAFETENSORS);
      assertThat(checkpoint.path()).isEqualTo(folder);
      assertThat(checkpoint.files()).hasSize(2);
      assertThat(checkpoint.tensors()).extracting(TensorView::name).containsExactly("b", "a", "c");
      assertThat(checkpoint.metadata().text("config.model_type")).hasValue("test");
      assertThat(checkpoint.metadata().whole("config.n")).hasValue(2);
      assertThat(checkpoint.metadata().text("format")).hasValue("pt");
      assertThat(checkpoint.notes()).isEmpty();
    }
  }

  @Test
  void aSingleFileNeedsNoIndex() throws IOException {
    Files.delete(folder.resolve(INDEX));
    Files.delete(folder.resolve(SECOND));
    Files.move(folder.resolve(FIRST), folder.resolve("anything.safetensors"));

    try (Checkpoint checkpoint = open(folder)) {
      assertThat(checkpoint.tensors()).hasSize(2);
      assertThat(checkpoint.metadata().text("config.model_type")).hasValue("test");
    }
  }

  @Test
  void aShardThatIsAPointerSaysSo() throws IOException {
    text(SECOND, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");

    Refusal refusal = refusalOf(folder);
    assertThat(refusal).isExactlyInstanceOf(Refusal.UnknownFormat.class);
    assertThat(refusal.detail()).contains("git lfs pull");
  }

  @Test
  void aShardThatIsGgufIsRefused() throws IOException {
    Files.write(folder.resolve(SECOND), new GgufBuilder().build());

    assertThat(refusalOf(folder)).isExactlyInstanceOf(Refusal.UnknownFormat.class);
  }

  @Test
  void aFolderOfPointersSaysSo() throws IOException {
    Files.delete(folder.resolve(INDEX));
    Files.delete(folder.resolve(SECOND));
    text(FIRST, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");

    assertThat(refusalOf(folder).detail()).contains("git lfs pull");
  }

  @Test
  void filesThatDotsHideAreNoModels() throws IOException {
    text("._" + INDEX, "not JSON");

    try (Checkpoint checkpoint = open(folder)) {
      assertThat(checkpoint.tensors()).hasSize(3);
    }
  }

  @Test
  void aMissingConfigIsNoted() throws IOException {
    Files.delete(folder.resolve("config.json"));

    try (Checkpoint checkpoint = open(folder)) {
      assertThat(checkpoint.tensors()).hasSize(3);
      assertThat(checkpoint.notes()).singleElement().asString().contains("config.json");
    }
  }

  @Test
  void shardsWithoutTheirIndexAreRefused() throws IOException {
    Files.delete(folder.resolve(INDEX));

    assertRefused(Refusal.MissingPart.class, INDEX);
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    Files.delete(folder.resolve(SECOND));

    assertRefused(Refusal.MissingPart.class, SECOND);
  }

  @Test
  void aListedTensorThatIsNotThereIsNamed() throws IOException {
    index("a", FIRST, "b", FIRST, "c", SECOND, "d", SECOND);

    assertRefused(Refusal.MissingPart.class, "d");
  }

  @Test
  void aTensorThatIsNotListedIsNamed() throws IOException {
    index("a", FIRST, "c", SECOND);

    assertRefused(Refusal.Malformed.class, "b");
  }

  @Test
  void aTensorInAnotherShardThanListedIsNamed() throws IOException {
    index("a", FIRST, "b", SECOND, "c", SECOND);

    assertRefused(Refusal.Malformed.class, "b");
  }

  @Test
  void aTensorInTwoShardsIsNamed() throws IOException {
    shard(SECOND, "c", "a");

    assertRefused(Refusal.Duplicate.class, "a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model.safetensors",
        "/etc/passwd",
        "sub/model.safetensors",
        "..\\\\model.safetensors",
        "C:model.safetensors",
        "..",
        ".",
        "",
        "a\\u0000b",
        "a\\u000ab"
      })
  void aShardOutsideTheFolderIsRefused(String shard) throws IOException {
    index("a", shard);

    assertThat(refusalOf(folder)).isExactlyInstanceOf(Refusal.UnsafePath.class);
  }

  @Test
  void aShardLinkedFromOutsideIsRefused(@TempDir Path elsewhere) throws IOException {
    Path moved = Files.move(folder.resolve(SECOND), elsewhere.resolve("blob"));
    Files.createSymbolicLink(folder.resolve(SECOND), moved);

    assertRefused(Refusal.UnsafePath.class, SECOND);
  }

  @Test
  void aConfigLinkedFromOutsideIsRefused(@TempDir Path elsewhere) throws IOException {
    Path moved = Files.move(folder.resolve("config.json"), elsewhere.resolve("secret"));
    Files.createSymbolicLink(folder.resolve("config.json"), moved);

    assertRefused(Refusal.UnsafePath.class, "config.json");
  }

  @Test
  void aShardThatIsAFolderIsMissing() throws IOException {
    Files.delete(folder.resolve(SECOND));
    Files.createDirectory(folder.resolve(SECOND));

    assertRefused(Refusal.MissingPart.class, SECOND);
  }

  @Test
  void aSnapshotOfTheHubCacheMayLinkToItsBlobs(@TempDir Path cache) throws IOException {
    Path snapshot = Files.createDirectories(cache.resolve("models--x--y/snapshots/0123"));
    Path blobs = Files.createDirectories(cache.resolve("models--x--y/blobs"));
    for (String name : new String[] {INDEX, FIRST, SECOND, "config.json"}) {
      Files.move(folder.resolve(name), blobs.resolve("blob-" + name));
      Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs/blob-" + name));
    }

    try (Checkpoint checkpoint = open(snapshot)) {
      assertThat(checkpoint.tensors()).hasSize(3);
    }
  }

  @Test
  void anIndexWithoutAMapIsRefused() throws IOException {
    text(INDEX, "{\"metadata\":{}}");

    assertRefused(Refusal.Malformed.class, "weight_map");
  }

  @Test
  void anIndexThatNamesATensorTwiceIsRefused() throws IOException {
    index("a", FIRST, "a", SECOND);

    assertThat(refusalOf(folder)).isExactlyInstanceOf(Refusal.Duplicate.class);
  }

  @Test
  void tensorsAboveTheLimitInAllShardsAreRefused() {
    Limits two = new Limits(1 << 20, 1 << 20, 2, 100, 100, 100, 100, 4, 8, 10);

    Refusal.LimitExceeded refusal =
        (Refusal.LimitExceeded)
            catchThrowableOfType(Refusal.class, () -> CheckpointReader.open(folder, two));

    assertThat(refusal.found()).isEqualTo(3);
    assertThat(refusal.allowed()).isEqualTo(2);
  }

  private void assertRefused(Class<? extends Refusal> kind, String subject) {
    Refusal refusal = refusalOf(folder);
    assertThat(refusal).isExactlyInstanceOf(kind);
    assertThat(refusal.subject()).isEqualTo(subject);
  }

  private static Checkpoint open(Path path) throws IOException {
    return CheckpointReader.open(path, Limits.DEFAULT);
  }

  private static Refusal refusalOf(Path path) {
    return catchThrowableOfType(Refusal.class, () -> open(path));
  }

  private void shard(String name, String... tensors) throws IOException {
    SafetensorsBuilder shard = new SafetensorsBuilder().metadata("format", "pt");
    for (String tensor : tensors) {
      shard.tensor(tensor, "U8", new byte[4], 4);
    }
    Files.write(folder.resolve(name), shard.build());
  }

  /** Writes an index of tensors and shards, alternating. */
  private void index(String... pairs) throws IOException {
    StringBuilder map = new StringBuilder();
    for (int i = 0; i < pairs.length; i += 2) {
      map.append(i == 0 ? "" : ",").append("\"%s\":\"%s\"".formatted(pairs[i], pairs[i + 1]));
    }
    text(INDEX, "{\"metadata\":{\"total_size\":12},\"weight_map\":{" + map + "}}");
  }

  private void text(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }
}
