package dev.witnessmark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.testing.BytesSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class BenchResultReaderTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Schema SCHEMA = schema();

  private static BenchResult everything() {
    BenchResult cells = cells();
    return new BenchResult(
        cells.devices(),
        cells.cells(),
        cells.run(),
        new KernelCheck("mine", "matvec_q8_q4_k", 28, 0, 27, "results[3] differs"));
  }

  private static BenchResult cells() {
    BitSet throttled = new BitSet();
    throttled.set(0);
    throttled.set(2);
    CellKey bare =
        new CellKey("wall time", null, List.of(), null, Results.H200, null, null, null, null);
    return Results.result(
        new Cell(
            Results.key("matvec"),
            "cuda:0",
            "sm_90",
            1L,
            Long.MAX_VALUE,
            3,
            0.5,
            List.of(1.01, 0.99),
            List.of(
                Fork.of(new double[] {1.5, 2, 1e9}, new double[] {1980, 1410.5, 1980}, throttled),
                Fork.of(4))),
        new Cell(bare, "cuda:0", null, null, null, 1, null, List.of(), List.of(Fork.of(7))));
  }

  private static String written(BenchResult result) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BenchResultWriter.write(result, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static BenchResult read(String text) throws IOException {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static BenchResult read(byte[] text) throws IOException {
    return BenchResultReader.read(new BytesSource("bench.json", text), Limits.DEFAULT);
  }

  private static List<String> violations(JsonNode document) {
    return SCHEMA.validate(document).stream().map(Error::toString).toList();
  }

  private static Schema schema() {
    try (InputStream in = BenchResult.class.getResourceAsStream("wmark-bench-v1.schema.json")) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Test
  void whatIsWrittenIsReadAndValid() throws IOException {
    String text = written(everything());

    assertThat(violations(JSON.readTree(text))).isEmpty();
    assertThat(written(read(text))).isEqualTo(text);
    assertThat(read(text).devices()).isEqualTo(everything().devices());
    assertThat(read(text).cells().getFirst().key())
        .isEqualTo(everything().cells().getFirst().key());
    Fork fork = read(text).cells().getFirst().forks().getFirst();
    assertThat(fork.nanoseconds()).containsExactly(1.5, 2, 1e9);
    assertThat(fork.megahertz()).containsExactly(1980, 1410.5, 1980);
    assertThat(fork.throttled().stream()).containsExactly(0, 2);
  }

  @Test
  void fieldsMayComeInAnyOrder() throws IOException {
    ObjectNode reversed = JSON.createObjectNode();
    ObjectNode document = (ObjectNode) JSON.readTree(written(everything()));
    List.copyOf(document.propertyNames()).reversed().forEach(n -> reversed.set(n, document.get(n)));

    assertThat(written(read(reversed.toString()))).isEqualTo(written(everything()));
  }

  private static Refusal refused(Consumer<ObjectNode> damage, boolean schemaSeesIt)
      throws IOException {
    ObjectNode document = (ObjectNode) JSON.readTree(written(everything()));
    damage.accept(document);
    assertThat(violations(document).isEmpty()).as("valid by the schema").isNotEqualTo(schemaSeesIt);
    return refused(document.toString());
  }

  private static Refusal refused(String text) {
    try {
      read(text);
    } catch (Refusal refusal) {
      assertThat(refusal.file()).isEqualTo("bench.json");
      return refusal;
    } catch (IOException other) {
      throw new AssertionError(other);
    }
    throw new AssertionError("was read");
  }

  private static ObjectNode cell(ObjectNode document) {
    return (ObjectNode) document.get("cells").get(0);
  }

  private static ObjectNode fork(ObjectNode document) {
    return (ObjectNode) cell(document).get("forks").get(0);
  }

  /** A cell's field replaced by a piece of JSON. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kernel                    | \"\"          | /cells/0/kernel",
        "kernel                    | 7             | /cells/0/kernel",
        "kernel                    | null          | /cells/0/kernel",
        "type                      | 7             | /cells/0/type",
        "shape                     | [-1]          | /cells/0/shape/0",
        "shape                     | [1,1,1,1,1,1,1,1,1] | /cells/0/shape",
        "shape                     | {}            | /cells/0/shape",
        "batch                     | 0             | /cells/0/batch",
        "batch                     | 1.5           | /cells/0/batch",
        "path                      | \"q4\"        | /cells/0/path",
        "arithmetic                | \"exact\"     | /cells/0/arithmetic",
        "cache                     | \"hot\"       | /cells/0/cache",
        "launchesPerSample         | 0             | /cells/0/launchesPerSample",
        "launchesPerSample         | null          | /cells/0/launchesPerSample",
        "launchOverheadNanoseconds | 0             | /cells/0/launchOverheadNanoseconds",
        "aaRatios                  | [0]           | /cells/0/aaRatios/0",
        "aaRatios                  | [\"1\"]       | /cells/0/aaRatios/0",
        "aaRatios                  | [1e30]        | /cells/0/aaRatios/0",
        "aaRatios                  | null          | /cells/0/aaRatios",
        "forks                     | []            | /cells/0/forks",
        "forks                     | [7]           | /cells/0/forks/0",
      })
  void cellsAreReadStrictly(String field, String json, String subject) throws IOException {
    Refusal refusal = refused(document -> cell(document).set(field, JSON.readTree(json)), true);

    assertThat(refusal.subject()).isEqualTo(subject);
    assertThat(refusal.offset()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nanoseconds | []                | true  | /cells/0/forks/0/nanoseconds",
        "nanoseconds | [0]               | true  | /cells/0/forks/0/nanoseconds/0",
        "nanoseconds | [1,-1,1]          | true  | /cells/0/forks/0/nanoseconds/1",
        "nanoseconds | [1,1e25,1]        | true  | /cells/0/forks/0/nanoseconds/1",
        "nanoseconds | null              | true  | /cells/0/forks/0/nanoseconds",
        "megahertz   | [1980]            | false | /cells/0/forks/0/megahertz",
        "megahertz   | [1,2,null]        | true  | /cells/0/forks/0/megahertz/2",
        "throttled   | [3]               | false | /cells/0/forks/0/throttled",
        "throttled   | [1,0]             | false | /cells/0/forks/0/throttled/1",
        "throttled   | [1,1]             | true  | /cells/0/forks/0/throttled/1",
        "throttled   | [2147483648]      | false | /cells/0/forks/0/throttled/0",
        "throttled   | [9223372036854775808] | false | /cells/0/forks/0/throttled/0",
      })
  void forksAreReadStrictly(String field, String json, boolean schemaSeesIt, String subject)
      throws IOException {
    Refusal refusal =
        refused(document -> fork(document).set(field, JSON.readTree(json)), schemaSeesIt);

    assertThat(refusal.subject()).isEqualTo(subject);
  }

  @Test
  void numbersThatDisagreeAreNamed() throws IOException {
    Refusal refusal =
        refused(document -> fork(document).set("megahertz", JSON.readTree("[1980]")), false);

    assertThat(refusal)
        .asInstanceOf(type(Refusal.Inconsistent.class))
        .returns(1L, Refusal.Inconsistent::found)
        .returns(3L, Refusal.Inconsistent::expected);
  }

  @Test
  void fieldsAreExactlyThoseOfTheSchema() throws IOException {
    Refusal unknown = refused(document -> cell(document).put("a/b~c", 1), true);
    Refusal missing = refused(document -> cell(document).remove(List.of("bytes", "path")), true);
    Refusal nothing = refused("{}");

    assertThat(unknown).isInstanceOf(Refusal.Malformed.class);
    assertThat(unknown.subject()).isEqualTo("/cells/0/a~1b~0c");
    assertThat(missing.subject()).isEqualTo("/cells/0");
    assertThat(missing.detail()).contains("path, bytes");
    assertThat(nothing.detail()).contains("schema, devices, cells, check, runRecord");
  }

  @Test
  void aCheckAddsUp() throws IOException {
    Refusal refusal =
        refused(document -> ((ObjectNode) document.get("check")).put("equal", 28), false);

    assertThat(refusal.subject()).isEqualTo("/check");
    assertThat(refusal.detail()).contains("28 equal, 27 within the budget and 28 trials");
    assertThat(read(written(cells())).check()).isNull();
  }

  @Test
  void otherSchemasAreNotGuessedAt() throws IOException {
    Refusal later = refused(document -> document.put("schema", "wmark-bench-v2"), true);

    assertThat(later).isInstanceOf(Refusal.Unsupported.class);
    assertThat(later.subject()).isEqualTo("/schema");
    assertThat(later.detail()).contains("wmark-bench-v2", "wmark-bench-v1");
  }

  @Test
  void duplicatesAreRefused() throws IOException {
    Refusal field = refused(written(everything()).replaceFirst("\\{", "{\"devices\":[],"));
    Refusal cell =
        refused(
            document -> ((ArrayNode) document.get("cells")).add(document.get("cells").get(0)),
            false);
    Refusal device =
        refused(
            document -> ((ArrayNode) document.get("devices")).add(document.get("devices").get(0)),
            false);

    assertThat(field).isInstanceOf(Refusal.Duplicate.class);
    assertThat(cell).isInstanceOf(Refusal.Duplicate.class);
    assertThat(cell.subject()).isEqualTo("/cells/2");
    assertThat(device).isInstanceOf(Refusal.Duplicate.class);
  }

  @Test
  void cellsNameADeviceThatIsThere() throws IOException {
    Refusal refusal = refused(document -> cell(document).put("device", "cuda:1"), false);

    assertThat(refusal.subject()).isEqualTo("/cells/0/device");
    assertThat(refusal.detail()).contains("cuda:1");
  }

  @Test
  void documentsEndWhereTheyShould() {
    String text = written(everything());

    assertThat(refused(text + "{}")).isInstanceOf(Refusal.Malformed.class);
    assertThat(refused(text.substring(0, text.length() / 2))).isInstanceOf(Refusal.Malformed.class);
    assertThat(refused("")).isInstanceOf(Refusal.class);
    assertThat(refused("[]")).isInstanceOf(Refusal.Malformed.class);
    assertThat(refused("GGUF")).isInstanceOf(Refusal.Malformed.class);
  }

  @Test
  void countsAreLimited() {
    String samples = "1,".repeat(BenchResultReader.MOST_IN_LIST) + "1";
    String text =
        written(Results.result(Results.cell(Results.key("k"), Fork.of(7))))
            .replace("\"nanoseconds\":[7.0]", "\"nanoseconds\":[" + samples + "]");

    Refusal refusal = refused(text);

    assertThat(refusal).isInstanceOf(Refusal.Unsupported.class);
    assertThat(refusal.subject()).isEqualTo("/cells/0/forks/0/nanoseconds");
    // Nesting that no field allows is not followed.
    assertThat(refused("{\"cells\":" + "[".repeat(100_000)).subject()).isEqualTo("/cells/0");
  }

  @Test
  void largeFilesAreNotRead() {
    BytesSource file =
        new BytesSource("bench.json", written(everything()).getBytes(StandardCharsets.UTF_8));
    Limits tight = Limits.DEFAULT.with("json-header-bytes", 100);

    assertThatThrownBy(() -> BenchResultReader.read(file, tight))
        .asInstanceOf(type(Refusal.LimitExceeded.class))
        .returns(file.size(), Refusal.LimitExceeded::found)
        .returns(100L, Refusal.LimitExceeded::allowed);
  }

  /** Whatever is damaged, what comes is a result or a refusal. */
  @Test
  void damageIsRefusedOrHarmless() {
    byte[] good = written(everything()).getBytes(StandardCharsets.UTF_8);
    SplittableRandom random = new SplittableRandom(3);
    byte[] alphabet = "{}[],:\"0e9-.nulltrue \\\u0000\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    int refused = 0;
    for (int trial = 0; trial < 3000; trial++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        bad[random.nextInt(bad.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      try {
        read(bad);
      } catch (Refusal refusal) {
        refused++;
      } catch (IOException other) {
        throw new AssertionError(new String(bad, StandardCharsets.ISO_8859_1), other);
      }
    }
    assertThat(refused).isGreaterThan(2000);
  }
}
