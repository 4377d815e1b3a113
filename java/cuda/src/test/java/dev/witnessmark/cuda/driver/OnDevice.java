package dev.witnessmark.cuda.driver;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** A test with a context, a stream and the kernels of {@code src/test/cuda}. */
@Tag("device")
abstract class OnDevice {

  static final int COUNT = 1000;
  static final long BYTES = 4L * COUNT;

  private Context context;
  private Stream stream;
  private KernelModule kernels;

  @BeforeEach
  void openContext() {
    context = TestDriver.open();
    stream = context.stream();
    kernels = TestDriver.kernels(context);
  }

  @AfterEach
  void closeContext() {
    context.close();
  }

  Context context() {
    return context;
  }

  Stream stream() {
    return stream;
  }

  KernelModule kernels() {
    return kernels;
  }

  /** One thread for each of {@link #COUNT} floats. */
  Launch affine() {
    return new Launch(kernels.kernel("affine"), "affine of 1000", Extent.of(4), Extent.of(256), 0);
  }

  static Arguments affine(DeviceMemory source, DeviceMemory target, float factor, long addend) {
    return new Arguments().add(source).add(target).add(COUNT).add(factor).add(addend);
  }
}
