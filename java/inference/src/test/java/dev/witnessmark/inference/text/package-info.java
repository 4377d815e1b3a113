/** Tests of tokenizers. */
@NullMarked
package dev.witnessmark.inference.text;

import org.jspecify.annotations.NullMarked;
