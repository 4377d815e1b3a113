package dev.witnessmark.cuda.driver;

import jcuda.driver.CUdeviceptr;

/** A device address whose number can be read. */
final class DevicePointer extends CUdeviceptr {

  DevicePointer() {}

  private DevicePointer(DevicePointer base, long offset) {
    super(base, offset);
  }

  DevicePointer plus(long offset) {
    return new DevicePointer(this, offset);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
