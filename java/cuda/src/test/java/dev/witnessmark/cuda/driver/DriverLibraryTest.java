package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why a driver is not loaded; no class of JCuda is touched here. */
class DriverLibraryTest {

  @TempDir Path folder;

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path file = folder.resolve("libcuda.so.1");

    assertThatThrownBy(() -> DriverLibrary.at(file))
        .isInstanceOf(DriverUnavailable.class)
        .hasMessageContaining("there is no file " + file);
  }

  @Test
  void withoutItsNativeCodeJCudaIsNotTouched() {
    String path = System.getProperty("java.library.path");
    System.setProperty("java.library.path", folder.toString());
    try {
      // Any library will do: it is not asked for anything.
      Path loadable = Path.of(System.getProperty("java.home"), "lib", "libjava.so");
      assertThatThrownBy(() -> DriverLibrary.at(loadable))
          .isInstanceOf(DriverUnavailable.class)
          .hasMessageContaining("libJCudaDriver")
          .hasMessageContaining(folder.toString());
    } finally {
      System.setProperty("java.library.path", path);
    }
  }

  @Test
  void theNativeCodeOfJCudaIsNotOnTheClassPath() {
    // From there JCuda would unpack it into the folder for temporary files, under a fixed name.
    assertThat(getClass().getResource("/lib/libJCudaDriver-12.6.0-linux-x86_64.so")).isNull();
  }
}
