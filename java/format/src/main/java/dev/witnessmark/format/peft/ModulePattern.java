package dev.witnessmark.format.peft;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A key of {@code rank_pattern} or {@code alpha_pattern} that is more than a name. PEFT takes it
 * for a regular expression that a module's name, or what follows one of its dots, must match as a
 * whole.
 *
 * <p>Regular expressions of untrusted files can take exponential time. Here they are sequences of
 * characters, {@code .}, {@code \d}, {@code \w} and escaped characters, each with {@code *}, {@code
 * +}, {@code ?} or nothing behind it, matched in time proportional to the product of both lengths.
 */
final class ModulePattern {

  private static final String SYNTAX = "\\()[]{}|*+?^$";

  private record Step(IntPredicate accepts, boolean optional, boolean repeated) {}

  private final boolean fromStart;
  private final List<Step> steps;

  private ModulePattern(boolean fromStart, List<Step> steps) {
    this.fromStart = fromStart;
    this.steps = List.copyOf(steps);
  }

  /** Whether {@code key} is a name, in which a dot stands for itself. */
  static boolean plain(String key) {
    return key.chars().noneMatch(c -> SYNTAX.indexOf(c) >= 0);
  }

  /** Reads {@code key}; empty if it has groups, choices, or anything else that is not read. */
  static Optional<ModulePattern> of(String key) {
    boolean fromStart = key.startsWith("^");
    int end = key.endsWith("$") && !key.endsWith("\\$") ? key.length() - 1 : key.length();
    List<Step> steps = new ArrayList<>();
    int at = fromStart ? 1 : 0;
    while (at < end) {
      char c = key.charAt(at++);
      IntPredicate accepts;
      if (c == '\\') {
        if (at == end) {
          return Optional.empty();
        }
        Optional<IntPredicate> escaped = escaped(key.charAt(at++));
        if (escaped.isEmpty()) {
          return Optional.empty();
        }
        accepts = escaped.get();
      } else if (c == '.') {
        accepts = any -> true;
      } else if (SYNTAX.indexOf(c) >= 0) {
        return Optional.empty();
      } else {
        accepts = same -> same == c;
      }
      char quantifier = at < end ? key.charAt(at) : ' ';
      boolean quantified = "*+?".indexOf(quantifier) >= 0;
      at += quantified ? 1 : 0;
      steps.add(
          new Step(
              accepts,
              quantifier == '*' || quantifier == '?',
              quantifier == '*' || quantifier == '+'));
    }
    return Optional.of(new ModulePattern(fromStart, steps));
  }

  private static Optional<IntPredicate> escaped(char c) {
    return switch (c) {
      case 'd' -> Optional.of(digit -> digit >= '0' && digit <= '9');
      case 'w' -> Optional.of(word -> word == '_' || Character.isLetterOrDigit(word));
      default -> Character.isLetterOrDigit(c) ? Optional.empty() : Optional.of(same -> same == c);
    };
  }

  /** Number of steps: what a match costs per character of a module's name. */
  int length() {
    return steps.size();
  }

  /** Whether {@code module}, or what follows one of its dots, matches as a whole. */
  boolean matches(String module) {
    BitSet reached = new BitSet(module.length() + 1);
    reached.set(0);
    for (int dot = module.indexOf('.');
        dot >= 0 && !fromStart;
        dot = module.indexOf('.', dot + 1)) {
      reached.set(dot + 1);
    }
    for (Step step : steps) {
      reached = advance(module, step, reached);
    }
    return reached.get(module.length());
  }

  /** The positions after {@code step}, from those before it. */
  private static BitSet advance(String module, Step step, BitSet from) {
    BitSet to = new BitSet(module.length() + 1);
    for (int at = 0; at <= module.length(); at++) {
      boolean here = from.get(at);
      if (here && step.optional) {
        to.set(at);
      }
      boolean mayTake = here || (step.repeated && to.get(at));
      if (mayTake && at < module.length() && step.accepts.test(module.charAt(at))) {
        to.set(at + 1);
      }
    }
    return to;
  }
}
