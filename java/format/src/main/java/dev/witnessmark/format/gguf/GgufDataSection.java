package dev.witnessmark.format.gguf;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The part of a file that holds the tensors.
 *
 * <p>The reference reader wants tensors in the order of their descriptions without holes; the
 * format's text does not. Here any order and any gaps are read and noted; overlap is refused,
 * because it makes a small file name a large model.
 *
 * @param start first byte, a multiple of {@code alignment}
 * @param available bytes from there to the end of the file; 0 if padding is missing too
 */
record GgufDataSection(ByteSource source, long start, long alignment, long available) {

  /** The section after a header of {@code headerBytes}. */
  static GgufDataSection after(long headerBytes, long alignment, ByteSource source) {
    long start = alignUp(headerBytes, alignment);
    return new GgufDataSection(source, start, alignment, Math.max(0, source.size() - start));
  }

  /**
   * Checks where a tensor claims to be.
   *
   * @param at where its description is
   * @param offset relative to this section, unsigned
   * @return its offset in the file
   */
  long place(String tensor, long at, long offset, long bytes) throws Refusal {
    String file = source.name();
    if (offset < 0) {
      throw new Refusal.SizeOverflow(
          file,
          tensor,
          at,
          "offset %s does not fit in 63 bits".formatted(Long.toUnsignedString(offset)));
    }
    if (offset % alignment != 0) {
      throw new Refusal.Inconsistent(
          file,
          tensor,
          at,
          "the rest of offset %d divided by the alignment %d".formatted(offset, alignment),
          offset % alignment,
          0);
    }
    // Where the file ends without padding, an empty tensor may begin after that end.
    long left = Math.max(available, bytes == 0 ? alignUp(available, alignment) : 0) - offset;
    if (bytes > left) {
      throw new Refusal.Truncated(
          file, tensor, at, bytes, Math.max(0, left), "the download may be incomplete");
    }
    return start + offset;
  }

  /**
   * Refuses overlap.
   *
   * @return notes on disorder and on bytes that belong to no tensor
   */
  List<String> check(List<TensorView> tensors) throws Refusal {
    List<TensorView> byOffset =
        tensors.stream()
            .filter(tensor -> tensor.bytes() > 0)
            .sorted(Comparator.comparingLong(TensorView::offset))
            .toList();
    long gaps = 0;
    long gapBytes = 0;
    long end = start;
    String before = "";
    for (TensorView tensor : byOffset) {
      if (tensor.offset() < end) {
        throw new Refusal.Overlap(
            source.name(),
            tensor.name(),
            tensor.offset(),
            "begins before the end of %s at %d".formatted(before, end));
      }
      long gap = tensor.offset() - alignUp(end, alignment);
      gaps += gap > 0 ? 1 : 0;
      gapBytes += gap;
      end = tensor.offset() + tensor.bytes();
      before = tensor.name();
    }

    List<String> notes = new ArrayList<>();
    if (!ascending(tensors)) {
      notes.add("the tensors are stored in another order than they are listed");
    }
    if (gaps > 0) {
      notes.add("%d bytes in %d gaps belong to no tensor".formatted(gapBytes, gaps));
    }
    long tail = source.size() - alignUp(end, alignment);
    if (tail > 0) {
      notes.add("%d bytes after the last tensor belong to none".formatted(tail));
    }
    return notes;
  }

  private static boolean ascending(List<TensorView> tensors) {
    long offset = 0;
    for (TensorView tensor : tensors) {
      if (tensor.offset() < offset) {
        return false;
      }
      offset = tensor.offset();
    }
    return true;
  }

  private static long alignUp(long position, long alignment) {
    return (position + alignment - 1) & -alignment;
  }
}
