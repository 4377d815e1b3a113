package dev.witnessmark.cli;

import dev.witnessmark.cuda.CudaDevice;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.inference.Call;
import dev.witnessmark.inference.Program;
import dev.witnessmark.inference.StageSteps;
import dev.witnessmark.inference.Step;
import dev.witnessmark.inference.Value;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.model.transformer.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A kernel of the user's own in place of one that makes a stage.
 *
 * @param stage the stage, in every layer
 * @param of our kernel; empty where the stage has only one
 * @param image the kernel
 */
record StageKernel(Stage stage, Optional<String> of, KernelImage image) {

  private static final Pattern FORM = Pattern.compile("([^=/]+)(?:/([^=]+))?=(.+):([^:]+)");

  /** Parses {@code STAGE[/KERNEL]=FILE:NAME}. */
  static StageKernel parse(String text, CommandLine command) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new ParameterException(
          command, "--kernel " + text + ": is not STAGE[/KERNEL]=FILE:NAME");
    }
    return new StageKernel(
        stage("--kernel", parts.group(1), command),
        Optional.ofNullable(parts.group(2)),
        new KernelImage(Path.of(parts.group(3)), parts.group(4)));
  }

  /** A stage by its name. */
  static Stage stage(String option, String name, CommandLine command) {
    return Stage.of(name)
        .orElseThrow(() ->
            new ParameterException(
                command, "%s: no stage is called \"%s\"".formatted(option, name)));
  }

  /** What takes part in making a stage, by the name of its kernel, in the order of use. */
  static Map<String, Operation> operations(
      Program program, Stage stage, int layers, Element cache) {
    return operations(program, stage, layers, cache, false);
  }

  private static Map<String, Operation> operations(
      Program program, Stage stage, int layers, Element cache, boolean last) {
    Map<String, Operation> operations = new LinkedHashMap<>();
    Call call = new Call(1, 0, cache);
    List<StageSteps> all = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      all.addAll(program.layer(layer, call));
    }
    all.addAll(program.end(call));
    for (StageSteps steps : all) {
      for (Step step : steps.steps()) {
        boolean counts =
            !last
                || (step instanceof Step.Run run
                    && run.operands().getLast() instanceof Value.Activation made
                    && made.stage() == stage);
        if (steps.stage() == stage && counts && step instanceof Step.Run run) {
          operations.putIfAbsent(run.operation().kernelName(), run.operation());
        }
      }
    }
    return operations;
  }

  /** The kernel that it stands in for. */
  String ours(Program program, int layers, Element cache, CommandLine command) {
    if (of.isPresent()) {
      Map<String, Operation> all = operations(program, stage, layers, cache);
      if (!all.containsKey(of.get())) {
        throw new ParameterException(
            command,
            "--kernel: %s is not made by %s; it is made by %s"
                .formatted(stage.id(), of.get(), String.join(", ", all.keySet())));
      }
      return of.get();
    }
    // What prepares its input, such as quantising, is only meant where it is named.
    Map<String, Operation> operations = operations(program, stage, layers, cache, true);
    if (operations.size() != 1) {
      throw new ParameterException(
          command,
          operations.isEmpty()
              ? "--kernel: this model has no " + stage.id()
              : "--kernel: %s is made by several kernels; name one, such as %s"
                  .formatted(
                      stage.id(),
                      operations.keySet().stream()
                          .map(kernel -> stage.id() + "/" + kernel)
                          .collect(Collectors.joining(" or "))));
    }
    return operations.keySet().iterator().next();
  }

  /** The device with the kernel in place of ours. */
  Device<DeviceMemory> on(CudaDevice device, String ours) throws IOException {
    return device.withOwn(ours, image.read(), image.name());
  }
}
