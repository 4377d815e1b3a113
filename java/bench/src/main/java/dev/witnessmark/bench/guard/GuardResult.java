package dev.witnessmark.bench.guard;

import dev.witnessmark.bench.BenchDevice;
import dev.witnessmark.verdict.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code wmark guard}.
 *
 * @param before the old side
 * @param after the new side
 * @param interleaved how both sides were measured in turns, or null if they are files
 * @param cells every cell of either side, in the order of the old side
 * @param options when a change counted
 * @param verdict the one answer
 * @param run how this was judged
 */
public record GuardResult(
    Side before,
    Side after,
    @Nullable Interleaving interleaved,
    List<CellResult> cells,
    GuardOptions options,
    Verdict verdict,
    GuardRun run) {

  public GuardResult {
    cells = List.copyOf(cells);
  }

  /**
   * One of the two.
   *
   * @param name the file or the command
   * @param devices what it was measured on
   */
  public record Side(String name, List<BenchDevice> devices) {
    public Side {
      devices = List.copyOf(devices);
    }
  }

  /**
   * How two commands were measured in turns.
   *
   * @param rounds rounds of A B B A
   * @param again whether everything was measured a second time
   */
  public record Interleaving(int rounds, boolean again) {}
}
