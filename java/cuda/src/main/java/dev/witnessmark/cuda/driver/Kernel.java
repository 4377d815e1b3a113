package dev.witnessmark.cuda.driver;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** A {@code __global__} function of a module. */
public final class Kernel {

  /** More dynamic shared memory than this has to be asked for. */
  private static final int USUAL_SHARED_BYTES = 48 << 10;

  private static final class Handle extends CUfunction {
    long address() {
      return getNativePointer();
    }
  }

  private final KernelModule module;
  private final String name;
  private final Handle handle;
  private final KernelParameters parameters;
  private int allowedSharedBytes = USUAL_SHARED_BYTES;

  private Kernel(KernelModule module, String name, Handle handle, KernelParameters parameters) {
    this.module = module;
    this.name = name;
    this.handle = handle;
    this.parameters = parameters;
  }

  static Kernel find(KernelModule module, String name) {
    Handle handle = new Handle();
    module
        .context()
        .check(
            "cuModuleGetFunction",
            JCudaDriver.cuModuleGetFunction(handle, module.handle(), name),
            "kernel %s of %s".formatted(name, module));
    DriverLibrary library = module.context().device().library();
    return new Kernel(module, name, handle, KernelParameters.read(library, handle.address()));
  }

  public String name() {
    return name;
  }

  public KernelModule module() {
    return module;
  }

  public KernelAttributes attributes() {
    module.requireOpen();
    module.context().enter("cuFuncGetAttribute");
    return new KernelAttributes(
        read(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS),
        read(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES),
        read(CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES),
        read(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
  }

  private int read(int attribute) {
    int[] value = new int[1];
    module
        .context()
        .check(
            "cuFuncGetAttribute",
            JCudaDriver.cuFuncGetAttribute(value, attribute, handle),
            "attribute %d of kernel %s".formatted(attribute, name));
    return value[0];
  }

  /** Before a launch: the arguments are what the kernel takes. */
  void requireAccepts(Arguments arguments) {
    parameters.require(name, arguments);
  }

  /** Before a launch, with the context current: asks for unusually much shared memory. */
  synchronized void allowSharedBytes(int bytes) {
    if (bytes > allowedSharedBytes) {
      module
          .context()
          .check(
              "cuFuncSetAttribute",
              JCudaDriver.cuFuncSetAttribute(
                  handle,
                  CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                  bytes),
              "kernel %s with %d bytes of shared memory".formatted(name, bytes));
      allowedSharedBytes = bytes;
    }
  }

  CUfunction handle() {
    return handle;
  }

  @Override
  public String toString() {
    return "kernel %s of %s".formatted(name, module);
  }
}
