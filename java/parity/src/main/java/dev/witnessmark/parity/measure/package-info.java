/** How far two stages are from each other, in numbers that do not fool anyone. */
@NullMarked
package dev.witnessmark.parity.measure;

import org.jspecify.annotations.NullMarked;
