package dev.witnessmark.bench.command;

import java.io.IOException;

/** The user stopped a measurement. */
public final class Interrupted extends IOException {
  Interrupted() {
    super("interrupted");
  }
}
