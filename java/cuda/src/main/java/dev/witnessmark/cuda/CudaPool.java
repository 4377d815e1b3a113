package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.DriverException;
import dev.witnessmark.kernels.operation.OutOfDeviceMemoryException;
import dev.witnessmark.kernels.operation.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jcuda.driver.CUresult;
import org.jspecify.annotations.Nullable;

/** Device memory that is freed together. The driver aligns it to 256 bytes. */
final class CudaPool implements Pool<DeviceMemory> {

  private final Context context;
  private final List<DeviceMemory> allocated = new ArrayList<>();

  CudaPool(Context context) {
    this.context = context;
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    Objects.checkIndex(bytes, Long.MAX_VALUE);
    try {
      // The driver has no empty memory, but a kernel wants an address.
      DeviceMemory memory = context.allocate(Math.max(bytes, 1));
      allocated.add(memory);
      return memory.slice(0, bytes);
    } catch (DriverException failure) {
      if (failure.status() == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
        throw new OutOfDeviceMemoryException(
            "%s has not %d bytes of free memory".formatted(context.device(), bytes), failure);
      }
      throw failure;
    }
  }

  @Override
  public void close() {
    @Nullable DriverException first = null;
    for (DeviceMemory memory : allocated) {
      try {
        memory.close();
      } catch (DriverException failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    allocated.clear();
    if (first != null) {
      throw first;
    }
  }
}
