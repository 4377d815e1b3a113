/**
 * The CUDA driver, without the mistakes it allows: a layer over JCuda's driver API and, for entry
 * points that JCuda does not know, over the Foreign Function API. Host memory is a {@link
 * java.lang.foreign.MemorySegment}, device memory has an owner and an end, nothing is freed before
 * the streams that use it are done, and every status other than success is a {@link
 * dev.witnessmark.cuda.driver.DriverException} that says which call, kernel and device it came
 * from. Nothing here knows what is computed.
 */
@NullMarked
package dev.witnessmark.cuda.driver;

import org.jspecify.annotations.NullMarked;
