package dev.witnessmark.causal.gate;

import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.RunRecord;
import dev.witnessmark.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything one run found out about routers.
 *
 * @param models the routers of each model
 * @param crossReferences each model's routers beside scaffold blocks, where a scaffold was asked
 *     for
 * @param run the run record
 */
public record GateStudy(
    List<GateTopology> models, List<CrossReference> crossReferences, RunRecord run) {

  public GateStudy {
    models = List.copyOf(models);
    crossReferences = List.copyOf(crossReferences);
  }

  /** Whether routers were found and read; what they are like is no difference. */
  public Verdict verdict() {
    List<String> basis = new ArrayList<>();
    boolean answered = true;
    for (GateTopology model : models) {
      if (model.blocks().isEmpty()) {
        basis.add(model.model() + ": has no router");
        answered = false;
      }
      for (String reason : model.incomplete()) {
        basis.add(model.model() + ": incomplete: " + reason);
        answered = false;
      }
      long alike =
          model.blocks().stream()
              .filter(block -> block.redundancy() == Redundancy.BEYOND_CHANCE)
              .count();
      if (!model.blocks().isEmpty()) {
        basis.add(
            "%s: experts are alike beyond chance in %d of %d blocks with routers"
                .formatted(model.model(), alike, model.blocks().size()));
      }
    }
    return answered
        ? new Verdict("described", ExitCode.SAME, basis)
        : new Verdict("could-not-compare", ExitCode.COULD_NOT_COMPARE, basis);
  }
}
