package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What ends, when, and what can be done with it afterwards. */
class LifetimeTest extends OnDevice {

  @Test
  void closedMemoryIsRefusedEverywhere() {
    DeviceMemory memory = context().allocate(BYTES);
    DeviceMemory slice = memory.slice(0, 8);
    memory.close();
    memory.close();

    assertThat(slice.isOpen()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> stream().fill(memory, (byte) 0))
        .withMessage("device memory of 4000 bytes on cuda:0 is closed");
    assertThatIllegalStateException().isThrownBy(() -> stream().fill(slice, (byte) 0));
    assertThatIllegalStateException()
        .isThrownBy(() -> stream().launch(affine(), affine(memory, memory, 1, 0)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(BYTES);
      assertThatIllegalStateException().isThrownBy(() -> stream().upload(host, memory));
      assertThatIllegalStateException().isThrownBy(() -> stream().download(memory, host));
    }
  }

  @Test
  void memoryEndsAfterTheWorkThatUsesIt() {
    try (Arena arena = Arena.ofConfined();
        PinnedArena pinned = context().pinnedArena();
        DeviceMemory source = context().allocate(BYTES)) {
      stream().upload(Host.counting(arena, COUNT), source);
      MemorySegment result = pinned.allocate(BYTES, 4);
      DeviceMemory target = context().allocate(BYTES);
      stream().launch(affine(), affine(source, target, 2, 1));
      stream().downloadAsync(target, result);
      target.close();

      // Nobody waited for the stream but the closing memory.
      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 2, 1));
    }
  }

  @Test
  void pinnedMemoryEndsAfterTheWorkThatUsesIt() {
    try (Arena arena = Arena.ofConfined();
        DeviceMemory memory = context().allocate(BYTES)) {
      try (PinnedArena pinned = context().pinnedArena()) {
        stream().uploadAsync(Host.counting(pinned, COUNT), memory);
      }
      MemorySegment back = arena.allocate(BYTES, 4);
      stream().download(memory, back);

      assertThat(Host.floats(back)).isEqualTo(Host.affine(COUNT, 1, 0));
    }
  }

  @Test
  void closingAPinnedArenaEndsItsSegments() {
    PinnedArena pinned = context().pinnedArena();
    MemorySegment segment = pinned.allocate(8);
    assertThat(segment.get(ValueLayout.JAVA_LONG, 0)).isZero();
    pinned.close();

    assertThatIllegalStateException().isThrownBy(() -> segment.get(ValueLayout.JAVA_LONG, 0));
    assertThatIllegalStateException().isThrownBy(() -> pinned.allocate(8));
  }

  @Test
  void kernelsEndAfterTheWorkThatUsesThem() {
    try (PinnedArena pinned = context().pinnedArena();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment result = pinned.allocate(BYTES, 4);
      Launch launch = affine();
      stream().uploadAsync(Host.counting(pinned, COUNT), memory);
      stream().launch(launch, affine(memory, memory, 3, 0));
      stream().downloadAsync(memory, result);
      kernels().close();

      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 3, 0));
      assertThatIllegalStateException()
          .isThrownBy(() -> stream().launch(launch, affine(memory, memory, 3, 0)));
      assertThatIllegalStateException().isThrownBy(() -> kernels().kernel("affine"));
    }
  }

  @Test
  void onlyWhatWasAllocatedIsClosed() {
    try (DeviceMemory memory = context().allocate(BYTES)) {
      DeviceMemory slice = memory.slice(4, 8);

      assertThatIllegalStateException()
          .isThrownBy(slice::close)
          .withMessageContaining("bytes 4 to 12 of device memory of 4000 bytes");
      assertThat(memory.isOpen()).isTrue();
    }
  }

  @Test
  void closingTheContextClosesAllThatIsInIt() {
    Context own = TestDriver.open();
    Stream stream = own.stream();
    Event event = own.event();
    DeviceMemory memory = own.allocate(BYTES);
    MemorySegment pinned = own.pinnedArena().allocate(BYTES);
    stream.uploadAsync(pinned, memory);
    own.close();
    own.close();

    assertThat(own.open()).isEmpty();
    assertThat(memory.isOpen()).isFalse();
    assertThat(pinned.scope().isAlive()).isFalse();
    assertThatIllegalStateException().isThrownBy(stream::synchronise);
    assertThatIllegalStateException().isThrownBy(event::synchronise);
    assertThatIllegalStateException()
        .isThrownBy(() -> own.allocate(8))
        .withMessageContaining("context of cuda:0");
  }

  @Test
  void whatIsClosedIsForgotten() {
    int before = context().open().size();
    for (int i = 0; i < 100; i++) {
      context().allocate(BYTES).close();
      context().event().close();
      context().stream().close();
      context().pinnedArena().close();
    }
    assertThat(context().open()).hasSize(before);
  }

  @Test
  void memoryOfAnotherContextIsRefused() {
    try (Context other = TestDriver.open();
        DeviceMemory memory = other.allocate(BYTES);
        Event event = other.event()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream().fill(memory, (byte) 0))
          .withMessageContaining("another context");
      assertThatIllegalArgumentException().isThrownBy(() -> stream().record(event));
    }
  }

  @RepeatedTest(20)
  void memoryCanBeClosedWhileAnotherThreadUsesIt() {
    DeviceMemory memory = context().allocate(BYTES);
    CompletableFuture<Void> filling =
        CompletableFuture.runAsync(() -> {
          while (memory.isOpen()) {
            try {
              stream().fill(memory, (byte) 1);
            } catch (IllegalStateException closed) {
              assertThat(memory.isOpen()).isFalse();
            }
          }
        });
    memory.close();
    filling.join();
    stream().synchronise();
  }
}
