package dev.witnessmark.report;

import dev.witnessmark.verdict.ExitCode;
import java.util.List;
import java.util.Map;

/**
 * What a SARIF log says of the run that it is of.
 *
 * @param command which command, for example {@code wmark guard}
 * @param version of the program
 * @param arguments the command line
 * @param exit how it ended
 * @param rules what each rule that a result may have is about, by its id, in order
 */
record SarifRun(
    String command,
    String version,
    List<String> arguments,
    ExitCode exit,
    Map<String, String> rules) {}
