package dev.witnessmark.parity.compare;

import dev.witnessmark.verdict.RunRecord;

/**
 * What a comparison is to do.
 *
 * @param common whether stages that only one side has are skipped instead of refused
 * @param run what was asked, for the record
 */
public record CompareOptions(boolean common, RunRecord run) {}
