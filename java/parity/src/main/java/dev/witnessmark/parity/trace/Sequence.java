package dev.witnessmark.parity.trace;

import dev.witnessmark.inference.ForwardPass;
import dev.witnessmark.inference.Sampler;
import dev.witnessmark.inference.StageSink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Tokens of which the first ones are given at once and the others came one by one.
 *
 * @param tokens all of them
 * @param prompt how many were given, at least 1
 */
public record Sequence(List<Integer> tokens, int prompt) {

  public Sequence {
    tokens = List.copyOf(tokens);
    if (prompt < 1 || prompt > tokens.size()) {
      throw new IllegalArgumentException(
          "a prompt of %d of %d tokens".formatted(prompt, tokens.size()));
    }
  }

  /** A prompt alone. */
  public static Sequence of(int[] prompt) {
    return new Sequence(Arrays.stream(prompt).boxed().toList(), prompt.length);
  }

  /** What came after the prompt. */
  public List<Integer> generated() {
    return tokens.subList(prompt, tokens.size());
  }

  /** Positions of each call: the prompt in batches, then one by one. */
  public List<Integer> calls(int batch) {
    List<Integer> calls = new ArrayList<>();
    for (int first = 0; first < prompt; first += batch) {
      calls.add(Math.min(batch, prompt - first));
    }
    for (int i = prompt; i < tokens.size(); i++) {
      calls.add(1);
    }
    return calls;
  }

  /** Computes all positions, from the first on. */
  public <M> void run(ForwardPass<M> pass, StageSink<M> sink) throws IOException {
    pass.rewind(0);
    pass.run(tokens(0, prompt), sink);
    for (int i = prompt; i < tokens.size(); i++) {
      pass.run(tokens(i, 1), sink);
    }
  }

  /** The tokens of some positions. */
  public int[] tokens(int first, int positions) {
    return tokens.subList(first, first + positions).stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Continues a prompt.
   *
   * @param most how many tokens at most
   * @param ends tokens after which nothing follows; they are part of the result
   */
  public static <M> Sequence generate(
      ForwardPass<M> pass, int[] prompt, int most, Sampler sampler, Set<Integer> ends)
      throws IOException {
    Sequence sequence = of(prompt);
    sequence.run(pass, StageSink.none());
    List<Integer> tokens = new ArrayList<>(sequence.tokens);
    while (tokens.size() < prompt.length + most) {
      int next = sampler.next(pass.logits().floats());
      tokens.add(next);
      if (ends.contains(next) || tokens.size() == prompt.length + most) {
        break;
      }
      pass.run(new int[] {next}, StageSink.none());
    }
    return new Sequence(tokens, prompt.length);
  }
}
