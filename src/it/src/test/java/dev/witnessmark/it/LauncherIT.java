package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the program. */
class LauncherIT {

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  @Test
  void startsThroughSymbolicLinksFromAnywhere() throws Exception {
    Path first =
        Files.createSymbolicLink(folder.resolve("first"), Program.distribution().resolve("wmark"));
    Path second = Files.createSymbolicLink(folder.resolve("wmark"), first.getFileName());

    Ended demo = Program.packaged().through(second).in(folder).run("demo");

    assertThat(demo.exit()).isZero();
    assertThat(demo.out()).contains("exactly the six tensors");
    Files.delete(first);
  }

  @Test
  void runsFromAFolderWithAStrangeNameAndWritesNothingThere() throws Exception {
    Path home = folder.resolve("wit ness+märk 'n $HOME");
    copy(Program.distribution(), home);
    List<String> before = names(home);

    Ended demo = Program.packaged().through(home.resolve("wmark")).in(folder).run("demo");

    assertThat(demo.complaints()).isEmpty();
    assertThat(demo.exit()).isZero();
    assertThat(demo.out()).contains("exactly the six tensors");
    assertThat(names(home)).isEqualTo(before);
  }

  @Test
  void runsWithTheJavaThatItIsTold() throws Exception {
    String home = System.getProperty("java.home");

    Ended version = Program.packaged().with("WMARK_JAVA_HOME", home).run("--version");
    Ended wrong = Program.packaged().with("WMARK_JAVA_HOME", folder.toString()).run("--version");

    assertThat(version.exit()).isZero();
    assertThat(version.out()).contains("Java " + Runtime.version());
    assertThat(wrong.exit()).isEqualTo(3);
    assertThat(wrong.out()).isEmpty();
    assertThat(wrong.err().lines()).hasSize(1);
    assertThat(wrong.err()).startsWith("wmark: ").contains("WMARK_JAVA_HOME", folder.toString());
  }

  /** Where no JDK can be found, in a mount namespace in which the usual places are empty. */
  @Test
  void saysInOneSentenceThatThereIsNoJdk() throws Exception {
    Path programs = Files.createDirectory(folder.resolve("programs"));
    for (String name : new String[] {"bash", "dirname", "readlink", "sed", "find", "env"}) {
      Path wrapper = programs.resolve(name);
      Files.writeString(wrapper, "#!/bin/sh\nexec %s \"$@\"\n".formatted(which(name)));
      assertThat(wrapper.toFile().setExecutable(true)).isTrue();
    }
    String launcher = Program.distribution().resolve("wmark").toString();
    assumeTrue(
        !launcher.startsWith("/opt/") && !launcher.startsWith("/usr/lib/jvm/"),
        "the checkout lies where JDKs are looked for");
    Path script =
        Files.writeString(
            folder.resolve("without-jdk"),
            """
            #!/bin/bash
            for place in /usr/lib/jvm /opt; do
              [ ! -d $place ] || mount -t tmpfs none $place || exit 77
            done
            exec /usr/bin/env -i PATH='%s' HOME='%s' '%s' demo
            """
                .formatted(programs, folder, launcher));
    Process process =
        new ProcessBuilder(
                "unshare", "--user", "--map-root-user", "--mount", "bash", script.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assumeTrue(
        process.exitValue() != 77 && !said.startsWith("unshare:"),
        "this system allows no mount namespaces: " + said);

    assertThat(process.exitValue()).isEqualTo(3);
    assertThat(said.lines()).hasSize(1);
    assertThat(said).startsWith("wmark: ").contains("JDK 25", "WMARK_JAVA_HOME");
  }

  private static Path which(String program) {
    return Stream.of("/usr/bin", "/bin")
        .map(place -> Path.of(place, program))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private static List<String> names(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      return files.map(Path::toString).sorted().toList();
    }
  }
}
