package dev.witnessmark.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The packaged program, ready to be started through its launcher.
 *
 * @param launcher the script that is run
 * @param folder working directory
 * @param environment variables to set
 */
record Program(Path launcher, @Nullable Path folder, Map<String, String> environment) {

  /** The distribution that the build has just packaged. */
  static Program packaged() {
    return new Program(distribution().resolve("wmark"), null, Map.of());
  }

  /** The folder of the distribution. */
  static Path distribution() {
    return Path.of(System.getProperty("witnessmark.distribution")).toAbsolutePath().normalize();
  }

  /** One of the two models that ship with the program, {@code base} or {@code reasoning}. */
  static String demoModel(String name) {
    return distribution().resolve("demo").resolve(name + "-q4_k_m.gguf").toString();
  }

  /** A folder of golden files: {@code gguf}, {@code gguf-bad}, {@code safetensors} and so on. */
  static Path golden(String folder) {
    return Path.of(System.getProperty("witnessmark.golden")).toAbsolutePath().resolve(folder);
  }

  Program through(Path otherLauncher) {
    return new Program(otherLauncher, folder, environment);
  }

  /**
   * The same without the JDK's second compiler, for runs that end before it has paid for itself:
   * half of the processor time of {@code --help}. Results do not depend on compilers.
   */
  Program brief() {
    return with("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1");
  }

  Program in(Path otherFolder) {
    return new Program(launcher, otherFolder, environment);
  }

  Program with(String variable, String value) {
    Map<String, String> changed = new TreeMap<>(environment);
    changed.put(variable, value);
    return new Program(launcher, folder, changed);
  }

  /** Runs to the end. */
  Ended run(String... arguments) throws IOException, InterruptedException {
    return start(arguments).await();
  }

  /** Starts and returns at once. */
  Running start(String... arguments) throws IOException {
    return start(temporary(), temporary(), arguments);
  }

  /** Runs to the end with standard output going to {@code target}. */
  Ended runInto(Path target, String... arguments) throws IOException, InterruptedException {
    return start(target, temporary(), arguments).await();
  }

  private static Path temporary() throws IOException {
    Path file = Files.createTempFile("wmark", ".txt");
    file.toFile().deleteOnExit();
    return file;
  }

  private Running start(Path out, Path err, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    builder.environment().putAll(environment);
    return new Running(builder.start(), out, err, command);
  }
}
