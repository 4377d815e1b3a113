package dev.witnessmark.parity.compare;

import dev.witnessmark.capture.Capture;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.StageKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A capture as a tool that computes in float16 would write it: safetensors of F16. */
final class HalfDump {

  private HalfDump() {}

  static void write(Capture capture, Path file) throws IOException {
    List<String> entries = new ArrayList<>();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (Map.Entry<StageKey, TensorView> stage : capture.stages().entrySet()) {
      double[] values = StageReader.read(stage.getValue());
      ByteBuffer halves = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      for (double value : values) {
        halves.putShort(Float.floatToFloat16((float) value));
      }
      int begin = data.size();
      data.write(halves.array());
      entries.add(
          "\"%s\":{\"dtype\":\"F16\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(stage.getKey(), shape(stage.getValue()), begin, data.size()));
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(header.length);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(length.array());
    all.write(header);
    all.write(data.toByteArray());
    Files.write(file, all.toByteArray());
  }

  private static List<Long> shape(TensorView tensor) {
    List<Long> dimensions = new ArrayList<>();
    for (int i = 0; i < tensor.shape().rank(); i++) {
      dimensions.add(tensor.shape().dimension(i));
    }
    return dimensions;
  }
}
