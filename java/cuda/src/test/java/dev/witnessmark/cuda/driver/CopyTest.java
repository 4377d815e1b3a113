package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CopyTest extends OnDevice {

  @Test
  void whatWasUploadedIsDownloaded() {
    try (Arena arena = Arena.ofConfined();
        DeviceMemory memory = context().allocate(BYTES)) {
      stream().upload(Host.counting(arena, COUNT), memory);
      MemorySegment back = arena.allocate(BYTES, 4);
      stream().download(memory, back);

      assertThat(Host.floats(back)).isEqualTo(Host.affine(COUNT, 1, 0));
    }
  }

  @Test
  void asynchronousCopiesAreDoneAfterWaiting() {
    try (PinnedArena pinned = context().pinnedArena();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment back = pinned.allocate(BYTES, 4);
      stream().uploadAsync(Host.counting(pinned, COUNT), memory);
      stream().downloadAsync(memory, back);
      stream().synchronise();

      assertThat(stream().isIdle()).isTrue();
      assertThat(Host.floats(back)).isEqualTo(Host.affine(COUNT, 1, 0));
    }
  }

  @Test
  void slicesAreCopiedWithoutTheirNeighbours() {
    try (Arena arena = Arena.ofConfined();
        DeviceMemory memory = context().allocate(64)) {
      stream().fill(memory, (byte) 7);
      stream().upload(arena.allocate(16), memory.slice(16, 32).slice(8, 16));
      MemorySegment back = arena.allocate(64);
      stream().download(memory, back);

      for (long i = 0; i < 64; i++) {
        assertThat(back.get(ValueLayout.JAVA_BYTE, i))
            .isEqualTo((byte) (i / 8 == 3 || i / 8 == 4 ? 0 : 7));
      }
    }
  }

  @Test
  void memoryIsCopiedWithinTheDevice() {
    try (Arena arena = Arena.ofConfined();
        DeviceMemory first = context().allocate(BYTES);
        DeviceMemory second = context().allocate(BYTES)) {
      stream().upload(Host.counting(arena, COUNT), first);
      stream().copyAsync(first, second);
      MemorySegment back = arena.allocate(BYTES, 4);
      stream().download(second, back);

      assertThat(Host.floats(back)).isEqualTo(Host.affine(COUNT, 1, 0));
    }
  }

  @Test
  void copiesThatWaitTakeHeapSegments() {
    MemorySegment heap = MemorySegment.ofArray(Host.affine(COUNT, 5, 1));
    MemorySegment back = MemorySegment.ofArray(new float[COUNT]);
    try (DeviceMemory memory = context().allocate(BYTES)) {
      stream().upload(heap, memory);
      heap.fill((byte) 0); // It was read already.
      stream().download(memory, back);

      assertThat(Host.floats(back)).isEqualTo(Host.affine(COUNT, 5, 1));
    }
  }

  @Test
  void copiesOfManyPiecesArriveWhole() {
    int count = (5 << 20) / 4 + 3;
    try (DeviceMemory memory = context().allocate(4L * count)) {
      stream().upload(MemorySegment.ofArray(Host.affine(count, 1, 0)), memory);
      MemorySegment back = MemorySegment.ofArray(new float[count]);
      stream().download(memory, back);

      assertThat(Host.floats(back)).isEqualTo(Host.affine(count, 1, 0));
    }
  }

  @Test
  void heapSegmentsAreRefusedInAsynchronousCopies() {
    MemorySegment heap = MemorySegment.ofArray(new float[COUNT]);
    try (DeviceMemory memory = context().allocate(BYTES)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().uploadAsync(heap, memory))
          .withMessageContaining("Java heap");
      assertThatIllegalArgumentException().isThrownBy(() -> stream().downloadAsync(memory, heap));
    }
  }

  @Test
  void memoryThatIsNotPinnedIsRefusedInAsynchronousCopies() {
    try (Arena arena = Arena.ofShared();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment pageable = arena.allocate(BYTES);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().uploadAsync(pageable, memory))
          .withMessageContaining("pinned arena");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().downloadAsync(memory, pageable));
    }
  }

  @Test
  void aSegmentThatLeavesItsPinnedMemoryIsRefused() {
    try (PinnedArena pinned = context().pinnedArena();
        DeviceMemory memory = context().allocate(8192)) {
      MemorySegment longer = lengthened(pinned.allocate(4096, 8), pinned);

      assertThatIllegalArgumentException().isThrownBy(() -> stream().uploadAsync(longer, memory));
    }
  }

  @SuppressWarnings("restricted") // The mistake to be found.
  private static MemorySegment lengthened(MemorySegment segment, Arena arena) {
    return segment.reinterpret(2 * segment.byteSize(), arena, null);
  }

  @Test
  void aSegmentOfAClosedArenaIsRefused() {
    MemorySegment closed;
    try (Arena arena = Arena.ofShared()) {
      closed = arena.allocate(BYTES);
    }
    MemorySegment closedPinned;
    try (PinnedArena arena = context().pinnedArena()) {
      closedPinned = arena.allocate(BYTES);
    }
    try (DeviceMemory memory = context().allocate(BYTES)) {
      assertThatIllegalStateException().isThrownBy(() -> stream().upload(closed, memory));
      assertThatIllegalStateException().isThrownBy(() -> stream().download(memory, closed));
      assertThatIllegalStateException()
          .isThrownBy(() -> stream().uploadAsync(closedPinned, memory))
          .withMessageContaining("4000 bytes is closed");
      assertThatIllegalStateException()
          .isThrownBy(() -> stream().downloadAsync(memory, closedPinned));
    }
  }

  @Test
  void aSegmentOfAnotherThreadIsRefused() {
    try (DeviceMemory memory = context().allocate(BYTES);
        Arena mine = Arena.ofConfined()) {
      MemorySegment segment = mine.allocate(BYTES);

      assertThatExceptionOfType(java.util.concurrent.CompletionException.class)
          .isThrownBy(
              () -> CompletableFuture.runAsync(() -> stream().upload(segment, memory)).join())
          .withCauseInstanceOf(WrongThreadException.class);
    }
  }

  @Test
  void readOnlySegmentsAreNotWritten() {
    try (Arena arena = Arena.ofConfined();
        PinnedArena pinned = context().pinnedArena();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment readOnly = arena.allocate(BYTES).asReadOnly();

      assertThatIllegalArgumentException().isThrownBy(() -> stream().download(memory, readOnly));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().downloadAsync(memory, pinned.allocate(BYTES).asReadOnly()))
          .withMessageContaining("read-only");
    }
  }

  @Test
  void bothSidesOfACopyHaveOneSize() {
    try (PinnedArena pinned = context().pinnedArena();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment shorter = pinned.allocate(BYTES - 1);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().upload(shorter, memory))
          .withMessageContaining("3999 bytes to 4000 bytes");
      assertThatIllegalArgumentException().isThrownBy(() -> stream().download(memory, shorter));
      assertThatIllegalArgumentException().isThrownBy(() -> stream().uploadAsync(shorter, memory));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().downloadAsync(memory, shorter));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().copyAsync(memory, memory.slice(1, 9)));
    }
  }

  @Test
  void slicesLieWithinTheirMemory() {
    try (DeviceMemory memory = context().allocate(BYTES)) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> memory.slice(1, BYTES));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> memory.slice(-1, 1));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> memory.slice(10, 10).slice(1, 10));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> memory.slice(Long.MAX_VALUE, 2));
    }
  }

  @Test
  void nothingIsNotAllocated() {
    assertThatIllegalArgumentException().isThrownBy(() -> context().allocate(0));
    assertThatIllegalArgumentException().isThrownBy(() -> context().allocate(-4));
    try (PinnedArena pinned = context().pinnedArena()) {
      assertThatIllegalArgumentException().isThrownBy(() -> pinned.allocate(0));
      assertThatIllegalArgumentException().isThrownBy(() -> pinned.allocate(8, 8192));
    }
  }
}
