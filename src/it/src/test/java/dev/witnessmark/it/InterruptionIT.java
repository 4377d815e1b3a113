package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Stopped in the middle of long work: nothing is lost with {@code --resume}, nothing is broken. */
@Isolated("A program is interrupted in the midst of its work.")
class InterruptionIT {

  private static final int TENSORS = 16;

  /** The signal 2 in the mask of ignored signals. */
  private static final int SIGINT_BIT = 1 << 1;

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  static Path folder;

  private final Program wmark = Program.packaged().in(folder);

  @BeforeAll
  static void write() throws IOException {
    LargeModels.write(folder.resolve("a.safetensors"), TENSORS, 1);
    LargeModels.write(folder.resolve("b.safetensors"), TENSORS, 2);
  }

  @Test
  void killedRunsEndWithTheBytesOfAnUninterruptedOne() throws Exception {
    String[] resumed = {
      "diff", "a.safetensors", "b.safetensors", "--json", "--resume", "diff.journal"
    };
    Path journal = folder.resolve("diff.journal");
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int killedAmidWork = 0;
    for (int kill = 0; kill < 3; kill++) {
      Running running = wmark.start(resumed);
      int enough = lines(journal) + 1 + random.nextInt(TENSORS / 5);
      while (running.process().isAlive() && lines(journal) < enough) {
        running.process().waitFor(2, TimeUnit.MILLISECONDS);
      }
      running.process().waitFor(random.nextInt(20), TimeUnit.MILLISECONDS);
      running.signal("KILL");
      int code = running.process().waitFor();
      assertThat(running.out()).isEmptyFile();
      killedAmidWork += code == 137 && lines(journal) > 1 && lines(journal) < TENSORS + 1 ? 1 : 0;
    }
    assertThat(killedAmidWork).as("runs killed amid work, seed %d", seed).isPositive();

    Ended finished = wmark.run(resumed);
    Ended whole = wmark.run("diff", "a.safetensors", "b.safetensors", "--json");

    assertThat(finished.exit()).as("seed %d", seed).isEqualTo(1);
    assertThat(finished.complaints()).isEmpty();
    assertThat(finished.resultOnly()).as("seed %d", seed).isEqualTo(whole.resultOnly());
    assertThat(whole.json().get("tensors").size()).isEqualTo(TENSORS);

    Ended again = wmark.run(resumed);
    assertThat(again.out()).isEqualTo(finished.out());
  }

  @Test
  void aJournalOfOtherInputsIsRefused() throws Exception {
    Path changed = Files.createTempDirectory(folder, "changed");
    new Models(1).file(changed.resolve("a.safetensors"), "F32");
    new Models(2).file(changed.resolve("b.safetensors"), "F32");
    String[] command = {"diff", "a.safetensors", "b.safetensors", "--resume", "journal", "--json"};
    Program there = Program.packaged().in(changed);

    assertThat(there.run(command).exit()).isEqualTo(1);
    new Models(3).file(changed.resolve("b.safetensors"), "F32");
    Ended refused = there.run(command);

    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.complaints()).contains("journal");
  }

  @Test
  void aFileThatIsNoJournalIsRefusedAndLeftAlone() throws Exception {
    Path notes = Files.writeString(folder.resolve("notes.txt"), "my notes\nmore notes\n");

    Ended refused =
        wmark.run("diff", "a.safetensors", "a.safetensors", "--resume", "notes.txt", "--json");
    Ended directory =
        wmark.run("diff", "a.safetensors", "a.safetensors", "--resume", folder.toString());

    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.complaints()).contains("notes.txt");
    assertThat(notes).hasContent("my notes\nmore notes\n");
    assertThat(directory.exit()).isEqualTo(3);
    assertThat(directory.complaints()).contains(folder.toString());
  }

  @Test
  void aJournalThatCannotGrowIsNamed() throws Exception {
    // As on a full disk: no file may become larger than a few kilobytes.
    Path launcher = folder.resolve("small-files");
    Files.writeString(
        launcher, "#!/bin/sh\nulimit -f 4\nexec '%s' \"$@\"\n".formatted(wmark.launcher()));
    assumeTrue(launcher.toFile().setExecutable(true));
    Path journal = folder.resolve("grown.journal");

    Ended ended =
        wmark
            .through(launcher)
            .run("diff", "a.safetensors", "b.safetensors", "--resume", journal.toString());

    assertThat(ended.exit()).isEqualTo(3);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.complaints()).contains(journal.toString()).hasLineCount(1);
  }

  @Test
  void controlCEndsWithCode130AndLeavesNothingBehind() throws Exception {
    assumeTrue(
        deliversInterrupts(),
        "this test was started with SIGINT ignored (a background job), and so would be the program");
    Path target = folder.resolve("interrupted.json");
    Path journal = folder.resolve("interrupted.journal");
    Running running =
        wmark.start(
            "diff",
            "a.safetensors",
            "b.safetensors",
            "--json",
            "--out",
            target.toString(),
            "--resume",
            journal.toString());
    while (running.process().isAlive() && lines(journal) < 2) {
      running.process().waitFor(2, TimeUnit.MILLISECONDS);
    }
    running.signal("INT");
    Ended ended = running.await();

    assertThat(ended.exit()).isEqualTo(130);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.complaints()).isEmpty();
    assertThat(target).doesNotExist();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".part"));
    }
    Ended resumed =
        wmark.run(
            "diff", "a.safetensors", "b.safetensors", "--json", "--resume", journal.toString());
    assertThat(resumed.exit()).isEqualTo(1);
    assertThat(resumed.json().get("tensors").size()).isEqualTo(TENSORS);
  }

  private static int lines(Path journal) throws IOException {
    return Files.exists(journal) ? Files.readAllLines(journal).size() : 0;
  }

  /** Whether SIGINT reaches what this test starts. */
  static boolean deliversInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return true;
    }
    List<String> ignored =
        Files.readAllLines(status).stream().filter(line -> line.startsWith("SigIgn:")).toList();
    return ignored.stream()
        .map(line -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).trim(), 16))
        .noneMatch(mask -> (mask & SIGINT_BIT) != 0);
  }
}
