package dev.witnessmark.explain.algebra;

import org.netlib.util.intW;

/** What calls of the translated LAPACK share. */
final class Lapack {

  /** The translation keeps saved variables of Fortran in static fields: one call at a time. */
  static final Object LOCK = new Object();

  private Lapack() {}

  /**
   * Says so if a routine did not converge, or was given what it cannot take.
   *
   * @throws ArithmeticException if {@code info} is not zero
   */
  static void require(intW info, String routine) {
    if (info.val != 0) {
      throw new ArithmeticException("%s ended with info %d".formatted(routine, info.val));
    }
  }
}
