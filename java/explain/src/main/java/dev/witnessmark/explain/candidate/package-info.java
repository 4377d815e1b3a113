/**
 * The candidates: subspaces of the hidden state that are built from base weights and base
 * activations alone, and the ceilings that they are held against, which are not. {@link
 * dev.witnessmark.explain.candidate.Candidate} is the table of all.
 */
@NullMarked
package dev.witnessmark.explain.candidate;

import org.jspecify.annotations.NullMarked;
