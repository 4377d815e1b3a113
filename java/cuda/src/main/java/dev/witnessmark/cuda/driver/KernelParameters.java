package dev.witnessmark.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jcuda.driver.CUresult;

/**
 * How many parameters a kernel has and how long each is. The driver knows from CUDA 12.4 on ({@code
 * cuFuncGetParamInfo}, which JCuda does not); with an older one nothing is compared.
 *
 * @param sizes in bytes, in order; empty if the driver does not tell
 */
record KernelParameters(Optional<List<Long>> sizes) {

  /**
   * {@code CUresult cuFuncGetParamInfo(CUfunction, size_t index, size_t *offset, size_t *size)}.
   */
  private static final FunctionDescriptor GET_PARAM_INFO =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS);

  /** Reads the parameters of the function with handle {@code function}. */
  static KernelParameters read(DriverLibrary library, long function) {
    return new KernelParameters(
        library
            .entryPoint("cuFuncGetParamInfo", GET_PARAM_INFO)
            .map(entry -> read(entry, function)));
  }

  private static List<Long> read(MethodHandle entry, long function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offset = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      List<Long> sizes = new ArrayList<>();
      // An index behind the last parameter is an invalid value: that is how one learns the count.
      while (call(entry, function, sizes.size(), offset, size) == CUresult.CUDA_SUCCESS) {
        sizes.add(size.get(ValueLayout.JAVA_LONG, 0));
      }
      return List.copyOf(sizes);
    }
  }

  private static int call(
      MethodHandle entry, long function, long index, MemorySegment offset, MemorySegment size) {
    try {
      return (int) entry.invokeExact(function, index, offset, size);
    } catch (Throwable impossible) {
      throw new AssertionError("a downcall throws nothing", impossible);
    }
  }

  /** Refuses arguments that the driver would read past the end of, or mistake for others. */
  void require(String kernel, Arguments arguments) {
    if (sizes.isEmpty()) {
      return;
    }
    List<Long> expected = sizes.get();
    if (arguments.count() != expected.size()) {
      throw new IllegalArgumentException(
          "kernel %s takes %d arguments, %d were given"
              .formatted(kernel, expected.size(), arguments.count()));
    }
    for (int i = 0; i < expected.size(); i++) {
      if (arguments.size(i) != expected.get(i)) {
        throw new IllegalArgumentException(
            "argument %d of kernel %s is %d bytes long, %d were given"
                .formatted(i, kernel, expected.get(i), arguments.size(i)));
      }
    }
  }
}
