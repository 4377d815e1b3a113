package dev.witnessmark.inference.text;

import dev.witnessmark.verdict.CouldNotCompare;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tokenizer that a {@link TokenizerModel} describes. Decodes without native code. */
final class BytePairTokenizer implements Tokenizer {

  /**
   * The matcher gives up, and ends the process, after eighty times as many steps from one place.
   */
  static final int LONGEST_TEXT = 1 << 17;

  private final TokenizerModel model;
  private @Nullable NativeEncoder encoder;
  private boolean closed;

  BytePairTokenizer(TokenizerModel model) {
    this.model = model;
  }

  @Override
  public synchronized int[] encode(String text) throws CouldNotCompare {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (text.length() > LONGEST_TEXT) {
      throw new CouldNotCompare(
          "the text has %d characters, at most %d can be turned into tokens at once"
              .formatted(text.length(), LONGEST_TEXT));
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new CouldNotCompare("the text holds a lone surrogate, which is no character");
    }
    OptionalInt lost = text.codePoints().filter(c -> !model.covers(c)).findFirst();
    if (lost.isPresent()) {
      throw new CouldNotCompare(
          "no token of the model stands for U+%04X, which the text holds"
              .formatted(lost.getAsInt()));
    }
    if (encoder == null) {
      encoder = NativeEncoder.of(model);
    }
    return Stream.of(before(), encoder.encode(text), after())
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  @Override
  public String decode(int... ids) {
    int from = starts(ids, before()) ? before().length : 0;
    int to = ids.length;
    int[] after = after();
    if (to - from >= after.length
        && Arrays.equals(ids, to - after.length, to, after, 0, after.length)) {
      to -= after.length;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = from; i < to; i++) {
      bytes.writeBytes(model.bytes(ids[i]));
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    return model.prefixesSpace() && text.startsWith(" ") ? text.substring(1) : text;
  }

  @Override
  public TextStream stream() {
    return new TextStream(model);
  }

  @Override
  public int size() {
    return model.vocabulary().size();
  }

  @Override
  public OptionalInt begin() {
    return model.special().begin();
  }

  @Override
  public Set<Integer> ends() {
    return model.special().ends();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (encoder != null) {
      encoder.close();
      encoder = null;
    }
  }

  private int[] before() {
    return array(model.special().before());
  }

  private int[] after() {
    return array(model.special().after());
  }

  private static int[] array(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static boolean starts(int[] ids, int[] before) {
    return ids.length >= before.length
        && IntStream.range(0, before.length).allMatch(i -> ids[i] == before[i]);
  }
}
