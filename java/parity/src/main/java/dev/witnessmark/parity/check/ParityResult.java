package dev.witnessmark.parity.check;

import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.List;

/**
 * Whether a device computes what the oracle computes.
 *
 * @param model the model as the user named it
 * @param oracle the device that decides what is right
 * @param device the device that was checked
 * @param path how products were computed
 * @param cache how keys and values were kept
 * @param ownKernels what stood in for our kernels
 * @param prompts what was seen of each
 * @param findings all in which the device is not the oracle
 * @param verdict the answer
 * @param run what was asked and what ran
 */
public record ParityResult(
    String model,
    String oracle,
    String device,
    String path,
    String cache,
    List<StandIn> ownKernels,
    List<PromptCheck> prompts,
    List<Finding> findings,
    Verdict verdict,
    RunRecord run) {

  public ParityResult {
    ownKernels = List.copyOf(ownKernels);
    prompts = List.copyOf(prompts);
    findings = List.copyOf(findings);
  }
}
