package dev.witnessmark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.witnessmark.verdict.CouldNotCompare;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutputOptionsTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // Set by JUnit.
  Path folder;

  @ParameterizedTest
  @EnumSource(ExitCode.class)
  void exitZeroForgivesOnlyADifference(ExitCode exit) {
    OutputOptions options = new OutputOptions();
    assertThat(options.exitCode(exit)).isEqualTo(exit.code());

    options.exitZero = true;

    assertThat(options.exitCode(exit)).isEqualTo(exit == ExitCode.DIFFERS ? 0 : exit.code());
  }

  @Test
  void aFailureWhileWritingLeavesTheOldResult() throws IOException {
    OutputOptions options = new OutputOptions();
    options.out = Files.writeString(folder.resolve("result"), "old");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() ->
            options.write(out -> {
              out.println("half of the new");
              throw new IOException("the disk died");
            }))
        .withMessage("the disk died");

    assertThat(options.out).hasContent("old");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(options.out);
    }
  }

  @Test
  void anInputIsNeverReplaced() throws IOException {
    OutputOptions options = new OutputOptions();
    options.out = Files.writeString(folder.resolve("model"), "weights");
    Path link = Files.createSymbolicLink(folder.resolve("link"), options.out);

    for (Path input : new Path[] {options.out, link, folder}) {
      assertThatExceptionOfType(CouldNotCompare.class)
          .isThrownBy(() -> options.spare(List.of(input)));
    }
    options.spare(List.of(folder.resolve("missing"), folder.resolveSibling("other")));
    options.out = folder.resolve("new");
    options.spare(List.of(folder));
  }

  @Test
  void aResultReplacesTheOldOne() throws IOException {
    OutputOptions options = new OutputOptions();
    options.out = Files.writeString(folder.resolve("result"), "old and longer");

    options.write(out -> out.print("Δ new"));

    assertThat(options.out).hasContent("Δ new");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(options.out);
    }
  }
}
