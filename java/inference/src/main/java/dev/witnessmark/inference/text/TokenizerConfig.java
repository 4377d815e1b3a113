package dev.witnessmark.inference.text;

import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a folder says about special tokens outside {@code tokenizer.json}.
 *
 * @param tokenizer {@code tokenizer_config.json}: {@code add_bos_token}, {@code bos_token} …
 * @param model {@code config.json}: {@code bos_token_id}, {@code eos_token_id}
 */
record TokenizerConfig(Metadata tokenizer, Metadata model) {

  /**
   * The special tokens, with what {@code add_bos_token} and {@code add_eos_token} say, where they
   * say anything, having precedence over the template of {@code tokenizer.json}.
   *
   * @param before what that template puts in front
   * @param after what it puts behind
   */
  SpecialTokens special(Vocabulary vocabulary, List<Integer> before, List<Integer> after) {
    OptionalInt begin = token("bos", vocabulary).stream().mapToInt(Integer::intValue).findFirst();
    Set<Integer> ends = token("eos", vocabulary);
    return new SpecialTokens(
        framed(before, tokenizer.flag("add_bos_token"), begin),
        framed(
            after,
            tokenizer.flag("add_eos_token"),
            ends.stream().mapToInt(Integer::intValue).findFirst()),
        begin,
        ends);
  }

  /** The ids of {@code bos} or {@code eos}: the one named in the first file, then the second's. */
  private Set<Integer> token(String name, Vocabulary vocabulary) {
    Set<Integer> ids = new LinkedHashSet<>();
    tokenizer
        .text(name + "_token")
        .or(() -> tokenizer.text(name + "_token.content"))
        .map(vocabulary::id)
        .filter(id -> id >= 0)
        .ifPresent(ids::add);
    for (MetadataValue value : values("config.%s_token_id".formatted(name))) {
      if (value instanceof MetadataValue.Whole(var id)
          && id.signum() >= 0
          && id.bitLength() < Integer.SIZE
          && vocabulary.text(id.intValue()) != null) {
        ids.add(id.intValue());
      }
    }
    return ids;
  }

  private List<MetadataValue> values(String key) {
    return switch (model.entries().get(key)) {
      case null -> List.of();
      case MetadataValue.Sequence some -> some.head();
      case MetadataValue one -> List.of(one);
    };
  }

  private static List<Integer> framed(
      List<Integer> template, Optional<Boolean> wanted, OptionalInt token) {
    if (wanted.isEmpty() || token.isEmpty()) {
      return template;
    }
    if (!wanted.get()) {
      return List.of();
    }
    return template.contains(token.getAsInt()) ? template : List.of(token.getAsInt());
  }
}
