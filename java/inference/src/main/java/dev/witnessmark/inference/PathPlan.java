package dev.witnessmark.inference;

import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.model.Role;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which path each matrix takes, by what it is for. Nothing is implied: what a type cannot do as
 * asked takes the other path and is said to.
 *
 * @param usual the path of matrices that are not named
 * @param exceptions by the short name of a role: {@code q}, {@code down}, {@code head} …
 * @param repairsCrushed whether rows with a crushed block are computed from float32 activations on
 *     path {@code q8} too ({@link Step.Repair})
 */
public record PathPlan(
    MatrixPath usual, Map<String, MatrixPath> exceptions, boolean repairsCrushed) {

  private static final String CRUSHED = "crushed";

  private static final Set<Role> MATRICES =
      EnumSet.of(
          Role.ATTENTION_Q,
          Role.ATTENTION_K,
          Role.ATTENTION_V,
          Role.ATTENTION_OUTPUT,
          Role.ROUTER,
          Role.FFN_GATE,
          Role.FFN_UP,
          Role.FFN_DOWN,
          Role.EXPERT_GATE,
          Role.HEAD);

  public PathPlan {
    exceptions = Map.copyOf(exceptions);
  }

  /** The same path for all. */
  public static PathPlan all(MatrixPath path) {
    return new PathPlan(path, Map.of(), false);
  }

  /**
   * Parses {@code q8} or {@code q8,down=f32,head=f32}; {@code q8,crushed=f32} repairs crushed rows.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static PathPlan parse(String text) {
    String[] parts = text.split(",", -1);
    MatrixPath usual = path(parts[0]);
    Map<String, MatrixPath> exceptions = new TreeMap<>();
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      int equals = part.indexOf('=');
      String role = equals < 0 ? part : part.substring(0, equals).strip();
      if (equals < 0 || !(names().contains(role) || role.equals(CRUSHED))) {
        throw new IllegalArgumentException(
            "%s is no exception such as down=f32; matrices are %s"
                .formatted(part.isBlank() ? "\"\"" : part, String.join(", ", names())));
      }
      if (exceptions.put(role, path(part.substring(equals + 1))) != null) {
        throw new IllegalArgumentException(role + " is named twice");
      }
    }
    boolean repairs = exceptions.remove(CRUSHED) == MatrixPath.F32;
    return new PathPlan(usual, exceptions, repairs);
  }

  private static Set<String> names() {
    return MATRICES.stream().map(Role::column).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static MatrixPath path(String name) {
    try {
      return MatrixPath.valueOf(name.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException unknown) {
      throw new IllegalArgumentException(
          "\"%s\" is no path; paths are f32 and q8".formatted(name), unknown);
    }
  }

  /** The path that is asked for {@code matrix}. */
  public MatrixPath asked(Matrix matrix) {
    // The embedding takes part in a product only as the head.
    String column = (matrix.role() == Role.TOKEN_EMBEDDING ? Role.HEAD : matrix.role()).column();
    return exceptions.getOrDefault(column, usual);
  }

  /** The path that {@code matrix} takes: {@code f32} also where its type has no integer product. */
  public MatrixPath of(Matrix matrix) {
    return MatVecQ8.TYPES.contains(matrix.type()) ? asked(matrix) : MatrixPath.F32;
  }

  /** For example {@code q8,down=f32}; {@link #parse} reads it. */
  @Override
  public String toString() {
    return usual.id()
        + new TreeMap<>(exceptions)
            .entrySet().stream()
                .map(e -> "," + e.getKey() + "=" + e.getValue().id())
                .collect(Collectors.joining())
        + (repairsCrushed ? "," + CRUSHED + "=" + MatrixPath.F32.id() : "");
  }
}
