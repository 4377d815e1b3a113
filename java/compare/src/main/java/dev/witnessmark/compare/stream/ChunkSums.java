package dev.witnessmark.compare.stream;

import dev.witnessmark.kernels.difference.DifferenceSums;
import dev.witnessmark.kernels.difference.FloorSums;

/** What the reduction of one chunk gives. Written by one worker, then merged in chunk order. */
final class ChunkSums {

  final DifferenceSums sums = new DifferenceSums();
  final FloorSums floor = new FloorSums();
  final TopRows topRows;

  /** Whole rows of the chunk in which a value differs. */
  long rowsMoved;

  /** The chunk's piece of a row that is longer than a chunk; {@code row} is −1 if there is none. */
  long pieceRow = -1;

  double pieceDeltaSquared;
  double pieceASquared;
  boolean pieceMoved;

  ChunkSums(int top) {
    topRows = new TopRows(top);
  }
}
