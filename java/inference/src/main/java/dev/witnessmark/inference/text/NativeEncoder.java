package dev.witnessmark.inference.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.witnessmark.verdict.CouldNotCompare;

/**
 * The encoder of the tokenizers library. Only the two classes of DJL that declare its native
 * methods are used: those around them would unpack and download native code at run time.
 */
final class NativeEncoder implements AutoCloseable {

  /** As in {@code libtokenizers.so}, which must be in a folder of {@code java.library.path}. */
  private static final String LIBRARY = "tokenizers";

  private final long handle;

  private NativeEncoder(long handle) {
    this.handle = handle;
  }

  /**
   * Makes an encoder.
   *
   * @throws CouldNotCompare if there is no native code for this machine, or it refuses the model
   */
  static NativeEncoder of(TokenizerModel model) throws CouldNotCompare {
    try {
      load();
    } catch (UnsatisfiedLinkError missing) {
      throw new CouldNotCompare(
          "text cannot be turned into tokens on this machine, for which there is no native code (%s);"
                  .formatted(missing.getMessage())
              + " give the prompt as ids with --tokens");
    }
    try {
      return new NativeEncoder(
          TokenizersLibrary.LIB.createTokenizerFromString(TokenizerJsonWriter.write(model)));
    } catch (RuntimeException refused) {
      throw refused(refused);
    }
  }

  /** The ids of {@code text}, which holds no lone surrogate. */
  int[] encode(String text) throws CouldNotCompare {
    try {
      long encoding = TokenizersLibrary.LIB.encode(handle, text, false);
      try {
        long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
          result[i] = (int) ids[i];
        }
        return result;
      } finally {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    } catch (RuntimeException refused) {
      throw refused(refused);
    }
  }

  @SuppressWarnings("restricted") // Loading native code is what this class is for.
  private static void load() {
    System.loadLibrary(LIBRARY);
  }

  @Override
  public void close() {
    TokenizersLibrary.LIB.deleteTokenizer(handle);
  }

  private static CouldNotCompare refused(RuntimeException reason) {
    return new CouldNotCompare(
        "the tokenizers library says: %s; give the prompt as ids with --tokens"
            .formatted(reason.getMessage()));
  }
}
