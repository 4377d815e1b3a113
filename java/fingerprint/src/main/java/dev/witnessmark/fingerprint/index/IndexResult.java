package dev.witnessmark.fingerprint.index;

import dev.witnessmark.fingerprint.LayerType;
import dev.witnessmark.verdict.RunRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Index files that were written.
 *
 * @param outputs the files, in the order asked for
 * @param stride every how many octaves of BF16 tensors one was visited
 * @param run what ran
 */
public record IndexResult(List<Output> outputs, int stride, RunRecord run) {

  public IndexResult {
    outputs = List.copyOf(outputs);
  }

  /**
   * One index file.
   *
   * @param path where it is
   * @param bytes its length
   * @param models what it was made from
   * @param byType sizes of its tensors by their types, every type
   */
  public record Output(
      Path path, long bytes, List<Model> models, Map<LayerType, LayerStatistics> byType) {

    public Output {
      models = List.copyOf(models);
    }

    /** Sizes of all tensors. */
    public LayerStatistics total() {
      return byType.values().stream().reduce(LayerStatistics.NONE, LayerStatistics::plus);
    }
  }

  /**
   * A checkpoint whose fingerprints were written.
   *
   * @param name as the user wrote it
   * @param container what it is stored in
   * @param indexed number of tensors that have fingerprints
   * @param skipped number of norms and small tensors, which have none
   * @param unsupported names of tensors of weights that were left out
   * @param notices what should be seen
   */
  public record Model(
      String name,
      String container,
      int indexed,
      int skipped,
      List<String> unsupported,
      List<String> notices) {

    public Model {
      unsupported = List.copyOf(unsupported);
      notices = List.copyOf(notices);
    }

    /** Number of tensors of weights. */
    public int tensors() {
      return indexed + skipped + unsupported.size();
    }
  }
}
