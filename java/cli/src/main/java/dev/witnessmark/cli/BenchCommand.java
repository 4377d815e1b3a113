package dev.witnessmark.cli;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.bench.BenchResult;
import dev.witnessmark.bench.BenchResultWriter;
import dev.witnessmark.bench.BenchRun;
import dev.witnessmark.bench.Cell;
import dev.witnessmark.bench.Datasheet;
import dev.witnessmark.bench.DeviceIdentity;
import dev.witnessmark.bench.KernelCheck;
import dev.witnessmark.bench.measure.BenchPlan;
import dev.witnessmark.bench.measure.CacheState;
import dev.witnessmark.bench.measure.Effort;
import dev.witnessmark.bench.measure.KernelBench;
import dev.witnessmark.bench.measure.KernelTrials;
import dev.witnessmark.bench.measure.Workload;
import dev.witnessmark.compare.NamePattern;
import dev.witnessmark.cuda.OpenDevice;
import dev.witnessmark.cuda.VendorProduct;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.report.BenchText;
import dev.witnessmark.verdict.ExitCode;
import dev.witnessmark.verdict.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code wmark bench}. */
@Command(
    name = "bench",
    description = {
      "How fast is every kernel on a device? Measures kernels, shapes and batch",
      "sizes beside the device's own copy bandwidth; two results go into wmark guard."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark bench",
      "  wmark bench --kernels 'matvec_q8_*' --cache cold,warm --json --out before.json",
      "  wmark bench --device cuda --size large",
      "  wmark bench --device cuda --kernel mine.cubin:my_matvec=matvec_q8_q4_k",
      "",
      "Exit codes: 0 measured, all bits of --kernel right · 1 some are not · 2 usage ·",
      "            3 could not measure · 5 internal error · 130 interrupted"
    })
final class BenchCommand implements Callable<Integer> {

  /** Buffers of cold workloads rotate through this: several times any last-level cache. */
  private static final long COLD_BYTES = 512L << 20;

  /** Rows and columns of the vendor's product: enough for its best rate. */
  private static final int PRODUCT_EXTENT = 8192;

  private static final int BRIEF_EXTENT = 64;

  /** What tells a process that it is one of several, and where its part of the result goes. */
  static final String FORK = "--fork-result";

  private static final int MOST_FORKS = 100;
  private static final int CPU_FORKS = 8;

  /** How large the measured operations are. */
  enum Size {
    SMALL,
    MEDIUM,
    LARGE;

    /** What a kind of device gets through in a few minutes. */
    static Size of(String kind) {
      return switch (kind) {
        case "cuda" -> LARGE;
        case "emulated" -> SMALL;
        default -> MEDIUM;
      };
    }

