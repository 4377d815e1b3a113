package dev.witnessmark.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that make no sense, and help for those who ask. */
class UsageIT {

  private final Program wmark = Program.packaged();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "frobnicate",
        "diff",
        "diff only-one",
        "diff a b c",
        "diff a b --no-such-option",
        "diff a b --threads 0",
        "diff a b --threads many",
        "diff a b --max-memory 1K",
        "diff a b --max-memory 99999999999G",
        "diff a b --top 0",
        "diff a b --sort beauty",
        "diff a b --json --csv",
        "diff a b --limit tensors",
        "diff a b --limit no-such-limit=5",
        "diff a b --limit tensors=-1",
        "info",
        "info --limit tensors=x f",
      })
  void senselessCommandLinesExitTwo(String line) throws Exception {
    Ended ended = wmark.run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(ended.exit()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.complaints()).contains("Usage: wmark");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "help", "diff --help", "help diff", "info -h", "demo --help"})
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
