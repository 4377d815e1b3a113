package dev.witnessmark.cuda.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** Compiled kernels that are loaded on a device. */
public final class KernelModule extends StreamUsed {

  private final String name;
  private final CUmodule handle;

  private KernelModule(Context context, String name, CUmodule handle) {
    super(context);
    this.name = name;
    this.handle = handle;
  }

  static KernelModule create(Context context, String name, MemorySegment image) {
    CUmodule handle = new CUmodule();
    try (Arena arena = Arena.ofConfined()) {
      // A copy that nobody can end meanwhile, aligned as images are.
      MemorySegment copy = arena.allocate(image.byteSize(), Long.BYTES).copyFrom(image);
      context.check(
          "cuModuleLoadDataEx",
          JCudaDriver.cuModuleLoadDataEx(
              handle, new HostPointer(copy), 0, new int[0], Pointer.to(new int[0])),
          "module " + name);
    }
    return new KernelModule(context, name, handle);
  }

  /** What messages call this module. */
  public String name() {
    return name;
  }

  /**
   * The kernel {@code name}, as {@code extern "C"} names it.
   *
   * @throws DriverException if there is none
   */
  public Kernel kernel(String name) {
    requireOpen();
    context().enter("cuModuleGetFunction");
    return Kernel.find(this, name);
  }

  CUmodule handle() {
    return handle;
  }

  @Override
  void free() {
    context().checkUnlessLost("cuModuleUnload", JCudaDriver.cuModuleUnload(handle), this);
  }

  @Override
  public String toString() {
    return "module %s on cuda:%d".formatted(name, context().device().ordinal());
  }
}
