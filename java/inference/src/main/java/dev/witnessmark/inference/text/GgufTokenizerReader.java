package dev.witnessmark.inference.text;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads the tokenizer in the metadata of a GGUF file: keys {@code tokenizer.ggml.*}, of the model
 * {@code gpt2} (byte-level merges) or {@code llama} (SentencePiece scores).
 */
final class GgufTokenizerReader {

  private static final String KEYS = "tokenizer.ggml.";
  private static final String MODEL = KEYS + "model";
  private static final String TOKENS = KEYS + "tokens";
  private static final String TYPES = KEYS + "token_type";
  private static final String SCORES = KEYS + "scores";
  private static final String MERGES = KEYS + "merges";
  private static final String PRE = KEYS + "pre";

  /** Values of {@code token_type}; 5 is unused and 6 a byte. */
  private static final int NORMAL = 1;

  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  private final Checkpoint checkpoint;
  private final Metadata metadata;
  private final String file;
  private final Vocabulary vocabulary;
  private final AddedTokenList added;
  private final int[] types;

  private GgufTokenizerReader(Checkpoint checkpoint) throws IOException {
    this.checkpoint = checkpoint;
    this.metadata = checkpoint.metadata();
    this.file = checkpoint.files().getFirst().name();
    this.vocabulary = new Vocabulary(file);
    this.added = new AddedTokenList(vocabulary);
    try (GgufArray tokens = array(TOKENS, "str", Vocabulary.MOST_TOKENS)) {
      for (int id = 0; id < tokens.count(); id++) {
        long at = tokens.position();
        vocabulary.add(tokens.nextText(), id, at);
      }
    }
    this.types = types();
    addTokens();
  }

  /**
   * Reads the tokenizer of {@code checkpoint}.
   *
   * @throws Refusal.MissingPart if it has none
   * @throws Refusal.Unsupported if it is of another model, or splits text as is not known
   */
  static TokenizerModel read(Checkpoint checkpoint) throws IOException {
    String file = checkpoint.files().getFirst().name();
    String model =
        checkpoint
            .metadata()
            .text(MODEL)
            .orElseThrow(() ->
                new Refusal.MissingPart(
                    file,
                    MODEL,
                    "the file has no tokenizer; give the prompt as ids with --tokens"));
    return switch (model) {
      case "gpt2" -> new GgufTokenizerReader(checkpoint).byteLevel();
      case "llama" -> new GgufTokenizerReader(checkpoint).sentencePiece();
      default -> throw unsupported(file, MODEL, model);
    };
  }

  private TokenizerModel byteLevel() throws IOException {
    String name = metadata.text(PRE).orElse("default");
    GgufPreTokenizer pre =
        GgufPreTokenizer.of(name).orElseThrow(() -> unsupported(file, PRE, name));
    MergeList merges = new MergeList(vocabulary, MERGES);
    try (GgufArray pairs = array(MERGES, "str", MergeList.MOST)) {
      for (int i = 0; i < pairs.count(); i++) {
        long at = pairs.position();
        merges.add(pairs.nextText(), at);
      }
    }
    return new TokenizerModel(
        vocabulary,
        Spelling.BYTE_LEVEL,
        merges.merges(),
        added.tokens(),
        -1,
        false,
        false,
        pre.wholeTokens(),
        pre.normalizers(),
        pre.preTokenizers(),
        special(pre.wholeTokens(), OptionalInt.empty(), OptionalInt.empty()));
  }

  private TokenizerModel sentencePiece() throws IOException {
    ScoredMerges merges = new ScoredMerges(vocabulary);
    try (GgufArray scores = array(SCORES, "f32", Vocabulary.MOST_TOKENS)) {
      checkCount(SCORES, scores);
      for (int id = 0; id < types.length; id++) {
        float score = scores.nextFloat();
        String token = vocabulary.text(id);
        if (types[id] == NORMAL && token != null) {
          merges.add(id, token, score);
        }
      }
    }
    List<Normalizer> normalizers = new ArrayList<>();
    if (metadata.flag(KEYS + "add_space_prefix").orElse(true)) {
      normalizers.add(Normalizer.PREFIX_SPACE);
    }
    normalizers.add(Normalizer.MARK_SPACES);
    return new TokenizerModel(
        vocabulary,
        Spelling.SENTENCE_PIECE,
        merges.merges(),
        added.tokens(),
        id("unknown_token_id").orElse(0),
        true,
        true,
        false,
        normalizers,
        List.of(),
        special(true, OptionalInt.of(1), OptionalInt.of(2)));
  }

  /** The type of each token. */
  private int[] types() throws IOException {
    int[] types = new int[vocabulary.size()];
    Optional<GgufArray> found = GgufArray.find(checkpoint, TYPES, "i32", Vocabulary.MOST_TOKENS);
    if (found.isEmpty()) {
      Arrays.fill(types, NORMAL);
      return types;
    }
    try (GgufArray array = found.get()) {
      checkCount(TYPES, array);
      for (int id = 0; id < types.length; id++) {
        types[id] = array.nextInt();
      }
    }
    return types;
  }

  /** What is no ordinary text is found whole. */
  private void addTokens() throws IOException {
    for (int id = 0; id < types.length; id++) {
      String token = vocabulary.text(id);
      if (token != null
          && (types[id] == UNKNOWN || types[id] == CONTROL || types[id] == USER_DEFINED)) {
        added.add(AddedToken.plain(id), token, -1);
      }
    }
  }

  private SpecialTokens special(boolean begins, OptionalInt usualBegin, OptionalInt usualEnd)
      throws IOException {
    OptionalInt begin = or(id("bos_token_id"), usualBegin);
    OptionalInt end = or(id("eos_token_id"), usualEnd);
    Set<Integer> ends = new LinkedHashSet<>();
    end.ifPresent(ends::add);
    id("eot_token_id").ifPresent(ends::add);
    return new SpecialTokens(
        framing("add_bos_token", begins, begin), framing("add_eos_token", false, end), begin, ends);
  }

  private List<Integer> framing(String key, boolean usual, OptionalInt token) {
    return metadata.flag(KEYS + key).orElse(usual) && token.isPresent()
        ? List.of(token.getAsInt())
        : List.of();
  }

  private static OptionalInt or(OptionalInt id, OptionalInt usual) {
    return id.isPresent() ? id : usual;
  }

  /** The id at the key {@code name}, if there is one. */
  private OptionalInt id(String name) throws IOException {
    if (!(metadata.entries().get(KEYS + name) instanceof MetadataValue.Whole(var id))) {
      return OptionalInt.empty();
    }
    if (id.signum() < 0 || id.bitLength() >= Integer.SIZE || id.intValue() >= vocabulary.size()) {
      throw new Refusal.Malformed(
          file, KEYS + name, -1, "is %s, and there are %d tokens".formatted(id, vocabulary.size()));
    }
    return OptionalInt.of(id.intValue());
  }

  private GgufArray array(String key, String elementType, int most) throws IOException {
    return GgufArray.find(checkpoint, key, elementType, most)
        .orElseThrow(() ->
            new Refusal.MissingPart(
                file, key, "its tokenizer is not whole; give the prompt as ids with --tokens"));
  }

  private void checkCount(String key, GgufArray array) throws IOException {
    if (array.count() != vocabulary.size()) {
      throw new Refusal.Inconsistent(file, key, -1, "its length", array.count(), vocabulary.size());
    }
  }

  private static Refusal unsupported(String file, String key, String name) {
    return new Refusal.Unsupported(
        file, key, -1, "the tokenizer '%s' ".formatted(name) + Tokenizers.NOT_SUPPORTED);
  }
}
