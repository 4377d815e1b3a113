package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A started program.
 *
 * @param process the launcher, which becomes the Java process
 * @param out where standard output goes
 * @param err where standard error goes
 * @param command what was started
 */
record Running(Process process, Path out, Path err, List<String> command) {

  /** Far beyond what any of these runs takes, even on a busy machine. */
  private static final int PATIENCE_SECONDS = 300;

  /** Waits for the end. */
  Ended await() throws IOException, InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " did not end in " + PATIENCE_SECONDS + " s");
    }
    Ended ended =
        new Ended(
            process.exitValue(),
            Files.isRegularFile(out) ? Files.readString(out) : "",
            Files.readString(err));
    // Whatever happens, a user never sees a stack trace.
    assertThat(ended.out() + ended.err())
        .as("output of %s", command)
        .doesNotContain("Exception")
        .doesNotContain("\tat ");
    return ended;
  }

  /** Sends a signal such as {@code INT}. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }
}