    BenchPlan plan() {
      return switch (this) {
        case SMALL -> BenchPlan.small();
        case MEDIUM -> BenchPlan.medium();
        case LARGE -> BenchPlan.large();
      };
    }
  }

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(
      names = "--kernels",
      split = ",",
      paramLabel = "GLOB",
      description = "Only kernels whose name matches, such as matvec_q8_*; default: all.")
  List<String> kernels = new ArrayList<>();

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = {
        "Extents of the operands: small, medium, large; default: medium on a CPU,",
        "large on a GPU, small on the emulated device."
      })
  @Nullable Size size;

  @Option(
      names = "--cache",
      paramLabel = "STATE",
      split = ",",
      defaultValue = "cold",
      description = "State of the cache: cold, warm; default ${DEFAULT-VALUE}.")
  List<CacheState> caches = new ArrayList<>();

  @Option(
      names = "--arithmetic",
      paramLabel = "RULES",
      split = ",",
      defaultValue = "canonical,fast",
      description = "Which kernels: canonical, fast; default: both, where there are both.")
  List<Arithmetic> arithmetics = new ArrayList<>();

  @Option(
      names = "--kernel",
      paramLabel = "FILE:NAME[=OURS]",
      description = {
        "Check and measure kernel NAME of FILE (fatbin, cubin or PTX; on the emulated",
        "device a library made by native/compile-kernels) beside ours of the same name,",
        "or beside OURS. It takes the arguments that ours takes, in one launch."
      })
  @Nullable String ownKernel;

  @Option(
      names = "--brief",
      description = "A few samples only: whether everything runs, not how fast.")
  boolean brief;

  @Option(
      names = "--forks",
      paramLabel = "N",
      description = {
        "Processes that share the measuring; default 8 on a CPU, else 1. On a CPU",
        "wmark guard asks for five and more, since processes differ."
      })
  @Nullable Integer forks;

  @Option(names = FORK, hidden = true)
  @Nullable Path forkResult;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  DeviceOption device;

  @Mixin
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  OutputOptions output;

  @Override
  public Integer call() throws IOException {
    output.check();
    BenchResult result;
    int processes;
    try (OpenDevice<?> opened = device.open()) {
      processes = processes(opened);
      if (forkResult != null || processes == 1) {
        result = measure(opened, processes);
      } else {
        workloads(opened, wanted());
        result = null;
      }
    }
    if (forkResult != null) {
      new OutputFile(FORK, forkResult)
          .write(out -> BenchResultWriter.write(Objects.requireNonNull(result), out));
      return ExitCode.SAME.code();
    }
    return shown(result == null ? inProcesses(processes) : result);
  }

  private int processes(OpenDevice<?> opened) {
    int processes = forks != null ? forks : brief || !opened.kind().equals("cpu") ? 1 : CPU_FORKS;
    if (processes < 1 || processes > MOST_FORKS) {
      throw new ParameterException(
          command.commandLine(), "--forks " + processes + ": between 1 and " + MOST_FORKS);
    }
    return processes;
  }

  private BenchResult inProcesses(int processes) throws IOException {
    try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      return new BenchForks(processes, command.commandLine().getParseResult().originalArgs())
          .run(run(), line.progress());
    }
  }

  private int shown(BenchResult result) throws IOException {
    output.write(out -> {
      if (output.json) {
        BenchResultWriter.write(result, out);
      } else {
        BenchText.print(result, out);
      }
    });
    boolean passed = result.check() == null || result.check().passed();
    return output.exitCode(passed ? ExitCode.SAME : ExitCode.DIFFERS);
  }

  private @Nullable OwnKernel own() {
    return ownKernel == null ? null : OwnKernel.parse(ownKernel, command.commandLine());
  }

  private NamePattern wanted() {
    OwnKernel own = own();
    return new NamePattern(own == null ? kernels : List.of(own.of()));
  }

  private List<Workload> workloads(OpenDevice<?> opened, NamePattern wanted) {
    Set<Arithmetic> rules = EnumSet.copyOf(arithmetics);
    List<Workload> workloads =
        (size == null ? Size.of(opened.kind()) : size)
            .plan()
            .workloads(
                operation -> wanted.matches(operation.kernelName()),
                opened.device()::supports,
                rules,
                EnumSet.copyOf(caches));
    if (workloads.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "nothing to measure: no kernel of %s matches %s"
              .formatted(opened.id(), String.join(", ", kernels)));
    }
    return workloads;
  }

  private <M> BenchResult measure(OpenDevice<M> opened, int processes) throws IOException {
    OwnKernel own = own();
    byte[] image = own == null ? new byte[0] : own.read(opened);
    List<Workload> workloads = workloads(opened, wanted());
    Effort effort = effort(opened).shared(processes);
    DeviceIdentity identity = new DeviceIdentity(opened.kind(), opened.product(), opened.uuid());
    Datasheet datasheet = Datasheet.of(opened.product());
    KernelBench<M> bench = new KernelBench<>(opened.device(), opened.id(), identity, effort);
    double copyRate = bench.copyRate(brief ? 1 << 20 : COLD_BYTES / 2);
    Double matrixRate =
        opened
            .cuda()
            .flatMap(cuda -> cuda.vendorProduct(brief ? BRIEF_EXTENT : PRODUCT_EXTENT))
            .map(product -> rate(product, bench))
            .orElse(null);
    List<Cell> cells;
    try (TerminalProgress.Scope line = TerminalProgress.watched(output.quiet)) {
      Progress progress = line.progress();
      progress.begin("measuring", (long) workloads.size() * effort.rounds());
      cells = new ArrayList<>(bench.measure(workloads, workload -> progress.advance(1)));
    }
    KernelCheck check = null;
    if (own != null) {
      try (Device<DeviceMemory> device = own.on(opened, image)) {
        check = KernelTrials.check(device, own.of(), own.image().name());
        KernelBench<DeviceMemory> beside = new KernelBench<>(device, opened.id(), identity, effort);
        for (Cell cell : beside.measure(workloads, workload -> {})) {
          cells.add(cell.ofKernel(own.image().name()));
        }
      }
    }
    BenchDevice measured =
        new BenchDevice(
            opened.id(),
            identity,
            opened.driver(),
            opened.device().timerResolution(),
            copyRate,
            matrixRate,
            datasheet.copyRate(),
            datasheet.matrixRate());
    return new BenchResult(List.of(measured), cells, run(), check);
  }

  private static double rate(VendorProduct product, KernelBench<?> bench) {
    try (product) {
      return bench.rate(product.operations(), product::run);
    }
  }

  private Effort effort(OpenDevice<?> opened) {
    if (brief) {
      return Effort.brief(0);
    }
    return opened.kind().equals("cpu")
        ? Effort.thorough(COLD_BYTES)
        : Effort.thoroughOfCompiled(COLD_BYTES);
  }

  private BenchRun run() {
    return new BenchRun(
        "wmark " + Version.number(),
        command.commandLine().getParseResult().originalArgs(),
        "Java " + Runtime.version());
  }
}
