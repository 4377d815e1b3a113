package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DriverException;
import dev.witnessmark.cuda.driver.Kernel;
import dev.witnessmark.cuda.driver.KernelModule;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import jcuda.driver.CUresult;

/** The kernels of a device, by name; modules are loaded when first asked for, by any thread. */
final class KernelTable {

  private final Context context;
  private final KernelImages images;
  private final Map<String, Optional<KernelModule>> modules = new HashMap<>();
  private final Map<String, Optional<Kernel>> kernels = new HashMap<>();

  KernelTable(Context context, KernelImages images) {
    this.context = context;
    this.images = images;
  }

  KernelImages images() {
    return images;
  }

  /** The kernel {@code name} of {@code cuda/FILE.cu}; empty if there is none. */
  synchronized Optional<Kernel> find(String file, String name) {
    return kernels.computeIfAbsent(name, absent -> load(file, absent));
  }

  private Optional<Kernel> load(String file, String name) {
    return modules.computeIfAbsent(file, this::load).flatMap(module -> find(module, name));
  }

  private Optional<KernelModule> load(String file) {
    return images.find(file).map(image -> context.load(file, MemorySegment.ofArray(image)));
  }

  private static Optional<Kernel> find(KernelModule module, String name) {
    try {
      return Optional.of(module.kernel(name));
    } catch (DriverException failure) {
      if (failure.status() == CUresult.CUDA_ERROR_NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }
}
