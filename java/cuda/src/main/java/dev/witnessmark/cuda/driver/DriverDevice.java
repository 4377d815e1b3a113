package dev.witnessmark.cuda.driver;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUuuid;
import jcuda.driver.JCudaDriver;

/** One device as the driver lists it. */
public final class DriverDevice {

  private static final int LONGEST_NAME = 256;

  private final DriverLibrary library;
  private final int ordinal;
  private final CUdevice handle;
  private final String name;
  private final String uuid;
  private final ComputeCapability capability;
  private final long memoryBytes;

  private DriverDevice(DriverLibrary library, int ordinal) {
    this.library = library;
    this.ordinal = ordinal;
    this.handle = new CUdevice();
    library.check("cuDeviceGet", JCudaDriver.cuDeviceGet(handle, ordinal), "cuda:" + ordinal);
    this.name = readName();
    this.uuid = readUuid();
    this.capability =
        new ComputeCapability(
            read(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            read(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
    long[] bytes = new long[1];
    library.check(
        "cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(bytes, handle), "cuda:" + ordinal);
    this.memoryBytes = bytes[0];
  }

  static DriverDevice read(DriverLibrary library, int ordinal) {
    return new DriverDevice(library, ordinal);
  }

  private String readName() {
    byte[] text = new byte[LONGEST_NAME];
    library.check(
        "cuDeviceGetName",
        JCudaDriver.cuDeviceGetName(text, text.length, handle),
        "cuda:" + ordinal);
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }

  private String readUuid() {
    CUuuid read = new CUuuid();
    library.check("cuDeviceGetUuid", JCudaDriver.cuDeviceGetUuid(read, handle), "cuda:" + ordinal);
    StringBuilder text = new StringBuilder("GPU");
    for (int i = 0; i < read.bytes.length; i++) {
      // Groups of 8, 4, 4, 4 and 12 digits, as nvidia-smi prints them.
      text.append(i == 0 || i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "");
      text.append("%02x".formatted(read.bytes[i]));
    }
    return text.toString();
  }

  private int read(int attribute) {
    int[] value = new int[1];
    library.check(
        "cuDeviceGetAttribute",
        JCudaDriver.cuDeviceGetAttribute(value, attribute, handle),
        "attribute %d of cuda:%d".formatted(attribute, ordinal));
    return value[0];
  }

  /** The driver that lists this device. */
  public DriverLibrary library() {
    return library;
  }

  /** Position in the driver's list, from 0. */
  public int ordinal() {
    return ordinal;
  }

  /** For example {@code NVIDIA H200}. */
  public String name() {
    return name;
  }

  /** Identity of the device across machines and orders, as {@code nvidia-smi -L} prints it. */
  public String uuid() {
    return uuid;
  }

  public ComputeCapability capability() {
    return capability;
  }

  /** Global memory in bytes. */
  public long memoryBytes() {
    return memoryBytes;
  }

  public int attribute(DeviceAttribute attribute) {
    return read(attribute.number());
  }

  CUdevice handle() {
    return handle;
  }

  /** For example {@code cuda:0 (NVIDIA H200, sm_90, CUDA 13.0)}. */
  @Override
  public String toString() {
    return "cuda:%d (%s, %s, %s)".formatted(ordinal, name, capability, library.version());
  }
}
