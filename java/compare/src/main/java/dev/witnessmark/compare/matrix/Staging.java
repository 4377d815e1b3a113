package dev.witnessmark.compare.matrix;

import dev.witnessmark.format.TensorType;
import dev.witnessmark.kernels.decode.Decoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * One worker's memory and decoders. Native and vector code only ever touches these segments: they
 * cannot shrink as a mapped file can. Segments are reused, so memory does not grow with the number
 * of tensors.
 */
public final class Staging implements AutoCloseable {

  /** Cache line; also the largest vector. */
  private static final long ALIGNMENT = 64;

  private final KernelChoice kernels;
  private final Arena arena;
  private final Map<Long, Deque<MemorySegment>> free = new HashMap<>();
  private final Map<TensorType, Decoder> decoders = new EnumMap<>(TensorType.class);

  /**
   * Memory of the thread that makes it.
   *
   * @param kernels what decodes
   */
  public Staging(KernelChoice kernels) {
    this(kernels, Arena.ofConfined());
  }

  private Staging(KernelChoice kernels, Arena arena) {
    this.kernels = kernels;
    this.arena = arena;
  }

  /** Memory that one thread after another may use. */
  public static Staging handedOn(KernelChoice kernels) {
    return new Staging(kernels, Arena.ofShared());
  }

  /** A segment of {@code bytes}, contents undefined. */
  public MemorySegment take(long bytes) {
    Deque<MemorySegment> segments = free.get(bytes);
    return segments == null || segments.isEmpty()
        ? arena.allocate(bytes, ALIGNMENT)
        : segments.pop();
  }

  /** Takes a segment back. */
  void give(MemorySegment segment) {
    free.computeIfAbsent(segment.byteSize(), size -> new ArrayDeque<>()).push(segment);
  }

  /** The decoder for {@code type}. */
  public Decoder decoder(TensorType type) {
    return decoders.computeIfAbsent(type, kernels::decoder);
  }

  @Override
  public void close() {
    arena.close();
  }
}
