package dev.witnessmark.explain.candidate;

import dev.witnessmark.explain.algebra.Basis;

/**
 * A candidate of one layer.
 *
 * @param basis its directions, as many as really exist
 * @param publishedColumns columns that the published procedure returns, arbitrary ones among them
 *     where there are more than directions
 * @param cosines of the principal angles between the two subspaces that a bisector lies between;
 *     empty elsewhere
 */
public record Built(Basis basis, int publishedColumns, double[] cosines) {

  Built(Basis basis, int publishedColumns) {
    this(basis, publishedColumns, new double[0]);
  }
}
