package dev.witnessmark.it;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a run of the program ended.
 *
 * @param exit its exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record Ended(int exit, String out, String err) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What the JDK says itself; no option silences it. */
  private static final List<String> JDK_LINES =
      List.of("WARNING: Using incubator modules: ", "Picked up JAVA_TOOL_OPTIONS: ");

  /** Standard error without the JDK's own lines. */
  String complaints() {
    return err.lines()
        .filter(line -> JDK_LINES.stream().noneMatch(line::startsWith))
        .collect(Collectors.joining("\n"));
  }

  /** Standard output as one JSON document. */
  JsonNode json() {
    return JSON.readTree(out);
  }

  /** Standard output as one JSON document per line. */
  List<JsonNode> jsonLines() {
    return out.lines().map(JSON::readTree).toList();
  }

  /** The document without what describes the run instead of the result. */
  String resultOnly() {
    ObjectNode document = (ObjectNode) json();
    document.remove("runRecord");
    return document.toString();
  }
}
