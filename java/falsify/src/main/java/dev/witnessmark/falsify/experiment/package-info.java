/** The experiments 006 … 013 and 015, one class each, and the table of them. */
@NullMarked
package dev.witnessmark.falsify.experiment;

import org.jspecify.annotations.NullMarked;
