package dev.witnessmark.explain.source;

import java.util.List;
import java.util.Optional;

/**
 * What {@code capture.json} says of recorded activations.
 *
 * @param model the base that they were recorded from
 * @param delta what was added and taken off for the labels; empty if there are none
 * @param layers number of blocks
 * @param width of the hidden state
 * @param fit prompts to fit on
 * @param evaluation prompts to judge by
 * @param personas the two system prompts, empty if there are no states under them
 */
public record CaptureDescription(
    Identity model,
    Optional<Identity> delta,
    int layers,
    int width,
    List<Prompt> fit,
    List<Prompt> evaluation,
    Optional<Personas> personas) {

  /** Version of the layout. */
  public static final String SCHEMA = "wmark-activations-v1";

  /** Which states were recorded: the only ones that are read. */
  public static final String STATES = "block output before the final norm";

  /** At which token: the only one that is read. */
  public static final String POSITION = "last token";

  public CaptureDescription {
    fit = List.copyOf(fit);
    evaluation = List.copyOf(evaluation);
  }

  /**
   * Which weights.
   *
   * @param name as the user named them
   * @param sha256 fingerprint of their first file, or of that of the adapter, as {@link
   *     dev.witnessmark.format.InputFingerprint} has it; empty if not known
   */
  public record Identity(String name, Optional<String> sha256) {}

  /**
   * One prompt.
   *
   * @param text empty if only the tokens are known
   * @param tokens ids as the model read them, without a persona
   */
  public record Prompt(Optional<String> text, List<Integer> tokens) {
    public Prompt {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * The personas.
   *
   * @param positive system prompt, empty if only tokens are known
   * @param negative its opposite
   * @param template whether the chat template of the model was used
   */
  public record Personas(Optional<String> positive, Optional<String> negative, boolean template) {}
}
