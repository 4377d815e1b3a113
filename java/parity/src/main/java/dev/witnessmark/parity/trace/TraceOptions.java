package dev.witnessmark.parity.trace;

import dev.witnessmark.capture.TraceRequest;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.PassOptions;
import dev.witnessmark.inference.Sampler;
import dev.witnessmark.verdict.RunRecord;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a trace is to do.
 *
 * @param prompt what the model is given
 * @param generate how many tokens to add
 * @param sampler chooses them
 * @param ends tokens after which nothing follows
 * @param capture which stages go to disk, and where
 * @param summarise whether every stage is summarised
 * @param pass how the model is run
 * @param mode how work is launched
 * @param run what was asked, for the record
 */
public record TraceOptions(
    Prompt prompt,
    int generate,
    Sampler sampler,
    Set<Integer> ends,
    Optional<Target> capture,
    boolean summarise,
    PassOptions pass,
    LaunchMode mode,
    RunRecord run) {

  /**
   * A capture.
   *
   * @param stages which stages
   * @param folder where to
   */
  public record Target(TraceRequest stages, Path folder) {}
}
