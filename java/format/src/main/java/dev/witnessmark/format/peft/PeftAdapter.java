package dev.witnessmark.format.peft;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.TensorView;
import java.io.IOException;
import java.util.List;

/**
 * An adapter, opened.
 *
 * @param checkpoint the adapter's own tensors under their stored names; the keys of {@code
 *     adapter_config.json} are metadata that begins with {@code adapter_config.}
 * @param updates what is added to weights of the base, in file order
 * @param replacements weights that take the place of the base's, under the base's names, in file
 *     order; none of them is updated as well
 */
public record PeftAdapter(
    Checkpoint checkpoint, List<LowRankUpdate> updates, List<TensorView> replacements)
    implements AutoCloseable {

  public PeftAdapter {
    updates = List.copyOf(updates);
    replacements = List.copyOf(replacements);
  }

  @Override
  public void close() throws IOException {
    checkpoint.close();
  }
}
