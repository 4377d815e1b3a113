package dev.witnessmark.compare.stream;

/** Adds up the segments of each row of a chunk, in their order. */
final class RowTally {

  private final ChunkSums result;
  private long row;
  private double deltaSquared;
  private double aSquared;
  private boolean moved;

  /** Begins with row {@code row}. */
  RowTally(long row, ChunkSums result) {
    this.row = row;
    this.result = result;
  }

  /**
   * Takes the next segment.
   *
   * @param differs whether a pair of it does
   */
  void add(long segmentRow, double segmentDeltaSquared, double segmentASquared, boolean differs) {
    if (segmentRow != row) {
      finish();
      row = segmentRow;
    }
    deltaSquared += segmentDeltaSquared;
    aSquared += segmentASquared;
    moved |= differs;
  }

  /** Ends the chunk. */
  void close(boolean pieceOfRow) {
    if (pieceOfRow) {
      result.pieceRow = row;
      result.pieceDeltaSquared = deltaSquared;
      result.pieceASquared = aSquared;
      result.pieceMoved = moved;
    } else {
      finish();
    }
  }

  private void finish() {
    if (moved) {
      result.rowsMoved++;
      result.topRows.offer(row, RowNorms.relative(deltaSquared, aSquared));
    }
    deltaSquared = 0;
    aSquared = 0;
    moved = false;
  }
}
