package dev.witnessmark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.verdict.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class WmarkTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  /** An exit code and what was said about it. */
  private record Ended(int code, String error) {}

  private static Ended execute(String... arguments) {
    StringWriter error = new StringWriter();
    CommandLine line = Wmark.commandLine();
    line.setErr(new PrintWriter(error, true));
    int code = line.execute(arguments);
    return new Ended(code, error.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "diff",
        "diff a",
        "diff a b c",
        "diff a b --threads 0",
        "diff a b --threads -3",
        "diff a b --threads many",
        "diff a b --max-memory 1K",
        "diff a b --max-memory 99999999999G",
        "diff a b --max-memory lots",
        "diff a b --top 0",
        "diff a b --top 10001",
        "diff a b --sort beauty",
        "diff a b --json --csv",
        "diff a b --limit tensors",
        "diff a b --limit tensors=many",
        "diff a b --limit tensors=0",
        "diff a b --limit array-depth=65",
        "diff a b --limit no-such-limit=5",
        "info",
        "info f --limit no-such-limit=5",
        "guard",
        "guard a",
        "guard a b c",
        "guard a b --ab x y",
        "guard --ab x",
        "guard --ab x y --ab x y",
        "guard a b --rounds 3",
        "guard --ab x y --rounds 0",
        "guard --ab x y --rounds 1001",
        "guard a b --alpha 0",
        "guard a b --alpha 100",
        "guard a b --alpha NaN",
        "guard a b --min-effect some",
        "guard a b --min-effect 5 --sensitivity 3%",
        "guard a b --junit x --sarif x",
        "parity",
        "parity m --repeat 0",
        "parity m --junit x --sarif x",
        "parity m --kernel ffn_out",
        "parity m --kernel no_stage=f:n",
        "trace",
        "trace m",
        "trace m --tokens 1 --tokens 2",
        "trace m --tokens 1 --out d",
        "trace m --tokens 1 --stages all",
        "trace m --tokens 1 --path exact --summary",
        "demo a",
        "demo --json",
        "limits 5",
        "nonsense",
      })
  void senselessOptionsAreUsageErrors(String line) {
    Ended ended = execute(line.split(" ", -1));

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE.code());
    assertThat(ended.error()).isNotBlank();
  }

  /** Attention reads the KV cache as it is kept. */
  @ParameterizedTest
  @CsvSource({"f32, attention_float32", "f16, attention_float16"})
  void theKernelToReplaceIsTheOneThatRuns(String cache, String kernel) {
    Path out = folder.resolve(cache);
    Ended ended =
        execute(
            "parity",
            "../../src/dist/demo/base-q4_k_m.gguf",
            "--cache",
            cache,
            "--kernel-abi",
            "attention",
            "--out",
            out.toString());

    assertThat(ended.code()).isEqualTo(ExitCode.SAME.code());
    assertThat(out).content().contains(" " + kernel + ": ");
  }

  /** Examples and exit codes are laid out by hand. */
  @Test
  void whatFollowsTheOptionsFitsTheHelp() {
    assertThat(Wmark.commandLine().getSubcommands().values())
        .flatExtracting(command -> List.of(command.getCommandSpec().usageMessage().footer()))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.codePointCount(0, line.length())).isLessThan(81));
  }

  /** The message helps: it lists what there is. */
  @Test
  void anUnknownLimitNamesTheOthers() {
    assertThat(execute("diff", "a", "b", "--limit", "tensor=5").error())
        .contains("tensor", "header-bytes", "json-depth");
  }

  @Test
  void theLastValueOfALimitCounts() {
    CommandLine line = Wmark.commandLine();
    CommandLine.ParseResult parsed =
        line.parseArgs("diff", "a", "b", "--limit", "tensors=7", "--limit", "parts=3");
    DiffCommand diff = (DiffCommand) parsed.subcommand().commandSpec().userObject();

    assertThat(diff.limit.limits().tensors()).isEqualTo(7);
    assertThat(diff.limit.limits().parts()).isEqualTo(3);
  }

  @Test
  void sortIgnoresCase() {
    Ended ended = execute("diff", folder.resolve("a").toString(), "b", "--sort", "cosine");

    assertThat(ended.code()).isEqualTo(ExitCode.COULD_NOT_COMPARE.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:", ""})
  void aDeviceThatDoesNotExistIsAMistakeOfUsage(String device) {
    Ended ended = execute("diff", "a", "b", "--device", device);

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE.code());
    assertThat(ended.error()).contains("--device").contains("none of cpu, cuda, cuda:N, emulated");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:1", "emulated"})
  void aDeviceThatCannotRunIsRefusedWithTheReason(String device) {
    Ended ended = execute("diff", "a", "b", "--device", device);

    assertThat(ended.code()).isEqualTo(ExitCode.COULD_NOT_COMPARE.code());
    assertThat(ended.error()).startsWith("wmark: device " + device).contains("--device cpu");
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("missing.gguf");

    Ended ended = execute("diff", missing.toString(), missing.toString());

    assertThat(ended.code()).isEqualTo(ExitCode.COULD_NOT_COMPARE.code());
    assertThat(ended.error()).contains(missing.toString()).hasLineCount(1);
  }

  @Test
  void whereTheResultGoesIsCheckedBeforeTheWork() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    assertThat(execute("diff", "a", "b", "--out", folder.toString()).error()).contains("folder");
    assertThat(execute("diff", "a", "b", "--out", file.resolve("x").toString()).error())
        .contains("there is no folder " + file);
    assertThat(execute("diff", "a", "b", "--out", "/").code())
        .isEqualTo(ExitCode.COULD_NOT_COMPARE.code());
  }

  @Test
  void theJournalIsNoResult() throws Exception {
    Path journal = folder.resolve("journal");
    Path around = folder.resolve(".").resolve("journal");
    for (String created : new String[] {"absent", "present"}) {
      Ended ended =
          execute("diff", "a", "b", "--resume", journal.toString(), "--out", around.toString());

      assertThat(ended.code()).as(created).isEqualTo(ExitCode.USAGE.code());
      assertThat(ended.error()).as(created).contains("--resume", "--out", journal.toString());
      Files.writeString(journal, created);
    }
  }

  /** A name that the file system cannot hold is no defect of the program. */
  @Test
  void aPathThatIsNoneIsRefused() {
    Ended ended = execute("diff", "a\0b", "c");

    assertThat(ended.code()).isEqualTo(ExitCode.COULD_NOT_COMPARE.code());
    assertThat(ended.error()).startsWith("wmark: a\\u0000b: is no path");
  }

  @Test
  void messagesCannotControlTheTerminal() {
    assertThat(execute("diff", "a\u001b[2J", "b").error())
        .contains("a\\u001b[2J")
        .doesNotContain("\u001b");
  }

  @Test
  void everyCommandExplainsItself() {
    CommandLine line = Wmark.commandLine();
    assertThat(line.getSubcommands()).containsKeys("info", "diff", "demo", "limits", "help");
    line.getSubcommands()
        .forEach((name, command) ->
            assertThat(command.getCommandSpec().usageMessage().description())
                .as(name)
                .isNotEmpty());
  }
}
