package dev.witnessmark.report;

import dev.witnessmark.capture.AprtHeader;
import dev.witnessmark.capture.Capture;
import dev.witnessmark.capture.Manifest;
import dev.witnessmark.compare.inspect.TensorInspector;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.model.transformer.StageKey;
import java.util.List;

/** What {@code wmark info} says about stages. */
public sealed interface StageInfo {

  /**
   * One APRT file.
   *
   * @param header what it says of itself
   * @param findings what was found out by reading it
   */
  record OfFile(AprtHeader header, TensorInspector.Findings findings) implements StageInfo {}

  /**
   * A folder with a manifest.
   *
   * @param manifest what it says
   * @param stages every stage, in forward order
   */
  record OfCapture(Manifest manifest, List<InspectedStage> stages) implements StageInfo {

    public OfCapture {
      stages = List.copyOf(stages);
    }

    /** Bytes of all files but the manifest. */
    long bytes() {
      return manifest.stages().values().stream().mapToLong(stage -> stage.file().bytes()).sum()
          + manifest.exact().map(Manifest.HashedFile::bytes).orElse(0L);
    }
  }

  /**
   * One stage of a {@link Capture}.
   *
   * @param view its tensor
   * @param findings what was found out by reading it
   */
  record InspectedStage(StageKey key, TensorView view, TensorInspector.Findings findings) {}
}
