package dev.witnessmark.explain;

import dev.witnessmark.explain.candidate.Candidate;
import java.util.List;

/**
 * A candidate that could not be made.
 *
 * @param candidate which
 * @param layers where
 * @param reason what is not there, as the end of "not available because there is no …"
 */
public record Unavailable(Candidate candidate, List<Integer> layers, String reason) {}
