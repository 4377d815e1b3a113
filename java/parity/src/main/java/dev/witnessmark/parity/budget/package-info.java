/** How far the values of a stage may be from the real ones, value by value. */
@NullMarked
package dev.witnessmark.parity.budget;

import org.jspecify.annotations.NullMarked;
