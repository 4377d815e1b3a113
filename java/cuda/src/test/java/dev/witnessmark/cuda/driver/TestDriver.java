package dev.witnessmark.cuda.driver;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The driver that the tests run on, by the system property {@code witnessmark.cuda.library}: the
 * file of the emulated one, or {@code installed} for that of this machine.
 */
final class TestDriver {

  private static final String LIBRARY = "witnessmark.cuda.library";

  private TestDriver() {}

  static boolean isEmulated() {
    return !"installed".equals(System.getProperty(LIBRARY));
  }

  static DriverLibrary library() {
    try {
      return isEmulated()
          ? DriverLibrary.at(Path.of(System.getProperty(LIBRARY)))
          : DriverLibrary.installed();
    } catch (DriverUnavailable unavailable) {
      // Asked for: no reason to skip.
      throw new AssertionError(unavailable);
    }
  }

  static Context open() {
    return open(0);
  }

  static Context open(int ordinal) {
    try {
      return Context.open(library().device(ordinal));
    } catch (DriverUnavailable unavailable) {
      throw new AssertionError(unavailable);
    }
  }

  /** The kernels of {@code src/test/cuda}, loaded. */
  static KernelModule kernels(Context context) {
    return context.load("driver", MemorySegment.ofArray(TestKernels.image()));
  }

  /** Changes a setting of the emulated device; skips the test on a real one. */
  static void configure(String setting, String value) {
    assumeTrue(isEmulated(), "only the emulated device can be told to fail");
    MethodHandle configure =
        library()
            .entryPoint(
                "emucudaConfigure",
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS))
            .orElseThrow();
    try (Arena arena = Arena.ofConfined()) {
      int status =
          (int) configure.invokeExact(arena.allocateFrom(setting), arena.allocateFrom(value));
      if (status != 0) {
        throw new AssertionError(setting + "=" + value + ": status " + status);
      }
    } catch (Throwable failure) {
      throw new AssertionError(failure);
    }
  }
}
