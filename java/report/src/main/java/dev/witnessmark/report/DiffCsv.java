package dev.witnessmark.report;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.FloorUse;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.format.Printable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One line per tensor, RFC 4180, with a header; empty where a value is undefined. Names come from
 * untrusted files: one that a spreadsheet would take for a formula gets an apostrophe before it.
 */
public final class DiffCsv {

  private static final String HEADER =
      "a,b,role,block,expert,status,typeA,typeB,values,equal,outOfRange,nanOnlyA,nanOnlyB,infOnlyA,"
          + "infOnlyB,maxAbs,maxAbsIndex,mean,rms,relative,cosine,rows,rowsMoved,budgetUsed,beyondBudget";

  private static final String FORMULA_STARTS = "=+-@\t\r";

  private DiffCsv() {}

  /** Writes {@code result} to {@code out}. */
  public static void write(DiffResult result, PrintStream out) {
    out.print(HEADER + "\r\n");
    for (TensorDifference tensor : result.tensors()) {
      out.print(line(tensor) + "\r\n");
    }
    out.flush();
  }

  private static String line(TensorDifference tensor) {
    List<@Nullable Object> fields = new ArrayList<>();
    fields.add(tensor.a() == null ? null : noFormula(tensor.a().name()));
    fields.add(tensor.b() == null ? null : noFormula(tensor.b().name()));
    fields.add(tensor.identity().role().label());
    fields.add(tensor.identity().block() < 0 ? null : tensor.identity().block());
    fields.add(tensor.identity().expert() < 0 ? null : tensor.identity().expert());
    fields.add(tensor.status().label());
    fields.add(tensor.a() == null ? null : tensor.a().type());
    fields.add(tensor.b() == null ? null : tensor.b().type());
    ValueDifference d = tensor.difference();
    if (d == null) {
      fields.addAll(Arrays.asList(new @Nullable Object[17]));
    } else {
      Extreme max = d.max();
      FloorUse floor = d.floor();
      fields.addAll(
          Arrays.asList(
              d.values(),
              d.equal(),
              d.outOfRange(),
              d.nanOnlyA(),
              d.nanOnlyB(),
              d.infOnlyA(),
              d.infOnlyB(),
              max == null ? 0.0 : Math.abs(max.delta()),
              max == null ? null : max.index(),
              d.mean(),
              d.rms(),
              d.relative(),
              d.cosine(),
              d.rows() == null ? null : d.rows().rows(),
              d.rows() == null ? null : d.rows().moved(),
              floor == null ? null : floor.used(),
              floor == null ? null : floor.beyond()));
    }
    return fields.stream().map(DiffCsv::field).collect(Collectors.joining(","));
  }

  private static String noFormula(String name) {
    return !name.isEmpty() && FORMULA_STARTS.indexOf(name.charAt(0)) >= 0 ? "'" + name : name;
  }

  private static String field(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    String text = Printable.of(value.toString());
    return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
        ? '"' + text.replace("\"", "\"\"") + '"'
        : text;
  }
}
