/** Tests of the scores. */
@NullMarked
package dev.witnessmark.explain.score;

import org.jspecify.annotations.NullMarked;
