package dev.witnessmark.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Libraries that stand in for NVIDIA's, made of the C sources among the test's resources. */
public final class Compiled {

  private Compiled() {}

  /** Compiles {@code source} to {@code library}, linked with the emulated driver. */
  public static void library(String source, Path library) {
    Path copy = library.resolveSibling(source);
    try (InputStream code =
        Objects.requireNonNull(Compiled.class.getResourceAsStream("/libraries/" + source))) {
      Files.write(copy, code.readAllBytes());
      Process compiler =
          new ProcessBuilder(
                  "gcc",
                  "-shared",
                  "-fPIC",
                  "-o",
                  library.toString(),
                  copy.toString(),
                  "-L" + TestCudaDevice.folder(),
                  "-l:libcuda.so.1")
              .inheritIO()
              .start();
      assertThat(compiler.waitFor()).isZero();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
