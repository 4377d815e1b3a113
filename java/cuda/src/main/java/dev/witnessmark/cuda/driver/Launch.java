package dev.witnessmark.cuda.driver;

/**
 * A kernel with the shape of its launch. The arguments are apart, since they change more often.
 *
 * @param purpose what is computed with which shapes, for messages: an operation
 * @param grid blocks
 * @param block threads of each block
 * @param sharedBytes dynamic shared memory of each block, in bytes
 */
public record Launch(Kernel kernel, Object purpose, Extent grid, Extent block, int sharedBytes) {

  /** For example {@code rms_norm, grid 4x1x1, block 256x1x1, 0 shared bytes, for RmsNorm[...]}. */
  @Override
  public String toString() {
    return "%s, grid %s, block %s, %d shared bytes, for %s"
        .formatted(kernel.name(), grid, block, sharedBytes, purpose);
  }
}
