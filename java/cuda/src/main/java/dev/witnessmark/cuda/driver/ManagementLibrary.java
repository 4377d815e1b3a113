package dev.witnessmark.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * NVIDIA's management library (NVML), which comes with the driver, as far as it tells how fast a
 * device is running. Whatever it cannot tell is empty: a measurement without it is still one.
 */
public final class ManagementLibrary {

  /** {@code NVML_CLOCK_SM}. */
  private static final int MULTIPROCESSOR_CLOCK = 1;

  /**
   * {@code nvmlClocksThrottleReason...}: power cap, slowdown by hardware, for heat by software and
   * hardware, and by the power supply. Idleness and clocks that were asked for are no throttling.
   */
  private static final long THROTTLING = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;

  /**
   * A reading.
   *
   * @param megahertz clock of the multiprocessors
   * @param throttled whether heat or power holds it back
   */
  public record Reading(int megahertz, boolean throttled) {}

  private final MethodHandle clock;
  private final MethodHandle throttling;
  private final MemorySegment device;
  private final MemorySegment number;

  private ManagementLibrary(SymbolLookup library, MemorySegment device, Arena arena) {
    clock =
        call(
            library,
            "nvmlDeviceGetClockInfo",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    throttling =
        call(
            library,
            "nvmlDeviceGetCurrentClocksThrottleReasons",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    this.device = device;
    this.number = arena.allocate(JAVA_LONG);
  }

  /** What the library {@code soname}, {@code libnvidia-ml.so.1}, tells of {@code device}. */
  @SuppressWarnings("restricted") // The types are those of nvml.h.
  public static Optional<ManagementLibrary> open(String soname, DriverDevice device) {
    Arena arena = Arena.ofAuto();
    try {
      SymbolLookup library = SymbolLookup.libraryLookup(soname, Arena.global());
      MethodHandle initialise = call(library, "nvmlInit_v2", FunctionDescriptor.of(JAVA_INT));
      MethodHandle find =
          call(
              library,
              "nvmlDeviceGetHandleByUUID",
              FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
      MemorySegment uuid = arena.allocateFrom(device.uuid());
      MemorySegment handle = arena.allocate(ADDRESS);
      if (status(() -> (int) initialise.invokeExact()) != 0
          || status(() -> (int) find.invokeExact(uuid, handle)) != 0) {
        return Optional.empty();
      }
      return Optional.of(new ManagementLibrary(library, handle.get(ADDRESS, 0), arena));
    } catch (IllegalArgumentException | NoSuchElementException absent) {
      return Optional.empty();
    }
  }

  /** How fast the device is running now. */
  public Optional<Reading> read() {
    if (status(() -> (int) clock.invokeExact(device, MULTIPROCESSOR_CLOCK, number)) != 0) {
      return Optional.empty();
    }
    int megahertz = number.get(JAVA_INT, 0);
    if (status(() -> (int) throttling.invokeExact(device, number)) != 0) {
      return Optional.empty();
    }
    return Optional.of(new Reading(megahertz, (number.get(JAVA_LONG, 0) & THROTTLING) != 0));
  }

  @SuppressWarnings("restricted") // The types are those of nvml.h.
  private static MethodHandle call(SymbolLookup library, String symbol, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(symbol), type);
  }

  @FunctionalInterface
  private interface Downcall {
    int invoke() throws Throwable;
  }

  private static int status(Downcall call) {
    try {
      return call.invoke();
    } catch (Throwable impossible) {
      throw new AssertionError("a downcall throws nothing", impossible);
    }
  }
}
