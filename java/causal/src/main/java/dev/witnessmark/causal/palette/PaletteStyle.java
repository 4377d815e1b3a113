package dev.witnessmark.causal.palette;

/** The style byte of a palette file; it changes no bit of the palette. */
public enum PaletteStyle {
  ANALYTICAL(0),
  CREATIVE(1),
  FOCUSED(2),
  INTEGRATIVE(3),
  DIVERGENT(4),
  META(5);

  private final int code;

  PaletteStyle(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** The style of a byte; unknown ones read as {@link #ANALYTICAL}. */
  public static PaletteStyle ofCode(int code) {
    for (PaletteStyle style : values()) {
      if (style.code == code) {
        return style;
      }
    }
    return ANALYTICAL;
  }
}
