package dev.witnessmark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CaptureTest {

  private static final int POSITIONS = 5;

  @TempDir Path temporary;

  private static Hyperparameters model() {
    return SmallModel.model();
  }

  /** The tensor of all {@code positions} as it should be on disk. */
  private static float[] tensor(StageKey key, int positions) {
    List<Integer> shape = key.stage().shape(model(), positions);
    float[] values = new float[shape.stream().reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      boolean later = shape.size() == 3 && i % positions > i / positions % positions;
      values[i] = later ? 0 : element(key, positions, shape, i);
    }
    return values;
  }

  /** Independent of the number of positions, so that fewer are a part of more. */
  private static float element(StageKey key, int positions, List<Integer> shape, int i) {
    return switch (shape.size()) {
      case 3 ->
          SmallModel.value(
                  key, 100L * (i / positions / positions) + 10L * (i / positions % positions))
              + i % positions;
      case 2 -> SmallModel.value(key, i);
      default -> SmallModel.value(key, 1000L * positions + i);
    };
  }

  /** What a call hands over: the rows of its positions. */
  private static MemorySegment call(StageKey key, int first, int count, TensorType type) {
    float[] all = tensor(key, first + count);
    List<Float> part = new ArrayList<>();
    int visible = first + count;
    for (int i = 0; i < all.length; i++) {
      boolean mine =
          switch (key.stage().shape(model(), visible).size()) {
            case 3 -> i / visible % visible >= first;
            case 2 -> i / key.stage().rowElements(model()) >= first;
            default -> true;
          };
      if (mine) {
        part.add(all[i]);
      }
    }
    if (type == TensorType.F64) {
      return Arena.ofAuto()
          .allocateFrom(
              ValueLayout.JAVA_DOUBLE,
              part.stream().mapToDouble(Float::doubleValue).map(CaptureTest::finer).toArray());
    }
    float[] floats = new float[part.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = part.get(i);
    }
    return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, floats);
  }

  /** A float64 that rounds to {@code value}. */
  private static double finer(double value) {
    return value * (1 + 1e-12);
  }

  private static Capture unverified(Path folder) throws IOException {
    return Capture.open(
        folder, new CaptureOptions(false, NameMap.none(), Optional.empty()), Limits.DEFAULT);
  }

  private static CaptureWriter begin(Path folder, TensorType type, int positions) throws Exception {
    return CaptureWriter.create(folder, SmallModel.everything(), model(), positions, type);
  }

  private static Manifest write(Path folder, TensorType type, int most, int... calls)
      throws Exception {
    try (CaptureWriter writer = begin(folder, type, most)) {
      int first = 0;
      for (int count : calls) {
        for (StageKey key : SmallModel.everything().keys()) {
          writer.write(key.stage(), key.layer(), first, count, call(key, first, count, type));
        }
        first += count;
      }
      return writer.commit(SmallModel.provenance(first));
    }
  }

  private static Map<String, byte[]> contents(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }

  private static double[] values(TensorView view) throws IOException {
    MemorySegment bytes = Arena.ofAuto().allocate(view.bytes(), 8);
    view.read(0, bytes);
    double[] values = new double[Math.toIntExact(view.shape().elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          view.type() == TensorType.F64
              ? bytes.getAtIndex(ValueLayout.JAVA_DOUBLE, i)
              : bytes.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void whatIsWrittenIsRead(TensorType type) throws Exception {
    Path folder = temporary.resolve("capture");
    Manifest manifest = write(folder, type, POSITIONS, 3, 1, 1);

    try (Capture capture = Capture.open(folder, CaptureOptions.DEFAULT, Limits.DEFAULT)) {
      assertThat(capture.manifest()).contains(manifest);
      assertThat(capture.stages().keySet()).isEqualTo(SmallModel.everything().keys());
      for (Map.Entry<StageKey, TensorView> stage : capture.stages().entrySet()) {
        float[] expected = tensor(stage.getKey(), POSITIONS);
        double[] found = values(stage.getValue());
        assertThat(stage.getValue().type()).isEqualTo(type);
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
          assertThat(found[i])
              .as("%s %d", stage.getKey(), i)
              .isEqualTo(type == TensorType.F64 ? finer(expected[i]) : expected[i]);
        }
      }
    }
  }

  @Test
  void anExactCaptureHasItsRoundingBeside() throws Exception {
    Path exact = temporary.resolve("exact");
    Path rounded = temporary.resolve("rounded");
    write(exact, TensorType.F64, POSITIONS, POSITIONS);
    write(rounded, TensorType.F32, POSITIONS, POSITIONS);

    Map<String, byte[]> left = contents(exact);
    Map<String, byte[]> right = contents(rounded);
    assertThat(left.remove("exact.safetensors")).isNotNull();
    left.remove("manifest.json");
    right.remove("manifest.json");
    assertThat(left.keySet()).isEqualTo(right.keySet());
    left.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(right.get(name)));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void howThePositionsWereDividedDoesNotMatter(TensorType type) throws Exception {
    write(temporary.resolve("one"), type, POSITIONS, POSITIONS);
    write(temporary.resolve("many"), type, POSITIONS, 2, 1, 2);
    write(temporary.resolve("fewer"), type, POSITIONS + 3, 1, 4);

    Map<String, byte[]> one = contents(temporary.resolve("one"));
    for (String name : List.of("many", "fewer")) {
      Map<String, byte[]> other = contents(temporary.resolve(name));
      assertThat(other.keySet()).isEqualTo(one.keySet());
      other.forEach((file, bytes) -> assertThat(bytes).as(file).isEqualTo(one.get(file)));
    }
  }

  @Test
  void nothingIsThereBeforeTheCommitAndNothingStaysWithoutOne() throws Exception {
    Path folder = temporary.resolve("a").resolve("b");
    try (CaptureWriter writer = begin(folder, TensorType.F32, POSITIONS)) {
      StageKey key = new StageKey(Stage.ATTN_NORM, 0);
      writer.write(key.stage(), 0, 0, POSITIONS, call(key, 0, POSITIONS, TensorType.F32));
      assertThat(Capture.begins(folder)).isFalse();
    }
    assertThat(folder).doesNotExist();
  }

  @Test
  void aStageThatLacksPositionsIsNoCapture() throws Exception {
    Path folder = temporary.resolve("capture");
    try (CaptureWriter writer = begin(folder, TensorType.F32, POSITIONS)) {
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> writer.commit(SmallModel.provenance(POSITIONS)));
    }
    assertThat(folder).doesNotExist();
  }

  @Test
  void onlyTheNextCallOfTheRightSizeIsTaken() throws Exception {
    Path folder = temporary.resolve("capture");
    StageKey key = new StageKey(Stage.FFN_NORM, 2);
    MemorySegment two = call(key, 0, 2, TensorType.F32);
    try (CaptureWriter writer = begin(folder, TensorType.F32, POSITIONS)) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> writer.write(Stage.FFN_NORM, 2, 1, 2, two));
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> writer.write(Stage.FFN_NORM, 2, 0, 3, two));
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> writer.write(Stage.QKV_BIAS, 2, 0, 2, two));
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> writer.write(Stage.FFN_NORM, 2, 0, POSITIONS + 1, two));
      writer.write(Stage.FFN_NORM, 2, 0, 2, two);
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> writer.write(Stage.FFN_NORM, 2, 0, 2, two));
    }
  }

  @Test
  void anEarlierCaptureIsReplacedAndNothingElse() throws Exception {
    Path folder = temporary.resolve("capture");
    write(folder, TensorType.F64, POSITIONS, POSITIONS);
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(folder.resolve("layer-1").resolve("mine.bin"), "mine");

    TracePlan plan = TraceRequest.parse("ffn_norm", "2..3").of(model());
    StageKey key = new StageKey(Stage.FFN_NORM, 2);
    try (CaptureWriter writer = CaptureWriter.create(folder, plan, model(), 2, TensorType.F32)) {
      writer.write(Stage.FFN_NORM, 2, 0, 2, call(key, 0, 2, TensorType.F32));
      assertThat(Capture.begins(folder)).isTrue();
      writer.commit(SmallModel.provenance(2));
    }

    assertThat(contents(folder).keySet())
        .containsExactly("layer-1/mine.bin", "layer-2/ffn_norm.bin", "manifest.json", "notes.txt");
    try (Capture capture = Capture.open(folder, CaptureOptions.DEFAULT, Limits.DEFAULT)) {
      assertThat(capture.stages().keySet()).containsExactly(key);
    }
  }

  @Test
  void aRunThatStopsLeavesTheEarlierCaptureAsItWas() throws Exception {
    Path folder = temporary.resolve("capture");
    write(folder, TensorType.F32, POSITIONS, POSITIONS);
    Map<String, byte[]> before = contents(folder);
    begin(folder, TensorType.F32, POSITIONS).close();
    Map<String, byte[]> after = contents(folder);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    after.forEach((file, bytes) -> assertThat(bytes).as(file).isEqualTo(before.get(file)));
  }

  @Test
  void aFolderThatHoldsAnythingElseIsRefused() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("full"));
    Files.writeString(folder.resolve("thesis.tex"), "mine");
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> begin(folder, TensorType.F32, POSITIONS))
        .withMessageContaining("thesis.tex");
    assertThat(contents(folder).keySet()).containsExactly("thesis.tex");

    Files.writeString(folder.resolve("manifest.json"), "{\"schema\":\"another\"}");
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> begin(folder, TensorType.F32, POSITIONS));
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> begin(folder.resolve("thesis.tex"), TensorType.F32, POSITIONS));
    assertThat(contents(folder).keySet()).containsExactly("manifest.json", "thesis.tex");
  }

  @Test
  void aFileOfTheUserInThePlaceOfAStageIsRefused() throws Exception {
    Path folder = temporary.resolve("capture");
    TracePlan plan = TraceRequest.parse("ffn_norm", "2..3").of(model());
    StageKey key = new StageKey(Stage.FFN_NORM, 2);
    try (CaptureWriter writer = CaptureWriter.create(folder, plan, model(), 2, TensorType.F32)) {
      writer.write(Stage.FFN_NORM, 2, 0, 2, call(key, 0, 2, TensorType.F32));
      writer.commit(SmallModel.provenance(2));
    }
    Files.writeString(folder.resolve("lm_head.bin"), "mine");
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> begin(folder, TensorType.F32, POSITIONS))
        .withMessageContaining("lm_head.bin");
    assertThat(Files.readString(folder.resolve("lm_head.bin"))).isEqualTo("mine");
  }

  @Test
  void aFolderOfALayerThatIsALinkIsRefused() throws Exception {
    Path folder = temporary.resolve("capture");
    write(folder, TensorType.F32, POSITIONS, POSITIONS);
    Path elsewhere = temporary.resolve("elsewhere");
    Files.move(folder.resolve("layer-1"), elsewhere);
    Files.createSymbolicLink(folder.resolve("layer-1"), elsewhere);

    assertThatExceptionOfType(Refusal.UnsafePath.class).isThrownBy(() -> unverified(folder));
    TracePlan plan = TraceRequest.parse("ffn_norm", "2..3").of(model());
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> CaptureWriter.create(folder, plan, model(), 2, TensorType.F32));
    assertThat(elsewhere).isNotEmptyDirectory();
  }

  @Test
  void anotherManifestIsNoCapture() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("model"));
    Files.writeString(folder.resolve("manifest.json"), "{\"files\": []}");
    assertThat(Capture.begins(folder)).isFalse();
    assertThat(Capture.begins(folder.resolve("manifest.json"))).isFalse();
    assertThat(Capture.begins(temporary.resolve("missing"))).isFalse();
    Files.writeString(folder.resolve("manifest.json"), "{\"schema\": \"wmark-capture-v9\"}");
    assertThat(Capture.begins(folder)).isTrue();
  }

  @Test
  void whatAKilledRunLeavesIsNotInTheWay() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("capture"));
    Files.createDirectory(folder.resolve(".wmark-1.part"));
    write(folder, TensorType.F32, POSITIONS, POSITIONS);
    assertThat(Capture.begins(folder)).isTrue();
  }

  @Test
  void aMissingShortOrChangedFileIsRefused() throws Exception {
    Path folder = temporary.resolve("capture");
    write(folder, TensorType.F64, POSITIONS, POSITIONS);
    Path file = folder.resolve("layer-2").resolve("ffn_up.bin");
    byte[] right = Files.readAllBytes(file);

    Files.write(file, Arrays.copyOf(right, right.length - 4));
    assertThatExceptionOfType(Refusal.Truncated.class).isThrownBy(() -> unverified(folder));

    byte[] otherLayer = right.clone();
    otherLayer[4] = 1;
    Files.write(file, otherLayer);
    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> unverified(folder))
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(1);
          assertThat(refusal.expected()).isEqualTo(2);
        });

    byte[] changed = right.clone();
    changed[20] ^= 1;
    Files.write(file, changed);
    unverified(folder).close();
    assertThatExceptionOfType(Refusal.Malformed.class)
        .isThrownBy(() -> Capture.open(folder, CaptureOptions.DEFAULT, Limits.DEFAULT))
        .satisfies(refusal -> assertThat(refusal.subject()).isEqualTo("layer-2/ffn_up"));

    Files.delete(file);
    assertThatExceptionOfType(Refusal.MissingPart.class).isThrownBy(() -> unverified(folder));

    Files.write(file, right);
    Files.delete(folder.resolve("exact.safetensors"));
    assertThatExceptionOfType(Refusal.MissingPart.class).isThrownBy(() -> unverified(folder));
  }

  @Test
  void attentionThatIsTooLargeIsRefusedBeforeAnyWork() throws Exception {
    TracePlan plan = TraceRequest.parse("attn_scores", "0..1").of(model());
    Path folder = temporary.resolve("capture");
    assertThatExceptionOfType(CouldNotCompare.class)
        .isThrownBy(() -> CaptureWriter.create(folder, plan, model(), 46_341, TensorType.F32))
        .withMessageContaining("46341")
        .withMessageContaining("4294967295");
    assertThat(folder).doesNotExist();
  }
}
