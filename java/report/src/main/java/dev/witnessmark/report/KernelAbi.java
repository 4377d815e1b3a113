package dev.witnessmark.report;

import dev.witnessmark.kernels.operation.Operand;
import dev.witnessmark.kernels.operation.Operation;
import dev.witnessmark.model.transformer.Stage;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/** What a kernel of the user's own is given, to make a stage. */
public final class KernelAbi {

  private KernelAbi() {}

  /** Prints every kernel that takes part, for one position. */
  public static void print(Stage stage, Map<String, Operation> operations, PrintStream out) {
    out.printf(Locale.ROOT, " %s: %s%n", stage.id(), stage.meaning());
    if (operations.isEmpty()) {
      out.println(" This model makes it with no kernel that can be replaced.");
    }
    operations.forEach((name, operation) -> {
      out.println();
      out.printf(Locale.ROOT, " %s: %s%n", name, operation.family().title());
      out.printf(Locale.ROOT, "   %s%n", operation.family().formula());
      out.println("   extern \"C\" __global__ void NAME(");
      for (Operand operand : operation.operands()) {
        out.printf(
            Locale.ROOT,
            "     %s%s* %s,  // %,d for one position%n",
            operand.direction() == Operand.Direction.IN ? "const " : "",
            operand.element().name().toLowerCase(Locale.ROOT),
            operand.name(),
            operand.count());
      }
      String[] names = operation.family().numbers().split(", ", -1);
      for (int i = 0; i < operation.parameters().size(); i++) {
        Number value = operation.parameters().get(i);
        out.printf(
            Locale.ROOT,
            "     %s %s%s  // %s here%n",
            switch (value) {
              case Integer _ -> "int";
              case Long _ -> "long long";
              default -> "float";
            },
            i < names.length ? names[i] : "number",
            i == operation.parameters().size() - 1 ? ")" : ",",
            value);
      }
      out.printf(Locale.ROOT, "   order of additions of ours: %s%n", operation.family().order());
    });
    out.println();
    out.println(
        " One launch, any grid; matrices are row-major without gaps, numbers little-endian.");
  }
}
