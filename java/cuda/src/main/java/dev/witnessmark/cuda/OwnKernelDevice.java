package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.Kernel;
import dev.witnessmark.cuda.driver.KernelModule;
import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Device;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.kernels.operation.Pool;
import dev.witnessmark.kernels.operation.Replay;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A device on which one kernel is the user's own; all else is the device itself.
 *
 * @param kernelName of the operations that it runs, in canonical arithmetic
 * @param module closed with this, unlike the device
 */
record OwnKernelDevice(CudaDevice device, String kernelName, KernelModule module, Kernel kernel)
    implements Device<DeviceMemory> {

  private boolean isOwn(Operation operation, Arithmetic arithmetic) {
    return arithmetic == Arithmetic.CANONICAL && operation.kernelName().equals(kernelName);
  }

  @Override
  public boolean supports(Operation operation, Arithmetic arithmetic) {
    return isOwn(operation, arithmetic) || device.supports(operation, arithmetic);
  }

  @Override
  public void run(Operation operation, Arithmetic arithmetic, List<DeviceMemory> operands) {
    if (isOwn(operation, arithmetic)) {
      requireRunnable(operation, arithmetic, operands);
      device.run(device.prepare(operation, Plan.inOneLaunch(operation), run -> kernel), operands);
    } else {
      device.run(operation, arithmetic, operands);
    }
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public Pool<DeviceMemory> pool() {
    return device.pool();
  }

  @Override
  public long bytes(DeviceMemory memory) {
    return device.bytes(memory);
  }

  @Override
  public DeviceMemory slice(DeviceMemory memory, long at, long bytes) {
    return device.slice(memory, at, bytes);
  }

  @Override
  public void upload(MemorySegment from, DeviceMemory to) {
    device.upload(from, to);
  }

  @Override
  public void download(DeviceMemory from, MemorySegment to) {
    device.download(from, to);
  }

  @Override
  public void copy(DeviceMemory from, DeviceMemory to) {
    device.copy(from, to);
  }

  @Override
  public Optional<Replay> record(Runnable work) {
    return device.record(work);
  }

  @Override
  public void synchronise() {
    device.synchronise();
  }

  @Override
  public double nanoseconds(Runnable work) {
    return device.nanoseconds(work);
  }

  @Override
  public double timerResolution() {
    return device.timerResolution();
  }

  @Override
  public Optional<Clock> clock() {
    return device.clock();
  }

  @Override
  public void close() {
    module.close();
  }
}
