/**
 * Measuring operations on a device: rotating buffers for a cold cache, samples in interleaved
 * rounds, the noise of every cell beside it.
 */
@NullMarked
package dev.witnessmark.bench.measure;

import org.jspecify.annotations.NullMarked;
