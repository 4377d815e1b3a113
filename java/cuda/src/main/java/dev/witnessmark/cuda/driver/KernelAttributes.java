package dev.witnessmark.cuda.driver;

/**
 * What a compiled kernel needs on its device.
 *
 * @param registers of each thread
 * @param localBytes of each thread in local memory; spilled registers are among them
 * @param sharedBytes of each block, without dynamic ones
 * @param threadsPerBlock the most that a block may have, given the registers
 */
public record KernelAttributes(
    int registers, int localBytes, int sharedBytes, int threadsPerBlock) {}
