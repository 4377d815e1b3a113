/**
 * The streaming comparator: chunks of rows go through staging memory to a one-pass reduction, on
 * several workers, with the same bits for any number of them.
 */
@NullMarked
package dev.witnessmark.compare.stream;

import org.jspecify.annotations.NullMarked;
