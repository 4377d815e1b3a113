package dev.witnessmark.bench;

import org.jspecify.annotations.Nullable;

/**
 * A device that was measured on, and what shares are shares of. Rates that were not measured, or
 * that no datasheet gives, are null.
 *
 * @param id how cells of the same document name it, for example {@code cuda:0}
 * @param identity which device it is
 * @param driver version of its driver, or null
 * @param timerResolution smallest time that the timer tells from none, in nanoseconds
 * @param copyRate measured bandwidth of a copy, bytes read and written per second
 * @param matrixRate measured rate of the vendor's matrix product, operations per second
 * @param datasheetCopyRate memory bandwidth that the maker states, bytes per second
 * @param datasheetMatrixRate matrix rate that the maker states, operations per second
 */
public record BenchDevice(
    String id,
    DeviceIdentity identity,
    @Nullable String driver,
    double timerResolution,
    @Nullable Double copyRate,
    @Nullable Double matrixRate,
    @Nullable Double datasheetCopyRate,
    @Nullable Double datasheetMatrixRate) {}
