package dev.witnessmark.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The width is decided once per process, so every choice gets a process of its own. */
class VectorWidthTest {

  /** Prints what the process decided and which decoder it has. */
  static final class Report {
    private Report() {}

    public static void main(String[] arguments) {
      System.out.println(VectorWidth.bits());
      System.out.println(VectorWidth.reason());
      System.out.println(Decoders.best(TensorType.Q4_K).implementation());
    }
  }

  @Test
  void withoutTheModuleOnlyScalarCodeRuns() throws Exception {
    List<String> report = report();
    assertThat(report).first().isEqualTo("0");
    assertThat(report.get(1)).contains("jdk.incubator.vector");
    assertThat(report).last().isEqualTo("scalar");
  }

  @Test
  void thePropertyWins() throws Exception {
    String module = "--add-modules=jdk.incubator.vector";
    assertThat(report(module, "-Dwitnessmark.vectorBits=128"))
        .startsWith("128")
        .endsWith("vector-128");
    assertThat(report(module, "-Dwitnessmark.vectorBits=0")).startsWith("0").endsWith("scalar");
  }

  @Test
  void whatIsNoWidthIsNamed() throws Exception {
    List<String> report =
        report("--add-modules=jdk.incubator.vector", "-Dwitnessmark.vectorBits=1024");
    assertThat(report.get(0)).isEqualTo(Integer.toString(VectorWidth.bits()));
    assertThat(report.get(1)).contains("witnessmark.vectorBits=1024");
  }

  private static List<String> report(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xshare:auto");
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Report.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return output.lines().toList();
  }
}
