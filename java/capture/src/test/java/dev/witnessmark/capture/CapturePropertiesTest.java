package dev.witnessmark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

class CapturePropertiesTest {

  private Path folder = Path.of("");

  @BeforeTry
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("wmark-test");
  }

  @AfterTry
  void removeFolder() throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.toList().reversed()) {
        Files.delete(path);
      }
    }
  }

  /** Whatever the bits and in whatever order pieces of them come. */
  @Property(tries = 100)
  void everyBitSurvives(
      @ForAll @Size(max = 60) List<Integer> bits, @ForAll @IntRange(max = 60) int cut)
      throws IOException {
    int[] values = bits.stream().mapToInt(Integer::intValue).toArray();
    int first = Math.min(cut, values.length);
    Path path = folder.resolve("bits.bin");
    try (Arena arena = Arena.ofConfined();
        AprtWriter writer = new AprtWriter(path, 5)) {
      MemorySegment all = arena.allocateFrom(ValueLayout.JAVA_INT, values);
      writer.write(first, all.asSlice(4L * first));
      writer.write(0, all.asSlice(0, 4L * first));
      writer.commit(values.length);
    }
    byte[] file = Files.readAllBytes(path);
    assertThat(file).hasSize(12 + 4 * values.length);
    int[] back = MemorySegment.ofArray(file).asSlice(12).toArray(ValueLayout.JAVA_INT_UNALIGNED);
    assertThat(back).isEqualTo(values);
  }

  /**
   * The squares of attention, of which each call brings the rows of its queries, against the value
   * that each place must have.
   */
  @Property(tries = 60)
  void squaresArePutTogetherFromAnyCalls(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 4) Integer> calls,
      @ForAll @IntRange(max = 3) int spare)
      throws IOException {
    Hyperparameters model = SmallModel.model();
    StageKey key = new StageKey(Stage.ATTN_SOFTMAX, 2);
    int positions = calls.stream().mapToInt(Integer::intValue).sum();
    float[] square = new float[model.heads() * positions * positions];
    try (Arena arena = Arena.ofConfined();
        AprtWriter file = new AprtWriter(folder.resolve("square.bin"), 2)) {
      StageWriter writer = new StageWriter(key, model, positions + spare, 4, file);
      int first = 0;
      for (int count : calls) {
        int visible = first + count;
        MemorySegment rows = arena.allocate(4L * model.heads() * count * visible, Float.BYTES);
        for (int head = 0; head < model.heads(); head++) {
          for (int query = 0; query < count; query++) {
            for (int at = 0; at <= first + query; at++) {
              float value = 10_000 * head + 100 * (first + query) + at + 1;
              rows.setAtIndex(
                  ValueLayout.JAVA_FLOAT, ((long) head * count + query) * visible + at, value);
              square[(head * positions + first + query) * positions + at] = value;
            }
          }
        }
        writer.write(first, count, rows);
        first = visible;
      }
      file.commit(writer.end());
    }
    byte[] file = Files.readAllBytes(folder.resolve("square.bin"));
    float[] back =
        MemorySegment.ofArray(file).asSlice(12).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    assertThat(back).isEqualTo(square);
  }
}
