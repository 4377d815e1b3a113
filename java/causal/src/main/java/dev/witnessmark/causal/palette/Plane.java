package dev.witnessmark.causal.palette;

import dev.witnessmark.fingerprint.Projection;

/** The eight predicates of a palette; the order is that of the planes and layers. */
public enum Plane {
  CAUSES(0),
  ENABLES(1),
  SUPPORTS(2),
  CONTRADICTS(3),
  REFINES(4),
  ABSTRACTS(5),
  GROUNDS(6),
  BECOMES(7);

  /** Number of planes. */
  public static final int COUNT = 8;

  private final int number;

  Plane(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /** The plane that stands for a projection. */
  public static Plane of(Projection projection) {
    return switch (projection) {
      case Q -> CAUSES;
      case O -> ENABLES;
      case K -> SUPPORTS;
      case GATE -> CONTRADICTS;
      case V -> REFINES;
      case FFN_UP, FFN_DOWN -> ABSTRACTS;
      case FFN_GATE -> GROUNDS;
      case EMBEDDING, OTHER -> BECOMES;
    };
  }
}
