package dev.witnessmark.cuda.driver;

import jcuda.driver.JCudaDriver;

/** One allocation of device memory, which {@link DeviceMemory} looks into. */
final class DeviceAllocation extends StreamUsed {

  private final DevicePointer pointer;
  private final long bytes;

  private DeviceAllocation(Context context, DevicePointer pointer, long bytes) {
    super(context);
    this.pointer = pointer;
    this.bytes = bytes;
  }

  static DeviceAllocation create(Context context, long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("cannot allocate %d bytes".formatted(bytes));
    }
    DevicePointer pointer = new DevicePointer();
    context.check("cuMemAlloc", JCudaDriver.cuMemAlloc(pointer, bytes), bytes + " bytes");
    return new DeviceAllocation(context, pointer, bytes);
  }

  long bytes() {
    return bytes;
  }

  DeviceMemory whole() {
    return new DeviceMemory(this, pointer, 0, bytes);
  }

  @Override
  void free() {
    context().checkUnlessLost("cuMemFree", JCudaDriver.cuMemFree(pointer), this);
  }

  @Override
  public String toString() {
    return "device memory of %d bytes on cuda:%d".formatted(bytes, context().device().ordinal());
  }
}
