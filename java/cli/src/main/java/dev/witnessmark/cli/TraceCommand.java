package dev.witnessmark.cli;

import dev.witnessmark.capture.TraceRequest;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.inference.LaunchMode;
import dev.witnessmark.inference.Model;
import dev.witnessmark.inference.PathPlan;
import dev.witnessmark.inference.Sampler;
import dev.witnessmark.inference.Sampling;
import dev.witnessmark.inference.text.Tokenizer;
import dev.witnessmark.parity.trace.Prompt;
import dev.witnessmark.parity.trace.Trace;
import dev.witnessmark.parity.trace.TraceOptions;
import dev.witnessmark.parity.trace.TraceResult;
import dev.witnessmark.report.TokenText;
import dev.witnessmark.report.TraceJson;
import dev.witnessmark.report.TraceText;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code wmark trace}. */
@Command(
    name = "trace",
    description = {
      "Run a model and capture its stages: APRT files and a manifest.",
      "The text that it generates and the likeliest next tokens are shown."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark trace model.gguf --prompt hello --stages all --layers 0..4 --out a/",
      "  wmark trace model.gguf --prompt hello --stages all --path exact --out t/",
      "  wmark trace model.gguf --tokens 1,2,3 --generate 20",
      "  wmark trace model/ --prompt hello --summary --device cuda",
      "",
      "Paths: f32 decodes weights; q8 quantises activations; exact computes in float64.",
      "       By matrix: q8,down=f32,head=f32. q8,crushed=f32 keeps rows that have an",
      "       outlier of 8 times the rest of its block on float activations.",
      "",
      "Exit codes: 0 done · 2 usage · 3 could not run · 5 internal error ·",
      "            130 interrupted"
    })
final class TraceCommand implements Callable<Integer> {

  private static final String EXACT = "exact";

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  ModelOptions model;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  PromptOptions prompt;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      defaultValue = "f32",
      description = "How products are computed: f32, q8 or exact; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String path;

  @Option(
      names = "--stages",
      paramLabel = "NAMES",
      description = "Stages to capture, with commas between, or all; needs --out.")
  @Nullable String stages;

  @Option(
      names = "--layers",
      paramLabel = "START..END",
      defaultValue = "all",
      description = "Layers to capture, END not included, or all; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  String layers;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the capture: a new or empty one, or one that holds a capture.")
  @Nullable Path out;

  @Option(
      names = "--summary",
      description = "Reduce every stage on the device to statistics and a hash, and show them.")
  boolean summary;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "EAGER",
      description = "How kernels are launched: eager or graph; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  LaunchMode mode;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Draw generated tokens at random, from this seed; default: the likeliest.")
  @Nullable Long seed;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "1",
      description = "With --seed: what logits are divided by, default ${DEFAULT-VALUE}.")
  double temperature;

  @Option(names = "--json", description = "Write JSON for machines instead of text.")
  boolean json;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  DeviceOption device;

  @Override
  public Integer call() throws IOException {
    boolean exact = path.equals(EXACT);
    requireSense(exact);
    PathPlan plan = model.path("--path", exact ? "f32" : path);
    try (Checkpoint checkpoint = model.open();
        Tokenizer tokenizer = prompt.tokenizer(checkpoint, model.limit.limits())) {
      Prompt given = prompt.prompts(tokenizer).getFirst();
      TraceResult result;
      if (exact) {
        result =
            Trace.exact(
                Model.of(checkpoint),
                options(checkpoint, plan, given, tokenizer, Trace.exactName()));
      } else {
        try (OpenDevice<?> opened = device.open()) {
          result =
              Trace.run(
                  Model.of(checkpoint),
                  opened.device(),
                  options(checkpoint, plan, given, tokenizer, opened.device().name()));
        }
      }
      OutputOptions.standard(stream -> {
        if (json) {
          TraceJson.write(result, text(tokenizer), out, stream);
        } else {
          TraceText.print(result, text(tokenizer), out, stream);
        }
      });
    }
    return ExitCode.SAME.code();
  }

  static TokenText text(@Nullable Tokenizer tokenizer) {
    return tokenizer == null ? TokenText.NONE : tokens -> Optional.of(tokenizer.decode(tokens));
  }

  private void requireSense(boolean exact) {
    int prompts = prompt.texts.size() + prompt.ids.size();
    if (prompts != 1) {
      throw wrong("give one --prompt or one --tokens, not " + prompts);
    }
    if ((stages == null) != (out == null)) {
      throw wrong(
          stages == null
              ? "--out needs --stages, which says what is captured"
              : "--stages needs --out, the folder that they go to");
    }
    if (exact && !device.device.equals("cpu")) {
      throw wrong("--path exact is computed in float64 on the CPU, not on " + device.device);
    }
    if (exact && (summary || mode == LaunchMode.GRAPH)) {
      throw wrong("--path exact has neither --summary nor --mode graph");
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(command.commandLine(), what);
  }

  private TraceOptions options(
      Checkpoint checkpoint,
      PathPlan plan,
      Prompt given,
      @Nullable Tokenizer tokenizer,
      String kernels)
      throws IOException {
    Optional<TraceOptions.Target> target = Optional.empty();
    if (stages != null && out != null) {
      target = Optional.of(new TraceOptions.Target(request(stages), out));
    }
    return new TraceOptions(
        given,
        prompt.generate,
        sampler(),
        tokenizer == null ? Set.of() : tokenizer.ends(),
        target,
        summary,
        model.pass(plan, Math.addExact(given.tokens().length, prompt.generate)),
        mode,
        model.record(
            checkpoint,
            kernels,
            path.equals(EXACT) ? "cpu" : device.device,
            "--device " + device.device + " --path " + path));
  }

  private TraceRequest request(String names) {
    try {
      return TraceRequest.parse(names, layers);
    } catch (IllegalArgumentException wrong) {
      throw wrong(String.valueOf(wrong.getMessage()));
    }
  }

  private Sampler sampler() {
    if (seed == null) {
      return Sampler.greedy();
    }
    try {
      return Sampler.seeded(new Sampling(temperature, 0, 1), seed);
    } catch (IllegalArgumentException wrong) {
      throw wrong("--temperature: " + wrong.getMessage());
    }
  }
}
