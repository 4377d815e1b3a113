package dev.witnessmark.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** A point in the work of a stream, which others can wait for and time can be taken at. */
public final class Event extends Resource {

  private final CUevent handle;

  private Event(Context context, CUevent handle) {
    super(context);
    this.handle = handle;
  }

  static Event create(Context context) {
    CUevent handle = new CUevent();
    context.check(
        "cuEventCreate",
        JCudaDriver.cuEventCreate(handle, CUevent_flags.CU_EVENT_DEFAULT),
        "event");
    return new Event(context, handle);
  }

  /** Waits until the work before this event, where it was recorded last, is done. */
  public void synchronise() {
    requireOpen();
    context().enter("cuEventSynchronize");
    context().check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(handle), this);
  }

  /**
   * Time on the device from {@code start} to this, in milliseconds; both must have happened. The
   * resolution is about half a microsecond.
   */
  public float millisecondsSince(Event start) {
    requireOpen();
    start.requireOpen();
    context().enter("cuEventElapsedTime");
    float[] milliseconds = new float[1];
    context()
        .check(
            "cuEventElapsedTime",
            JCudaDriver.cuEventElapsedTime(milliseconds, start.handle, handle),
            this);
    return milliseconds[0];
  }

  CUevent handle() {
    requireOpen();
    return handle;
  }

  @Override
  void release() {
    context().checkUnlessLost("cuEventDestroy", JCudaDriver.cuEventDestroy(handle), this);
  }

  @Override
  public String toString() {
    return "event on cuda:" + context().device().ordinal();
  }
}
