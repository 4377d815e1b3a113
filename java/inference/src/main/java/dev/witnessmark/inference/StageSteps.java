package dev.witnessmark.inference;

import dev.witnessmark.model.transformer.Stage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How a stage is made. The steps are complete: from earlier stages, weights and tables alone. Two
 * stages of a layer may list the same step; it is run once.
 *
 * @param stage what is made
 * @param forTapsOnly whether no later step needs it, so that it is only made to be looked at
 * @param steps in their order
 */
public record StageSteps(Stage stage, boolean forTapsOnly, List<Step> steps) {

  public StageSteps {
    steps = List.copyOf(steps);
  }

  /** The stages, or parts of them, that the steps read and do not make themselves. */
  public Set<Value.Activation> inputs() {
    Set<Value.Activation> inputs = new LinkedHashSet<>();
    for (Step step : steps) {
      List<Value> read =
          switch (step) {
            case Step.Run run -> run.operands();
            case Step.Copy copy -> List.of(copy.from());
            case Step.Repair repair -> List.of(repair.input());
            case Step.Experts experts ->
                List.of(experts.input(), experts.router(), experts.indices());
          };
      for (Value value : read) {
        switch (value) {
          case Value.Activation a when a.stage() != stage -> inputs.add(a);
          case Value.LastRow last -> inputs.add(Value.Activation.of(last.stage()));
          default -> {}
        }
      }
    }
    return inputs;
  }
}
