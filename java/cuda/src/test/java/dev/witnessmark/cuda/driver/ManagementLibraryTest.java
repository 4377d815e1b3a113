package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.witnessmark.cuda.Compiled;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("device")
class ManagementLibraryTest {

  private final DriverDevice device = TestDriver.library().devices().getFirst();

  @Test
  void readsTheClockAndWhetherSomethingHoldsItBack(@TempDir Path folder) {
    assumeTrue(TestDriver.isEmulated(), "a GPU has its own library");
    Path library = folder.resolve("nvml.so");
    Compiled.library("nvml.c", library);
    ManagementLibrary management = ManagementLibrary.open(library.toString(), device).orElseThrow();

    assertThat(management.read()).contains(new ManagementLibrary.Reading(1500, false));
    assertThat(management.read()).contains(new ManagementLibrary.Reading(1400, true));
    assertThat(management.read()).isEmpty();
  }

  @Test
  void whatIsNotThereTellsNothing() {
    assertThat(ManagementLibrary.open("libabsent.so.1", device)).isEmpty();
  }
}
