package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The manual pages of the distribution say what the help says. */
class ManualIT {

  private static final Path MANUAL = Program.distribution().resolve("man");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--?[a-zA-Z][a-z-]*");
  private static final Pattern COMMAND = Pattern.compile("(?m)^  ([a-z][a-z-]*)  ");

  private final Program wmark = Program.packaged().brief();

  private List<String> commands() throws Exception {
    return COMMAND
        .matcher(wmark.run("--help").out())
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  private static String page(String name) throws IOException {
    return Files.readString(MANUAL.resolve("man1").resolve(name + ".1")).replace("\\-", "-");
  }

  @Test
  void everyCommandHasAPageThatNamesItsOptions() throws Exception {
    List<String> commands = commands();
    assertThat(commands).contains("info", "diff", "trace", "parity", "demo", "limits", "help");
    for (String command : commands) {
      String page = page("wmark-" + command);
      assertThat(page).contains(".SH NAME\nwmark-" + command + " - ");
      String help = wmark.run("help", command).out();
      assertThat(OPTION.matcher(help).results().map(MatchResult::group))
          .as(command)
          .isNotEmpty()
          .allSatisfy(option -> assertThat(page).contains(option));
    }
    assertThat(OPTION.matcher(page("wmark-diff")).results().map(MatchResult::group))
        .contains("--tensors", "--resume", "--expect", "--max-memory", "--limit", "--json", "-h");
    assertThat(OPTION.matcher(page("wmark-parity")).results().map(MatchResult::group))
        .contains("--modes", "--repeat", "--kernel", "--kernel-abi", "--junit", "--sarif");
  }

  @Test
  void theOverviewNamesEveryCommandAndNoPageIsStale() throws Exception {
    String overview = page("wmark");
    List<String> expected = new ArrayList<>(List.of("wmark.1"));
    for (String command : commands()) {
      assertThat(overview).contains("\\fB" + command + "\\fR", "\\fBwmark-" + command + "\\fR(1)");
      expected.add("wmark-" + command + ".1");
    }
    try (Stream<Path> pages = Files.list(MANUAL.resolve("man1"))) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void helpSaysHowToReadThem() throws Exception {
    assertThat(wmark.run("--help").out()).contains("man -M " + MANUAL + " wmark");
  }

  /** As {@code man} shows it, without a word of complaint from troff. */
  @Test
  void theyAreFormattedWithoutWarnings() throws Exception {
    assumeTrue(runs("groff", "--version"), "groff is not installed");
    try (Stream<Path> pages = Files.list(MANUAL.resolve("man1"))) {
      for (Path page : pages.toList()) {
        Process groff =
            new ProcessBuilder("groff", "-k", "-man", "-Tutf8", "-ww", "-b", page.toString())
                .redirectErrorStream(true)
                .start();
        String shown = new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(groff.waitFor()).isZero();
        assertThat(shown).doesNotContain("warning").contains("Witnessmark");
      }
    }
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException absent) {
      return false;
    }
  }
}
