package dev.witnessmark.benchmarks;

import dev.witnessmark.format.ByteSource;
import dev.witnessmark.format.FileByteSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Reading files with positioned reads into staging memory, as everything here does. */
final class PlainRead {

  private static final int READ = 1 << 20;

  private PlainRead() {}

  /** Reads all of {@code files} on {@code threads} threads. */
  static void of(List<Path> files, int threads) throws Exception {
    for (Path file : files) {
      AtomicLong next = new AtomicLong();
      try (ByteSource source = FileByteSource.open(file);
          ExecutorService readers = Executors.newFixedThreadPool(threads)) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          running.add(
              readers.submit(() -> {
                try (Arena arena = Arena.ofConfined()) {
                  MemorySegment staging = arena.allocate(READ, 64);
                  long at;
                  while ((at = next.getAndAdd(READ)) < source.size()) {
                    source.read(at, staging.asSlice(0, Math.min(READ, source.size() - at)));
                  }
                }
                return null;
              }));
        }
        for (Future<?> reader : running) {
          reader.get();
        }
      }
    }
  }
}
