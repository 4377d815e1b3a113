package dev.witnessmark.causal.diff;

/**
 * A tensor of both models that has another shape in the other: its rows are not compared.
 *
 * @param name its name in the base
 * @param rows its rows in the base
 * @param columns its columns in the base
 * @param tunedRows its rows in the tuned model
 * @param tunedColumns its columns in the tuned model
 */
public record UnequalTensor(
    String name, long rows, long columns, long tunedRows, long tunedColumns) {}
