package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.DriverUnavailable;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.conformance.Conformance;
import dev.witnessmark.kernels.conformance.Mismatch;
import dev.witnessmark.kernels.conformance.Pattern;
import dev.witnessmark.kernels.conformance.Trial;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.RmsNorm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * What a device has to get right before it is used, in less than a second: copies, one reduction
 * and one fused matrix product, to the bit. It finds a build without kernels, a driver that is too
 * old for them, and a device that computes differently.
 */
final class SelfCheck {

  private static final List<Operation> OPERATIONS =
      List.of(new RmsNorm(2, 4099, 1e-5f), new MatVecQ8(TensorType.Q4_K, 64, 2048, 1));

  private static final int COPIED = 100_003;

  private SelfCheck() {}

  /**
   * Checks {@code device}.
   *
   * @throws DriverUnavailable saying what it got wrong
   */
  static void require(CudaDevice device) throws DriverUnavailable {
    requireCopies(device);
    for (Operation operation : OPERATIONS) {
      if (!device.supports(operation, Arithmetic.CANONICAL)) {
        throw new DriverUnavailable(
            "%s: there is no kernel %s in %s; was this program built without nvcc?"
                .formatted(device, operation.kernelName(), device.images()));
      }
      Trial trial = new Trial(operation, Pattern.RANDOM);
      Optional<Mismatch> mismatch = Conformance.check(trial, device);
      if (mismatch.isPresent()) {
        throw new DriverUnavailable(
            "%s (%s) failed its self-check: %s differs from the scalar code: %s"
                .formatted(device, device.driverDevice(), trial, mismatch.get()));
      }
    }
  }

  private static void requireCopies(Device<DeviceMemory> device) throws DriverUnavailable {
    try (Arena arena = Arena.ofConfined();
        Pool<DeviceMemory> pool = device.pool()) {
      MemorySegment sent = arena.allocate(COPIED);
      for (long i = 0; i < COPIED; i++) {
        sent.set(ValueLayout.JAVA_BYTE, i, (byte) (31 * i + i / 251));
      }
      DeviceMemory first = pool.allocate(COPIED);
      DeviceMemory second = pool.allocate(COPIED);
      device.upload(sent, first);
      device.copy(first, second);
      MemorySegment received = arena.allocate(COPIED);
      device.download(second, received);
      long mismatch = sent.mismatch(received);
      if (mismatch >= 0) {
        throw new DriverUnavailable(
            "%s failed its self-check: byte %d of %d came back as %d, not as %d"
                .formatted(
                    device.name(),
                    mismatch,
                    COPIED,
                    received.get(ValueLayout.JAVA_BYTE, mismatch),
                    sent.get(ValueLayout.JAVA_BYTE, mismatch)));
      }
    }
  }
}
