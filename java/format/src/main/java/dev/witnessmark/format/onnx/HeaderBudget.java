package dev.witnessmark.format.onnx;

import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;

/**
 * Bytes that one file may bring into memory beside its payloads: what the graph is decoded from,
 * and the scales and small tensors that are decoded at once. Everything that is kept is charged
 * first, so memory follows {@link Limits#headerBytes()} and not a number in the file.
 */
final class HeaderBudget {

  private final String file;
  private final long allowed;
  private long used;

  HeaderBudget(String file, long allowed) {
    this.file = file;
    this.allowed = allowed;
  }

  /**
   * Takes {@code bytes}, which must be below 2^62, for what stands at {@code offset}.
   *
   * @throws Refusal.LimitExceeded if the sum is above the limit
   */
  void charge(long bytes, String subject, long offset) throws Refusal.LimitExceeded {
    if (bytes > allowed - used) {
      throw new Refusal.LimitExceeded(
          file, subject, offset, "size of the header in bytes", used + bytes, allowed);
    }
    used += bytes;
  }
}
