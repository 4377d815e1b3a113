package dev.witnessmark.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The driver's library, loaded and initialised. A process has one: JCuda's native code asks the
 * loader for {@code libcuda.so.1} and keeps what it is given, so the library is loaded before the
 * first class of JCuda and a second one is refused.
 *
 * <p>JCuda's own native code must lie in a folder of {@code java.library.path}. Without that, JCuda
 * would unpack it into the folder for temporary files under a name that anyone can take first.
 */
public final class DriverLibrary {

  private static final String SONAME = "libcuda.so.1";

  /** What JCuda's native code was bound to; a fact of the process, not of an object. */
  private static final AtomicReference<@Nullable String> BOUND = new AtomicReference<>();

  private final String name;
  private final SymbolLookup symbols;
  private final DriverVersion version;

  private DriverLibrary(String name, SymbolLookup symbols, DriverVersion version) {
    this.name = name;
    this.symbols = symbols;
    this.version = version;
  }

  /** The driver that is installed on this machine, wherever the loader finds it. */
  @SuppressWarnings("restricted") // Loading a driver is what this class is for.
  public static DriverLibrary installed() throws DriverUnavailable {
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(SONAME, Arena.global());
    } catch (IllegalArgumentException notFound) {
      throw new DriverUnavailable(
          SONAME + " was not found: this machine has no NVIDIA driver, or it is not visible here",
          notFound);
    }
    return open(SONAME, symbols);
  }

  /** A driver in a file, for example one that emulates a device. */
  @SuppressWarnings("restricted") // Loading a driver is what this class is for.
  public static DriverLibrary at(Path file) throws DriverUnavailable {
    if (!Files.isRegularFile(file)) {
      throw new DriverUnavailable("there is no file " + file);
    }
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException notLoaded) {
      throw new DriverUnavailable(
          "%s could not be loaded: %s".formatted(file, notLoaded.getMessage()), notLoaded);
    }
    return open(file.toString(), symbols);
  }

  private static DriverLibrary open(String name, SymbolLookup symbols) throws DriverUnavailable {
    requireNativeCode();
    String bound = BOUND.compareAndExchange(null, name);
    if (bound != null && !bound.equals(name)) {
      throw new DriverUnavailable(
          "this process already uses %s and cannot use %s beside it".formatted(bound, name));
    }
    int[] version = new int[1];
    try {
      require(name, "cuInit", JCudaDriver.cuInit(0));
      require(name, "cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
    } catch (LinkageError unusable) {
      throw new DriverUnavailable(
          "JCuda cannot use %s: %s".formatted(name, unusable.getMessage()), unusable);
    }
    return new DriverLibrary(name, symbols, new DriverVersion(version[0]));
  }

  private static void require(String name, String call, int status) throws DriverUnavailable {
    if (status != CUresult.CUDA_SUCCESS) {
      throw new DriverUnavailable(
          "%s: %s returned %s".formatted(name, call, DriverException.text(status)));
    }
  }

  private static void requireNativeCode() throws DriverUnavailable {
    String path = System.getProperty("java.library.path", "");
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (!folder.isEmpty() && holdsNativeCode(Path.of(folder))) {
        return;
      }
    }
    throw new DriverUnavailable(
        "JCuda's native code (libJCudaDriver) is in no folder of java.library.path, which is "
            + (path.isEmpty() ? "empty" : path));
  }

  private static boolean holdsNativeCode(Path folder) throws DriverUnavailable {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(folder, "libJCudaDriver-*-linux-x86_64.so")) {
      return found.iterator().hasNext();
    } catch (IOException unreadable) {
      throw new DriverUnavailable(
          "the folder %s of java.library.path cannot be read: %s".formatted(folder, unreadable),
          unreadable);
    }
  }

  /** The library's SONAME or file. */
  public String name() {
    return name;
  }

  /** The newest version of CUDA that this driver supports. */
  public DriverVersion version() {
    return version;
  }

  /** All devices that this driver offers, by ordinal. */
  public List<DriverDevice> devices() {
    int count = deviceCount();
    List<DriverDevice> devices = new ArrayList<>();
    for (int ordinal = 0; ordinal < count; ordinal++) {
      devices.add(DriverDevice.read(this, ordinal));
    }
    return devices;
  }

  /**
   * The device with number {@code ordinal}.
   *
   * @throws DriverUnavailable if there are not so many
   */
  public DriverDevice device(int ordinal) throws DriverUnavailable {
    int count = deviceCount();
    if (ordinal < 0 || ordinal >= count) {
      throw new DriverUnavailable(
          "there is no device %d: %s offers %d".formatted(ordinal, name, count));
    }
    return DriverDevice.read(this, ordinal);
  }

  private int deviceCount() {
    int[] count = new int[1];
    check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(count), "devices");
    return count[0];
  }

  void check(String call, int status, Object subject) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw DriverException.of(call, status, subject, this);
    }
  }

  /** An entry point that JCuda does not know; empty if this driver is too old to have it. */
  @SuppressWarnings("restricted") // The callers take the type from the driver's header.
  Optional<MethodHandle> entryPoint(String symbol, FunctionDescriptor type) {
    return symbols.find(symbol).map(address -> Linker.nativeLinker().downcallHandle(address, type));
  }

  /** For example {@code libcuda.so.1 (CUDA 13.0)}. */
  @Override
  public String toString() {
    return name + " (" + version + ")";
  }
}
