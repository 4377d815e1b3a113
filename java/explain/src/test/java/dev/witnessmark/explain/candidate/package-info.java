/** Tests of the candidates. */
@NullMarked
package dev.witnessmark.explain.candidate;

import org.jspecify.annotations.NullMarked;
