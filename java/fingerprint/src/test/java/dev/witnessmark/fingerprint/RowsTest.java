package dev.witnessmark.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Base17;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.projection.ProjectionKernel;
import dev.witnessmark.kernels.projection.ProjectionSums;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The fingerprints of the golden rows, by every way to compute them. */
class RowsTest {

  private final JsonNode golden;
  private final float[] values;

  RowsTest() throws IOException {
    golden = GoldenData.json("rows/rows.json");
    byte[] bytes = GoldenData.bytes("rows/rows.f32");
    values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    assertThat(golden.size()).isEqualTo(130);
  }

  static List<ProjectionKernel> kernels() {
    return ProjectionKernel.all();
  }

  static Stream<Device<MemorySegment>> devices() {
    return Stream.of(HostDevice.scalar(), HostDevice.best());
  }

  private float[] row(JsonNode entry) {
    int offset = entry.get("offset").asInt();
    return Arrays.copyOfRange(values, offset, offset + entry.get("width").asInt());
  }

  /** The row with the low halves of its numbers dropped. */
  private float[] bf16Row(JsonNode entry) {
    float[] row = row(entry);
    for (int i = 0; i < row.length; i++) {
      row[i] = Float.intBitsToFloat(Float.floatToRawIntBits(row[i]) & 0xFFFF0000);
    }
    return row;
  }

  private static short[] project(
      ProjectionKernel kernel, float[] row, int stride, int... pieceLengths) {
    short[] fingerprint = new short[Fingerprint.DIMENSIONS];
    ProjectionSums sums = new ProjectionSums(stride);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, row);
      int piece = 0;
      for (int done = 0; done < row.length; ) {
        int length = Math.min(row.length - done, pieceLengths[piece++ % pieceLengths.length]);
        kernel.add(memory, 4L * done, length, sums);
        done += length;
      }
    }
    sums.finish(fingerprint, 0);
    return fingerprint;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void kernelsGiveTheGoldenFingerprints(ProjectionKernel kernel) {
    for (JsonNode entry : golden) {
      for (int[] pieces : List.of(new int[] {8192}, new int[] {1, 16, 33, 17, 340, 5})) {
        assertThat(project(kernel, row(entry), 1, pieces))
            .as("%s", entry.get("id"))
            .isEqualTo(GoldenData.shorts(entry.get("f32")));
        float[] halves = bf16Row(entry);
        assertThat(project(kernel, halves, 1, pieces))
            .as("%s", entry.get("id"))
            .isEqualTo(GoldenData.shorts(entry.get("bf16")));
        assertThat(project(kernel, halves, 4, pieces))
            .as("%s", entry.get("id"))
            .isEqualTo(GoldenData.shorts(entry.get("bf16_stride4")));
        assertThat(project(kernel, halves, 16, pieces))
            .as("%s", entry.get("id"))
            .isEqualTo(GoldenData.shorts(entry.get("bf16_stride16")));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void theOperationGivesTheGoldenFingerprints(Device<MemorySegment> device) {
    for (JsonNode entry : golden) {
      float[] row = row(entry);
      MemorySegment f32 = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, row);
      MemorySegment bf16 = Arena.ofAuto().allocate(2L * row.length, 2);
      for (int i = 0; i < row.length; i++) {
        bf16.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToRawIntBits(row[i]) >> 16));
      }
      assertThat(run(device, TensorType.F32, f32, row.length, 1))
          .as("%s", entry.get("id"))
          .isEqualTo(GoldenData.shorts(entry.get("f32")));
      assertThat(run(device, TensorType.BF16, bf16, row.length, 1))
          .as("%s", entry.get("id"))
          .isEqualTo(GoldenData.shorts(entry.get("bf16")));
      assertThat(run(device, TensorType.BF16, bf16, row.length, 16))
          .as("%s", entry.get("id"))
          .isEqualTo(GoldenData.shorts(entry.get("bf16_stride16")));
    }
  }

  private static short[] run(
      Device<MemorySegment> device, TensorType type, MemorySegment row, int columns, int stride) {
    MemorySegment fingerprint = Arena.ofAuto().allocate(Fingerprint.BYTES, 2);
    device.run(
        new Base17(type, 1, columns, stride), Arithmetic.CANONICAL, List.of(row, fingerprint));
    return fingerprint.toArray(ValueLayout.JAVA_SHORT);
  }

  @Test
  void theGoldenBytesAreTheGoldenNumbers() throws IOException {
    byte[] bytes = GoldenData.bytes("rows/rows.base17");
    for (int i = 0; i < golden.size(); i++) {
      assertThat(Arrays.copyOfRange(bytes, i * Fingerprint.BYTES, (i + 1) * Fingerprint.BYTES))
          .isEqualTo(GoldenData.fingerprint(golden.get(i).get("f32")).toBytes());
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void rowsOfSignedBytesAreRowsOfTheirFloats(ProjectionKernel kernel) throws IOException {
    byte[] random = GoldenData.bytes("base17/encode_random.i8");
    for (JsonNode entry : GoldenData.json("base17/ops.json").get("encode_i8")) {
      float[] row = new float[16_384];
      for (int k = 0; k < row.length; k++) {
        row[k] =
            switch (entry.get("case").asString()) {
              case "all_one" -> 1;
              case "all_minus_one" -> -1;
              case "random" -> random[k];
              default -> k % 255 - 127;
            };
      }
      assertThat(project(kernel, row, 1, 8192))
          .as("%s", entry.get("case"))
          .isEqualTo(GoldenData.shorts(entry.get("result")));
    }
  }
}
