package dev.witnessmark.cuda.driver;

import jcuda.driver.CUstream;

/** A stream as JCuda's libraries take it, and as a number for those that are called directly. */
public final class StreamHandle extends CUstream {

  StreamHandle() {}

  /** The driver's {@code CUstream}. */
  public long address() {
    return getNativePointer();
  }
}
