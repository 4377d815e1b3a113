package dev.witnessmark.fingerprint.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.witnessmark.compare.DiffDevice;
import dev.witnessmark.compare.match.Operand;
import dev.witnessmark.compare.matrix.KernelChoice;
import dev.witnessmark.compare.testing.LateDevice;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.fingerprint.GoldenData;
import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.Dequantise;
import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.Journal;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexRunTest {

  private static final CheckpointFingerprints.Options WHOLE =
      CheckpointFingerprints.Options.DEFAULT;
  private static final KernelChoice KERNELS = new KernelChoice(true, "asked for");

  @TempDir Path folder;

  private Path target() {
    return folder.resolve("out.bgz7");
  }

  private static IndexOptions options(
      int threads, @Nullable Path journal, @Nullable DiffDevice<?> device) {
    return new IndexOptions(threads, 1 << 30, journal, device, List.of("index"), "test");
  }

  private static CheckpointFingerprints golden(String file, CheckpointFingerprints.Options options)
      throws IOException {
    return CheckpointFingerprints.open(
        Operand.open(GoldenData.path(file).toString(), Limits.DEFAULT), options, KERNELS);
  }

  private static IndexResult write(
      Path target, Operand operand, CheckpointFingerprints.Options options, IndexOptions how)
      throws IOException {
    try (CheckpointFingerprints model = CheckpointFingerprints.open(operand, options, KERNELS)) {
      return IndexRun.write(List.of(new IndexRun.Job(target, List.of(model))), how, Progress.NONE);
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "16, 1", "16, 2"})
  void theGoldenIndexIsWrittenByteForByte(int stride, int threads) throws IOException {
    IndexResult result;
    try (CheckpointFingerprints model =
        golden("models/base.safetensors", new CheckpointFingerprints.Options(stride, false))) {
      result =
          IndexRun.write(
              List.of(new IndexRun.Job(target(), List.of(model))),
              options(threads, null, null),
              Progress.NONE);
    }
    String golden = stride == 1 ? "bgz7/base.bgz7" : "bgz7/base.stride16.bgz7";
    assertThat(target()).hasBinaryContent(GoldenData.bytes(golden));
    assertThat(files()).containsExactly("out.bgz7");
    assertThat(result.outputs().getFirst().bytes()).isEqualTo(52_203);
  }

  @Test
  void statisticsAreThoseOfTheGoldenIndex() throws IOException {
    IndexResult.Output output;
    try (CheckpointFingerprints model = golden("models/base.safetensors", WHOLE)) {
      output =
          IndexRun.write(
                  List.of(new IndexRun.Job(target(), List.of(model))),
                  options(2, null, null),
                  Progress.NONE)
              .outputs()
              .getFirst();
    }
    IndexResult.Model model = output.models().getFirst();
    assertThat(model.tensors()).isEqualTo(40);
    assertThat(model.indexed()).isEqualTo(30);
    assertThat(model.skipped()).isEqualTo(10);
    assertThat(output.total()).isEqualTo(new LayerStatistics(30, 477_888, 51_170));
    assertThat(output.total().reduction()).isEqualTo(9.339222200508111);
    assertThat(output.byType())
        .contains(
            entry(LayerType.ATTENTION, new LayerStatistics(16, 163_840, 21_760)),
            entry(LayerType.FEED_FORWARD, new LayerStatistics(13, 303_808, 28_050)),
            entry(LayerType.EMBEDDING, new LayerStatistics(1, 10_240, 1360)),
            entry(LayerType.CONV_2D, LayerStatistics.NONE));
  }

  /** Shape list [96, 24] of a GGUF file: 24 rows of 96, not 96 of 24. */
  @Test
  void dimensionsOfGgufAreReversedD4() throws IOException {
    write(
        target(),
        Operand.open(GoldenData.path("gguf/orientation.gguf").toString(), Limits.DEFAULT),
        WHOLE,
        options(1, null, null));
    assertThat(target()).hasBinaryContent(GoldenData.bytes("gguf/orientation.correct.bgz7"));
  }

  private static TestModel llama(boolean gguf) {
    float[] q = Numbers.normal(64 * 48, 1);
    float[] bias = Numbers.normal(2048, 2);
    TestModel model = gguf ? TestModel.gguf("llama") : TestModel.huggingFace();
    if (gguf) {
      model.whole("llama.attention.head_count", 4).whole("llama.attention.head_count_kv", 4);
      model.whole("llama.block_count", 1).whole("llama.embedding_length", 48);
    }
    model.tensor(
        gguf ? "blk.0.attn_q.weight" : "model.layers.0.self_attn.q_proj.weight",
        gguf ? Numbers.interleaved(q, 4, 48) : q,
        64,
        48);
    return model.tensor(
        gguf ? "blk.0.attn_q.bias" : "model.layers.0.self_attn.q_proj.bias",
        gguf ? Numbers.interleaved(bias, 4, 1) : bias,
        2048);
  }

  @Test
  void rowsOfLlamaInGgufAreInTheOrderOfSafetensors() throws IOException {
    Path gguf = folder.resolve("gguf.bgz7");
    Path safetensors = folder.resolve("hf.bgz7");
    write(gguf, llama(true).operand("gguf"), WHOLE, options(2, null, null));
    write(safetensors, llama(false).operand("hf"), WHOLE, options(2, null, null));
    byte[] a = Files.readAllBytes(gguf);
    byte[] b = Files.readAllBytes(safetensors);
    int fingerprintsAt = 8 + 13 + "blk.0.attn_q.weight".length();
    int theirs = 8 + 13 + "model.layers.0.self_attn.q_proj.weight".length();
    assertThat(Arrays.copyOfRange(a, fingerprintsAt, fingerprintsAt + 64 * 34))
        .isEqualTo(Arrays.copyOfRange(b, theirs, theirs + 64 * 34));
    // The bias is one row: it differs only where its elements are in another order.
    assertThat(Arrays.copyOfRange(a, a.length - 34, a.length))
        .isEqualTo(Arrays.copyOfRange(b, b.length - 34, b.length));
  }

  /** Tensors in which pieces begin and end at every place, one row longer than any piece. */
  private static TestModel large() {
    TestModel model = TestModel.huggingFace();
    model.tensor("a.q_proj.weight", Numbers.normal(300_000, 3), 1, 300_000);
    model.tensor("b.experts.up_proj", Numbers.normal(3 * 70 * 1001, 4), 3, 70, 1001);
    model.tensor("c.k_proj.weight", Numbers.normal(20_000 * 7, 5), 20_000, 7);
    model.tensor("d.q_proj.bias", Numbers.normal(1500, 6), 1500);
    model.tensor("e.norm.weight", Numbers.normal(1500, 7), 1500);
    return model;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void threadsAndKernelsDoNotShow(int threads) throws IOException {
    Path one = folder.resolve("one.bgz7");
    for (KernelChoice kernels : List.of(new KernelChoice(false, "asked for"), KERNELS)) {
      try (CheckpointFingerprints model =
          CheckpointFingerprints.open(large().operand("m"), WHOLE)) {
        IndexRun.write(
            List.of(new IndexRun.Job(kernels.vector() ? target() : one, List.of(model))),
            RowProjection.onHost(kernels),
            options(kernels.vector() ? threads : 1, null, null),
            Progress.NONE);
      }
    }
    assertThat(target()).hasSameBinaryContentAs(one);
  }

  /** Nine equal rows: where rows are taken eight at a time, the ninth is computed another way. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRowDoesNotDependOnItsPlaceD6AndHalvesGoAwayFromZeroD7(boolean vector) throws IOException {
    float[] values = new float[9 * 170];
    Arrays.fill(values, 0x1p-9f);
    for (int row = 0; row < 9; row++) {
      values[row * 170 + 17 + 5] = Float.NaN; // dimension 2
    }
    TestModel model = TestModel.huggingFace().tensor("q_proj.weight", values, 9, 170);
    try (CheckpointFingerprints fingerprints =
        CheckpointFingerprints.open(
            model.operand("m"), WHOLE, new KernelChoice(vector, "asked for"))) {
      short[] rows = new short[9 * 17];
      fingerprints.tensors().getFirst().read(0, 9, rows);
      for (int i = 0; i < rows.length; i++) {
        assertThat(rows[i]).isEqualTo((short) (i % 17 == 2 ? 0 : 1));
      }
    }
  }

  @Test
  void aDeviceGivesTheSameBytes() throws IOException {
    Path one = folder.resolve("one.bgz7");
    for (String file : List.of("models/base.safetensors", "gguf/types.gguf")) {
      String path = GoldenData.path(file).toString();
      CheckpointFingerprints.Options strided = new CheckpointFingerprints.Options(4, false);
      write(one, Operand.open(path, Limits.DEFAULT), strided, options(1, null, null));
      LateDevice late = new LateDevice();
      IndexResult result =
          write(
              target(),
              Operand.open(path, Limits.DEFAULT),
              strided,
              options(2, null, new DiffDevice<>("late", late)));
      assertThat(target()).hasSameBinaryContentAs(one);
      assertThat(result.run().device()).isEqualTo("late");
      assertThat(late.operations()).hasAtLeastOneElementOfType(Base17.class);
      if (file.endsWith("gguf")) {
        assertThat(late.operations()).hasAtLeastOneElementOfType(Dequantise.class);
      }
    }
  }

  @Test
  void whatADeviceCannotTakeIsDoneOnTheHost() throws IOException {
    Path one = folder.resolve("one.bgz7");
    write(one, large().operand("m"), WHOLE, options(1, null, null));
    List<CheckpointTensor> tensors;
    try (CheckpointFingerprints model =
        CheckpointFingerprints.open(large().operand("m"), WHOLE, KERNELS)) {
      tensors = model.tensors();
      DeviceProjection<?> small = new DeviceProjection<>(new LateDevice(), KERNELS, 1 << 16);
      assertThat(small.reason(tensors)).contains("2 tensors");
      try (RowProjector projector = small.projector()) {
        for (CheckpointTensor tensor : tensors) {
          int count = (int) tensor.rows();
          short[] expected = new short[17 * count];
          short[] actual = new short[17 * count];
          tensor.read(0, count, expected);
          tensor.read(projector, 0, count, actual);
          assertThat(actual).as(tensor.name()).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void doublesAreAddedAsTheyAre() throws IOException {
    // In float32 it would be -2⁻⁹, whose mean is rounded to -1.
    double[] values = new double[1024 * 2];
    Arrays.fill(values, -0x1p-9 + 0x1p-40);
    TestModel model =
        TestModel.huggingFace()
            .tensor(
                "q_proj.weight", TensorType.F64, Numbers.stored(TensorType.F64, values), 2, 1024);
    try (CheckpointFingerprints fingerprints =
        CheckpointFingerprints.open(model.operand("m"), WHOLE, KERNELS)) {
      short[] row = new short[17];
      fingerprints.tensors().getFirst().read(1, 1, row);
      assertThat(row).containsOnly(0);
    }
  }

  @Test
  void weightsOfIntegersAreRefusedUnlessTheyAreLeftOut() throws IOException {
    TestModel model =
        TestModel.huggingFace()
            .tensor("q_proj.qweight", TensorType.I32, new byte[4 * 1024], 32, 32)
            .tensor("k_proj.weight", Numbers.normal(1024, 1), 32, 32);
    assertThatThrownBy(() -> write(target(), model.operand("m"), WHOLE, options(1, null, null)))
        .isInstanceOf(Refusal.Unsupported.class)
        .hasMessageContaining("q_proj.qweight (I32)");
    assertThat(files()).isEmpty();
    IndexResult result =
        write(
            target(),
            model.operand("m"),
            new CheckpointFingerprints.Options(1, true),
            options(1, null, null));
    assertThat(result.outputs().getFirst().models().getFirst().unsupported())
        .containsExactly("q_proj.qweight");
    assertThat(Files.size(target())).isEqualTo(8 + 13 + "k_proj.weight".length() + 32 * 34);
  }

  @Test
  void modelsOfOneIndexMayNotShareNames() throws IOException {
    try (CheckpointFingerprints a =
            CheckpointFingerprints.open(large().operand("a"), WHOLE, KERNELS);
        CheckpointFingerprints b =
            CheckpointFingerprints.open(large().operand("b"), WHOLE, KERNELS)) {
      assertThatThrownBy(() ->
              IndexRun.write(
                  List.of(new IndexRun.Job(target(), List.of(a, b))),
                  options(1, null, null),
                  Progress.NONE))
          .isInstanceOf(CouldNotCompare.class);
    }
  }

  @Test
  void severalModelsGoIntoOneIndexInTheirOrder() throws IOException {
    try (CheckpointFingerprints a = golden("models/base.safetensors", WHOLE);
        CheckpointFingerprints b =
            CheckpointFingerprints.open(large().operand("b"), WHOLE, KERNELS)) {
      IndexRun.write(
          List.of(new IndexRun.Job(target(), List.of(a, b))),
          options(2, null, null),
          Progress.NONE);
    }
    byte[] first = GoldenData.bytes("bgz7/base.bgz7");
    byte[] both = Files.readAllBytes(target());
    assertThat(both[4]).isEqualTo((byte) 34);
    assertThat(Arrays.copyOfRange(both, 8, first.length))
        .isEqualTo(Arrays.copyOfRange(first, 8, first.length));
  }

  /** A file that fails once {@code most} bytes were read of it. */
  private record Metered(ByteSource file, AtomicLong read, long most) implements ByteSource {
    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void read(long position, MemorySegment target) throws IOException {
      if (read.addAndGet(target.byteSize()) > most) {
        throw new IOException("Input/output error");
      }
      file.read(position, target);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"0.5, 1", "1.0, 1", "1.5, 1", "1.9, 3"})
  void anInputThatGoesWrongLeavesTheOldFile(double files, int threads) throws IOException {
    Files.writeString(target(), "old");
    TestModel model =
        large().on(source -> new Metered(source, new AtomicLong(), (long) (files * source.size())));
    assertThatThrownBy(
            () -> write(target(), model.operand("m"), WHOLE, options(threads, null, null)))
        .isInstanceOf(IOException.class);
    assertThat(target()).hasContent("old");
    assertThat(files()).containsExactly("out.bgz7");
  }

  private Path journal() {
    return folder.resolve("index.journal");
  }

  /** Counts what is read in order to compute fingerprints. */
  private static final class Counted implements Progress {
    final AtomicLong done = new AtomicLong();

    @Override
    public void begin(String task, long totalBytes) {}

    @Override
    public void extend(long bytes) {}

    @Override
    public void advance(long bytes) {
      done.addAndGet(bytes);
    }
  }

  /** Wherever it is interrupted, it continues to the same bytes. */
  @Test
  void interruptedWorkContinues() throws IOException {
    Path whole = folder.resolve("whole.bgz7");
    write(whole, large().operand("m"), WHOLE, options(2, null, null));
    IndexOptions resumed = options(1, journal(), null);
    write(target(), large().operand("m"), WHOLE, resumed);
    byte[] journal = Files.readAllBytes(journal());
    byte[] index = Files.readAllBytes(target());
    Path part = folder.resolve(".out.bgz7.part");
    for (int keep = 0; keep < journal.length; keep += 41) {
      Files.write(journal(), Arrays.copyOf(journal, keep));
      Files.write(part, Arrays.copyOf(index, index.length / 2));
      Files.deleteIfExists(target());
      write(target(), large().operand("m"), WHOLE, resumed);
      assertThat(target()).hasSameBinaryContentAs(whole);
      assertThat(part).doesNotExist();
    }
  }

  @Test
  void whatIsFinishedIsNotReadAgain() throws IOException {
    IndexOptions resumed = options(1, journal(), null);
    write(target(), large().operand("m"), WHOLE, resumed);
    AtomicLong read = new AtomicLong();
    TestModel again = large().on(source -> new Metered(source, read, Long.MAX_VALUE));
    write(target(), again.operand("m"), WHOLE, resumed);
    // Once, to see that it is the same file.
    assertThat(read).hasValue(again.size());
    assertThat(Files.readAllLines(journal())).hasSize(1 + 4);
  }

  @Test
  void anotherStrideOrInputIsRefused() throws IOException {
    IndexOptions resumed = options(1, journal(), null);
    write(target(), large().operand("m"), WHOLE, resumed);
    assertThatThrownBy(() ->
            write(
                target(),
                large().operand("m"),
                new CheckpointFingerprints.Options(2, false),
                resumed))
        .isInstanceOf(Journal.Mismatch.class);
    TestModel other = large().tensor("x.q_proj", Numbers.normal(1024, 1), 1024);
    assertThatThrownBy(() -> write(target(), other.operand("m"), WHOLE, resumed))
        .isInstanceOf(Journal.Mismatch.class);
  }

  @Test
  void progressEndsWithTheBytesOfAllTensors() throws IOException {
    Counted progress = new Counted();
    try (CheckpointFingerprints model =
        CheckpointFingerprints.open(large().operand("m"), WHOLE, KERNELS)) {
      IndexRun.write(
          List.of(new IndexRun.Job(target(), List.of(model))), options(2, null, null), progress);
    }
    assertThat(progress.done.get()).isEqualTo(4L * (300_000 + 3 * 70 * 1001 + 20_000 * 7 + 1500));
  }
}
