package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results are written whole or not at all, and a failure to write is never a pass. */
class OutIT {

  private static final String BASE = Program.demoModel("base");

  private final Program wmark = Program.packaged().brief();

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  @Test
  void writesWhatStandardOutputWouldHaveGot() throws Exception {
    Path target = folder.resolve("result.json");
    Files.writeString(target, "an older result");

    Ended written = wmark.in(folder).run("diff", BASE, BASE, "--json", "--out", "result.json");
    Ended printed = wmark.run("diff", BASE, BASE, "--json");

    assertThat(written.exit()).isZero();
    assertThat(written.out()).isEmpty();
    assertThat(written.complaints()).isEmpty();
    assertThat(new Ended(0, Files.readString(target), "").resultOnly())
        .isEqualTo(printed.resultOnly());
    assertThat(names()).containsExactly("result.json");
  }

  @Test
  void replacesNothingWithoutAResult() throws Exception {
    Path target = Files.writeString(folder.resolve("result.json"), "an older result");

    Ended refused = wmark.run("diff", BASE, "/no/such/file", "--json", "--out", target.toString());

    assertThat(refused.exit()).isEqualTo(3);
    assertThat(target).hasContent("an older result");
    assertThat(names()).containsExactly("result.json");
  }

  @Test
  void refusesAFolderAsTarget() throws Exception {
    Ended existing = wmark.run("diff", BASE, BASE, "--out", folder.toString());
    Ended root = wmark.run("diff", BASE, BASE, "--out", "/");

    assertThat(existing.exit()).isEqualTo(3);
    assertThat(existing.complaints()).contains(folder.toString()).contains("folder");
    assertThat(root.exit()).isEqualTo(3);
    assertThat(names()).isEmpty();
  }

  @Test
  void refusesAFolderThatIsNotThere() throws Exception {
    Path missing = folder.resolve("missing");
    Path target = missing.resolve("result.txt");

    Ended ended = wmark.run("diff", BASE, BASE, "--out", target.toString());

    assertThat(ended.exit()).isEqualTo(3);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.complaints()).contains(missing.toString());
    assertThat(missing).doesNotExist();
  }

  @Test
  void refusesAFolderThatCannotBeWritten() throws Exception {
    // Not even root can create files there.
    Path proc = Path.of("/proc/self");
    assumeTrue(Files.isDirectory(proc), "there is no /proc on this system");

    Ended ended = wmark.run("diff", BASE, BASE, "--out", "/proc/self/result.txt");

    assertThat(ended.exit()).isEqualTo(3);
    assertThat(ended.complaints()).contains("/proc/self");
  }

  @Test
  void aFullDiskUnderStandardOutputIsAFailure() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full on this system");

    Ended diff = wmark.runInto(full, "diff", BASE, BASE);
    Ended info = wmark.runInto(full, "info", BASE);

    assertThat(diff.exit()).isEqualTo(3);
    assertThat(diff.complaints()).contains("standard output");
    assertThat(info.exit()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--version",
        "help diff",
        "diff --help",
        "generate-completion",
        "limits"
      })
  void helpThatDoesNotArriveIsAFailureToo(String line) throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full on this system");

    Ended ended = wmark.runInto(full, line.split(" "));

    assertThat(ended.exit()).isEqualTo(3);
    assertThat(ended.complaints()).contains("standard output").hasLineCount(1);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
