package dev.witnessmark.bench.measure;

import dev.witnessmark.kernels.operation.Arithmetic;
import dev.witnessmark.kernels.operation.Operation;

/**
 * One line of a benchmark.
 *
 * @param operation what is computed
 * @param arithmetic by which rules
 * @param cache what the cache holds
 */
public record Workload(Operation operation, Arithmetic arithmetic, CacheState cache) {}
