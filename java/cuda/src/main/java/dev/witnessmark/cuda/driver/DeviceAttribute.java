package dev.witnessmark.cuda.driver;

import jcuda.driver.CUdevice_attribute;

/** What a device says of itself, by the number that the driver's header gives it. */
public enum DeviceAttribute {
  MULTIPROCESSORS(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
  THREADS_PER_BLOCK(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
  /** Bytes of shared memory that a block may use if its kernel asks for more than the usual. */
  SHARED_BYTES_PER_BLOCK(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
  L2_BYTES(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE),
  CLOCK_KILOHERTZ(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
  MEMORY_CLOCK_KILOHERTZ(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
  MEMORY_BUS_BITS(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH),
  COPY_ENGINES(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT);

  private final int number;

  DeviceAttribute(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
