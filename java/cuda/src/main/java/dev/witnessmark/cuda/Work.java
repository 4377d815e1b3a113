package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.DeviceMemory;
import java.util.function.Consumer;

/**
 * Something that can be enqueued, now or in a recording.
 *
 * @param scratchBytes memory that it needs besides its operands
 * @param enqueue hands it to the stream; takes scratch memory of at least that size, or of one byte
 */
record Work(long scratchBytes, Consumer<DeviceMemory> enqueue) {}
