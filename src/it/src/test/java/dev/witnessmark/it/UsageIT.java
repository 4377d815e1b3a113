package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that make no sense, and help for those who ask; more of them in java/cli. */
class UsageIT {

  private final Program wmark = Program.packaged().brief();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frobnicate",
        "diff only-one",
        "diff a b --no-such-option",
        "diff a b --top 0",
        "guard a",
        "guard --ab x",
        "falsify 014",
        "trace m.gguf",
        "parity m.gguf --repeat 0"
      })
  void senselessCommandLinesExitTwo(String line) throws Exception {
    Ended ended = wmark.run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(ended.exit()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.complaints()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--help", "help diff", "info -h", "guard --help", "help trace", "parity -h"})
  void helpGoesToStandardOutput(String line) throws Exception {
    Ended ended = wmark.run(line.split(" "));

    assertThat(ended.exit()).isZero();
    assertThat(ended.out()).startsWith("Usage: wmark").contains("Exit codes: ");
    assertThat(ended.complaints()).isEmpty();
  }

  @Test
  void completionIsAScript() throws Exception {
    Ended completion = wmark.run("generate-completion");

    assertThat(completion.exit()).isZero();
    assertThat(completion.out()).startsWith("#!/usr/bin/env bash").contains("wmark", "--tensors");
  }

  @Test
  void versionNamesProgramAndJava() throws Exception {
    Ended version = wmark.run("--version");

    assertThat(version.exit()).isZero();
    assertThat(version.out()).startsWith("wmark ").contains("Java ");
  }
}
