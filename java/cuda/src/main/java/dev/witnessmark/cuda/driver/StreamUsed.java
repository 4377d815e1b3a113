package dev.witnessmark.cuda.driver;

import java.util.HashMap;
import java.util.Map;

/**
 * A resource that work in a stream refers to. Closing waits for the work that was enqueued before;
 * work enqueued later is refused. Registration and the mark of being closed share a monitor, so no
 * work can slip in between.
 */
abstract class StreamUsed extends Resource {

  /** The last piece of work of each stream that refers to this, as its number in the stream. */
  private final Map<Stream, Long> lastUse = new HashMap<>();

  StreamUsed(Context context) {
    super(context);
  }

  /** Called under the monitor of {@code stream}, before the work is handed to the driver. */
  final synchronized void usedBy(Stream stream, long ticket) {
    requireOpen();
    lastUse.put(stream, ticket);
  }

  @Override
  final void release() {
    // Closed: nobody registers any more. Not under the monitor, streams lock in the other order.
    Map<Stream, Long> uses;
    synchronized (this) {
      uses = new HashMap<>(lastUse);
      lastUse.clear();
    }
    try {
      uses.forEach(Stream::awaitTicket);
    } finally {
      free();
    }
  }

  /** Gives this back to the driver; no work refers to it any more. */
  abstract void free();
}
