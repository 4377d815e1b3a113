/** Tests of the experiments' own arithmetic against published bits. */
@NullMarked
package dev.witnessmark.falsify.path;

import org.jspecify.annotations.NullMarked;
