package dev.witnessmark.verdict;

/** Told how far long work has come; called from several threads. */
public interface Progress {

  /** Does nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String task, long totalBytes) {}

        @Override
        public void extend(long bytes) {}

        @Override
        public void advance(long bytes) {}
      };

  /** Work of {@code totalBytes} begins. */
  void begin(String task, long totalBytes);

  /** {@code bytes} more are to be done than was known. */
  void extend(long bytes);

  /** {@code bytes} more are done. */
  void advance(long bytes);
}
