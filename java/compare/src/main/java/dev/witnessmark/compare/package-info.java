/** What moved between two checkpoints: the comparison's entry point, its results, its verdict. */
@NullMarked
package dev.witnessmark.compare;

import org.jspecify.annotations.NullMarked;
