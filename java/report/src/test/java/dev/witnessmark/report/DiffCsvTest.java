package dev.witnessmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.model.Role;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiffCsvTest {

  private static List<String> lines(String name) {
    String csv =
        Results.printed(out ->
            DiffCsv.write(
                Results.result(Results.differs(), Results.moved(name, Role.ATTENTION_Q, 3, 0.25)),
                out));
    return List.of(csv.split("\r\n", -1));
  }

  @Test
  void everyLineHasTheColumnsOfTheHeader() {
    List<String> lines = lines("blk.3.attn_q.weight");

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1))
        .isEqualTo(
            "blk.3.attn_q.weight,blk.3.attn_q.weight,attention q,3,,moved,BF16,BF16,6,5,0,0,0,0,0,"
                + "0.5,4,-0.08333333333333333,0.25,0.25,0.5,2,1,,");
    assertThat(lines.get(1).split(",", -1)).hasSameSizeAs(lines.get(0).split(",", -1));
    assertThat(lines.get(2)).isEmpty();
  }

  /** It says why the numbers after it are missing. */
  @Test
  void squaresThatLeaveTheRangeAreCounted() {
    String csv =
        Results.printed(out ->
            DiffCsv.write(
                Results.result(
                    Results.differs(),
                    Results.tensor(
                        "x",
                        Results.identity(Role.OTHER, -1),
                        TensorStatus.MOVED,
                        Results.changed(2, null, null, null))),
                out));
    List<String> header = List.of(csv.lines().toList().getFirst().split(","));
    String[] fields = csv.lines().toList().get(1).split(",", -1);

    assertThat(fields[header.indexOf("outOfRange")]).isEqualTo("2");
    assertThat(fields[header.indexOf("relative")]).isEmpty();
  }

  @Test
  void aSideThatIsMissingIsEmpty() {
    String csv =
        Results.printed(out ->
            DiffCsv.write(
                Results.result(
                    Results.differs(),
                    Results.tensor(
                        "x", Results.identity(Role.OTHER, -1), TensorStatus.ONLY_IN_B, null)),
                out));

    assertThat(csv.split("\r\n", -1)[1]).isEqualTo(",x,other,,,only-in-b,,BF16" + ",".repeat(17));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a,b|\"a,b\",",
        "say \"x\"|\"say \"\"x\"\"\",",
        "=1+1|'=1+1,",
        "+1|'+1,",
        "-1|'-1,",
        "@SUM(A1)|'@SUM(A1),",
        "=HYPERLINK(\"x\",\"y\")|\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",",
      })
  void quotesNamesAndDefusesFormulas(String name, String field) {
    assertThat(lines(name).get(1)).startsWith(field);
  }

  @Test
  void controlCharactersOfNamesAreEscaped() {
    String csv =
        Results.printed(out ->
            DiffCsv.write(
                Results.result(
                    Results.differs(), Results.equal("a\r\nb\u001b[31m", Role.ATTENTION_Q, 3)),
                out));

    String escaped = "a\\u000d\\u000ab\\u001b[31m";
    assertThat(csv).contains("\r\n" + escaped + "," + escaped + ",attention q");
  }
}
