package dev.witnessmark.cli;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.inference.text.Tokenizer;
import dev.witnessmark.inference.text.Tokenizers;
import dev.witnessmark.parity.trace.Prompt;
import dev.witnessmark.verdict.CouldNotCompare;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a model is given to read. */
final class PromptOptions {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  CommandSpec command;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "The text; may be repeated.")
  List<String> texts = new ArrayList<>();

  @Option(
      names = "--tokens",
      paramLabel = "IDS",
      description = "Token ids with commas between, in place of a text; may be repeated.")
  List<String> ids = new ArrayList<>();

  @Option(
      names = "--generate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Tokens to add one by one after the prompt, default ${DEFAULT-VALUE}.")
  int generate;

  /** Whether anything was given. */
  boolean given() {
    return !texts.isEmpty() || !ids.isEmpty();
  }

  /** The tokenizer of the model, or null where it has none; the reason is for {@link #prompts}. */
  @Nullable Tokenizer tokenizer(Checkpoint checkpoint, Limits limits) throws IOException {
    try {
      return Tokenizers.of(checkpoint, limits);
    } catch (Refusal unusable) {
      if (!texts.isEmpty()) {
        throw unusable;
      }
      // Ids need none; text is then not shown.
      return null;
    }
  }

  /** All prompts, texts first. */
  List<Prompt> prompts(@Nullable Tokenizer tokenizer) throws CouldNotCompare {
    if (generate < 0 || generate > 1 << 20) {
      throw new ParameterException(
          command.commandLine(), "--generate " + generate + ": between 0 and 1048576");
    }
    List<Prompt> prompts = new ArrayList<>();
    for (String text : texts) {
      if (tokenizer == null) {
        throw new IllegalStateException("a text and no tokenizer");
      }
      int[] tokens = tokenizer.encode(text);
      if (tokens.length == 0) {
        throw new ParameterException(
            command.commandLine(), "--prompt \"" + text + "\": is no token long");
      }
      prompts.add(new Prompt(Optional.of(text), tokens));
    }
    for (String list : ids) {
      prompts.add(new Prompt(Optional.empty(), parse(list)));
    }
    return prompts;
  }

  private int[] parse(String list) {
    String[] parts = list.split(",", -1);
    int[] tokens = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i].strip();
      if (!part.matches("\\d{1,9}")) {
        throw new ParameterException(
            command.commandLine(),
            "--tokens %s: \"%s\" is no token id; write for example 1,2,3".formatted(list, part));
      }
      tokens[i] = Integer.parseInt(part);
    }
    return tokens;
  }
}
