package dev.witnessmark.capture;

import dev.witnessmark.model.transformer.Hyperparameters;
import java.util.Optional;

/**
 * How a capture is opened.
 *
 * @param verify whether files with a manifest are read to the end to compare their hashes
 * @param names what the names of another tool mean
 * @param model sizes that the stages of another tool must have; what APRT files without a manifest
 *     hold cannot be known without
 */
public record CaptureOptions(boolean verify, NameMap names, Optional<Hyperparameters> model) {

  /** Hashes are compared, and names are those of captures. */
  public static final CaptureOptions DEFAULT =
      new CaptureOptions(true, NameMap.none(), Optional.empty());
}
