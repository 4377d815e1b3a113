/** Running a model with an eye on its stages: captures, summaries, generated text. */
@NullMarked
package dev.witnessmark.parity.trace;

import org.jspecify.annotations.NullMarked;
