package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.Context;
import dev.witnessmark.cuda.driver.DriverException;
import dev.witnessmark.cuda.driver.Kernel;
import dev.witnessmark.cuda.driver.KernelModule;
import dev.witnessmark.kernels.operation.Family;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import jcuda.driver.CUresult;

/** The kernels of a device, by name; modules are loaded when first asked for, by any thread. */
final class KernelTable {

  private final Context context;
  private final KernelImages images;
  private final Map<Family, Optional<KernelModule>> modules = new EnumMap<>(Family.class);
  private final Map<String, Optional<Kernel>> kernels = new HashMap<>();

  KernelTable(Context context, KernelImages images) {
    this.context = context;
    this.images = images;
  }

  KernelImages images() {
    return images;
  }

  /** The kernel {@code name} of {@code family}; empty if there is none. */
  synchronized Optional<Kernel> find(Family family, String name) {
    return kernels.computeIfAbsent(name, absent -> load(family, absent));
  }

  private Optional<Kernel> load(Family family, String name) {
    return modules.computeIfAbsent(family, this::load).flatMap(module -> find(module, name));
  }

  private Optional<KernelModule> load(Family family) {
    return images
        .find(family)
        .map(image -> context.load(family.id(), MemorySegment.ofArray(image)));
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
