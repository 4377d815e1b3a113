package dev.witnessmark.cli;

import dev.witnessmark.cuda.driver.DriverException;
import dev.witnessmark.format.Printable;
import dev.witnessmark.kernels.operation.OutOfDeviceMemoryException;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The entry point. Every way to end is in {@link ExitCode}. */
@Command(
    name = "wmark",
    description = "Compares large language models where they are made of numbers.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    scope = CommandLine.ScopeType.INHERIT,
    subcommands = {
      InfoCommand.class,
      DiffCommand.class,
      IndexCommand.class,
      CausalCommand.class,
      GatesCommand.class,
      ExplainCommand.class,
      TraceCommand.class,
      CompareCommand.class,
      ParityCommand.class,
      BenchCommand.class,
      GuardCommand.class,
      FalsifyCommand.class,
      DemoCommand.class,
      LimitsCommand.class,
      HelpCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  wmark demo",
      "  wmark info model.gguf",
      "  wmark diff base/ tuned.gguf",
      "  wmark index model.gguf -o model.bgz7",
      "  wmark causal base/ tuned/ --measure relative",
      "  wmark gates mixture.gguf",
      "  wmark explain base/ base/+my-lora/",
      "  wmark trace model.gguf --prompt hello --generate 20",
      "  wmark compare cpu/ gpu/ --truth exact/",
      "  wmark parity model.gguf --device cuda",
      "  wmark guard before.json after.json",
      "  wmark falsify",
      "",
      "Manual: man -M ${sys:witnessmark.home:-FOLDER}/man wmark",
      "",
      "Exit codes: 0 same · 1 differs · 2 usage · 3 could not compare ·",
      "            4 inconclusive · 5 internal error · 130 interrupted"
    })
final class Wmark {

  private Wmark() {}

  public static void main(String[] arguments) {
    // The same bytes everywhere: no message is translated, no digit or separator is a locale's own.
    Locale.setDefault(Locale.ROOT);
    int code;
    try {
      code = commandLine().execute(arguments);
    } catch (Error fatal) {
      // Uncaught, it would end the program with the code that says that models differ.
      System.err.println(
          fatal instanceof OutOfMemoryError
              ? "wmark: out of memory: " + fatal.getMessage()
              : internalError(fatal));
      code = ExitCode.INTERNAL_ERROR.code();
    }
    // Help, version and completion are printed by picocli, which does not look.
    if (System.out.checkError()) {
      System.err.println("wmark: " + OutputOptions.STANDARD_OUTPUT);
      code = ExitCode.COULD_NOT_COMPARE.code();
    }
    System.exit(code);
  }

  /** The commands, ready to be executed. */
  static CommandLine commandLine() {
    return new CommandLine(new Wmark())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command))
        .setExitCodeExceptionMapper(failure ->
            failure instanceof CommandLine.ParameterException
                ? ExitCode.USAGE.code()
                : ExitCode.INTERNAL_ERROR.code());
  }

  private static int explain(Exception failure, CommandLine command) throws Exception {
    if (failure instanceof CommandLine.ParameterException usage) {
      throw usage;
    }
    if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      return explain(unchecked.getCause(), command);
    }
    if (failure instanceof IOException unreadable) {
      command.getErr().println(Printable.of("wmark: " + reason(unreadable)));
      return ExitCode.COULD_NOT_COMPARE.code();
    }
    if (failure instanceof InvalidPathException invalid) {
      command
          .getErr()
          .println(
              Printable.of(
                  "wmark: " + invalid.getInput() + ": is no path: " + invalid.getReason()));
      return ExitCode.COULD_NOT_COMPARE.code();
    }
    if (failure instanceof DriverException || failure instanceof OutOfDeviceMemoryException) {
      command.getErr().println(Printable.of("wmark: " + failure.getMessage()));
      return ExitCode.COULD_NOT_COMPARE.code();
    }
    command.getErr().println(internalError(failure));
    return ExitCode.INTERNAL_ERROR.code();
  }

  private static String internalError(Throwable failure) {
    return Printable.of(
        "wmark: internal error, please report it: " + failure + " at " + where(failure));
  }

  /** What to tell the user about a failure to read or write. */
  static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> missing.getFile() + ": there is no such file or folder";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static String where(Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    return trace.length == 0 ? "unknown place" : trace[0].toString();
  }
}
