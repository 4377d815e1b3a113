package dev.witnessmark.inference.text;

import dev.witnessmark.inference.text.PreTokenizer.ByteLevel;
import dev.witnessmark.inference.text.PreTokenizer.Digits;
import dev.witnessmark.inference.text.PreTokenizer.Split;
import java.util.List;
import java.util.Optional;

/**
 * What a name at {@code tokenizer.ggml.pre} means: how text is split before byte-level merges,
 * which the file itself does not say. Where the model's original tokenizer composes characters
 * (NFC), so is done here.
 *
 * @param wholeTokens whether a piece that is a token is not merged from its characters; texts then
 *     also begin with the beginning token unless the file says otherwise
 */
record GgufPreTokenizer(
    List<Normalizer> normalizers, List<PreTokenizer> preTokenizers, boolean wholeTokens) {

  GgufPreTokenizer {
    normalizers = List.copyOf(normalizers);
    preTokenizers = List.copyOf(preTokenizers);
  }

  /** What {@code name} means, if it is known. */
  static Optional<GgufPreTokenizer> of(String name) {
    return Optional.ofNullable(
        switch (name) {
          // Also what is meant by files that were made before there was the key.
          case "default" ->
              new GgufPreTokenizer(
                  List.of(),
                  List.of(
                      new Split(SplitPattern.PUNCTUATION, true),
                      new Split(SplitPattern.GPT2_WORDS, true),
                      new Split(SplitPattern.NUMBERS, true),
                      new Split(SplitPattern.THREE_DIGITS, true),
                      new ByteLevel(false, false)),
                  false);
          case "gpt-2" ->
              new GgufPreTokenizer(List.of(), List.of(new ByteLevel(false, true)), false);
          case "smollm" ->
              new GgufPreTokenizer(
                  List.of(), List.of(new Digits(true), new ByteLevel(false, true)), false);
          case "deepseek-coder" ->
              new GgufPreTokenizer(
                  List.of(),
                  List.of(
                      new Split(SplitPattern.LINE_BREAK, true),
                      new Split(SplitPattern.LETTERS, true),
                      new Split(SplitPattern.MARKS, true),
                      new Split(SplitPattern.IDEOGRAPHS, true),
                      new Digits(true),
                      new ByteLevel(false, false)),
                  false);
          case "llama-bpe", "llama3", "llama-v3", "falcon3" ->
              splitBy(SplitPattern.LLAMA3, List.of(), true);
          case "tekken" -> splitBy(SplitPattern.TEKKEN, List.of(), true);
          case "qwen2" -> splitBy(SplitPattern.QWEN2, List.of(Normalizer.NFC), false);
          case "deepseek-r1-qwen" -> splitBy(SplitPattern.QWEN2, List.of(), false);
          default -> null;
        });
  }

  private static GgufPreTokenizer splitBy(
      SplitPattern pattern, List<Normalizer> normalizers, boolean wholeTokens) {
    return new GgufPreTokenizer(
        normalizers, List.of(new Split(pattern, true), new ByteLevel(false, false)), wholeTokens);
  }
}
