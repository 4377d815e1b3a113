package dev.witnessmark.report;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A result in a SARIF log. SARIF 2.1.0, 3.27.9 and 3.27.10: a level other than none needs the kind
 * fail.
 *
 * @param rule id of its rule
 * @param kind {@code fail}, {@code pass}, {@code open} or {@code informational}
 * @param level {@code error}, {@code warning} or {@code none}
 * @param message what is to be said
 * @param file the file that it is about, if there is one
 * @param place what in it: a name that people know
 * @param fingerprint by which the same result is known in another log
 * @param properties numbers, by their names
 */
record SarifResult(
    String rule,
    String kind,
    String level,
    String message,
    @Nullable Path file,
    String place,
    Fingerprint fingerprint,
    Map<String, @Nullable Double> properties) {

  /**
   * What identifies a result.
   *
   * @param kind what is identified, and how, for example {@code cell/v1}
   * @param value its identity
   */
  record Fingerprint(String kind, String value) {}
}
