/**
 * Text to token ids and back, as the model's own files say it is done.
 *
 * <p>{@code tokenizer.json} of a folder and the vocabulary of a GGUF file are both read, strictly,
 * into a {@link dev.witnessmark.inference.text.TokenizerModel}. From that, and never from a file,
 * is made what the tokenizers library of Hugging Face gets: it is native code that ends the whole
 * process where it meets what it did not expect.
 */
@NullMarked
package dev.witnessmark.inference.text;

import org.jspecify.annotations.NullMarked;
