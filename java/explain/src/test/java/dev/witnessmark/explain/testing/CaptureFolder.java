package dev.witnessmark.explain.testing;

import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes capture folders: right ones, and descriptions with one part replaced. */
public final class CaptureFolder {

  private final SafetensorsBuilder tensors = new SafetensorsBuilder();
  private String description;

  /** Two prompts to fit on, one to judge by. */
  public CaptureFolder(int layers, int width) {
    description =
        """
        {"schema": "wmark-activations-v1", "model": {"name": "m", "sha256": null},
         "delta": null, "layers": %d, "width": %d,
         "states": "block output before the final norm", "position": "last token",
         "fit": [{"text": "a", "tokens": [1, 2]}, {"text": null, "tokens": [3]}],
         "evaluation": [{"text": null, "tokens": [4]}],
         "personas": {"positive": "p", "negative": "n", "template": true}}
        """
            .formatted(layers, width);
  }

  /** The same with {@code old} in the description replaced. */
  public CaptureFolder replacing(String old, String by) {
    if (!description.contains(old)) {
      throw new IllegalArgumentException(old);
    }
    description = description.replace(old, by);
    return this;
  }

  public CaptureFolder tensor(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    tensors.tensor(name, "F32", bytes.array(), shape);
    return this;
  }

  public Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve("activations.safetensors"), tensors.build());
    Files.writeString(folder.resolve("capture.json"), description);
    return folder;
  }
}
