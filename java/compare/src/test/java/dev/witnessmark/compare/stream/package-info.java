/** Tests of the streaming comparator. */
@NullMarked
package dev.witnessmark.compare.stream;

import org.jspecify.annotations.NullMarked;
