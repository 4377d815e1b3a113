package dev.witnessmark.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StreamTest extends OnDevice {

  @Test
  void anEventOrdersTwoStreams() {
    try (PinnedArena pinned = context().pinnedArena();
        Stream second = context().stream();
        Event uploaded = context().event();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment result = pinned.allocate(BYTES, 4);
      stream().fill(memory, (byte) 0);
      stream().uploadAsync(Host.counting(pinned, COUNT), memory);
      stream().record(uploaded);
      second.await(uploaded);
      second.launch(affine(), affine(memory, memory, 4, 2));
      second.downloadAsync(memory, result);
      second.synchronise();

      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 4, 2));
    }
  }

  @Test
  void timeIsTakenBetweenEvents() {
    try (Event start = context().event();
        Event end = context().event();
        DeviceMemory memory = context().allocate(BYTES)) {
      stream().record(start);
      stream().fill(memory, (byte) 0);
      stream().record(end);
      end.synchronise();

      assertThat(end.millisecondsSince(start)).isNotNegative().isLessThan(60_000);
    }
  }

  @Test
  void anyThreadMayUseAStream() {
    try (PinnedArena pinned = context().pinnedArena();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment result = pinned.allocate(BYTES, 4);
      CompletableFuture.runAsync(
              () -> {
                stream().uploadAsync(Host.counting(pinned, COUNT), memory);
                stream().downloadAsync(memory, result);
                stream().synchronise();
              })
          .join();

      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 1, 0));
    }
  }

  @Test
  void aGraphIsLaunchedAsOften() {
    try (PinnedArena pinned = context().pinnedArena();
        DeviceMemory memory = context().allocate(BYTES)) {
      MemorySegment result = pinned.allocate(BYTES, 4);
      stream().upload(Host.counting(pinned, COUNT), memory);
      Launch launch = affine();
      try (Graph twice =
          stream()
              .capture(
                  "twice",
                  () -> {
                    stream().launch(launch, affine(memory, memory, 2, 0));
                    stream().downloadAsync(memory, result);
                  })) {
        stream().synchronise();
        assertThat(Host.floats(result)).as("recorded, not done").isEqualTo(new float[COUNT]);
        stream().launch(twice);
        stream().launch(twice);
        stream().synchronise();
      }
      assertThat(Host.floats(result)).isEqualTo(Host.affine(COUNT, 4, 0));
    }
  }

  @Test
  void aGraphWhoseMemoryIsClosedIsRefused() {
    DeviceMemory memory = context().allocate(BYTES);
    try (Graph graph = stream().capture("fill", () -> stream().fill(memory, (byte) 1))) {
      stream().launch(graph);
      memory.close();

      assertThatIllegalStateException()
          .isThrownBy(() -> stream().launch(graph))
          .withMessageContaining("device memory of 4000 bytes");
    }
  }

  @Test
  void waitingDuringACaptureIsRefusedAndTheStreamGoesOn() {
    try (DeviceMemory memory = context().allocate(BYTES);
        Event event = context().event()) {
      for (Runnable step :
          List.<Runnable>of(
              stream()::synchronise,
              stream()::isIdle,
              () -> stream().record(event),
              () -> stream().await(event),
              () -> stream().capture("inner", () -> {}))) {
        assertThatIllegalStateException()
            .isThrownBy(() -> stream().capture("outer", step))
            .withMessageContaining("captures a graph");
        stream().fill(memory, (byte) 1);
        stream().synchronise();
      }
    }
  }

  @Test
  void foreignWorkKeepsItsMemory() {
    DeviceMemory memory = context().allocate(BYTES);
    stream()
        .foreign(
            "library",
            List.of(memory, memory.slice(8, 8)),
            (handle, addresses) -> {
              assertThat(handle.address()).isNotZero();
              assertThat(addresses[1]).isEqualTo(addresses[0] + 8);
            });
    memory.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> stream().foreign("library", List.of(memory), (h, a) -> {}));
  }
}
