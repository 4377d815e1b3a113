/** Budgets of values, and what becomes of those that have none. */
@NullMarked
package dev.witnessmark.parity.budget;

import org.jspecify.annotations.NullMarked;
