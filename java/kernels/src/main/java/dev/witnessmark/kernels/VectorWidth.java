package dev.witnessmark.kernels;

import jdk.incubator.vector.VectorShape;
import org.jspecify.annotations.Nullable;

/**
 * Width of the vector unit that the kernels on the Vector API are compiled for. Decided once per
 * process: the system property {@value #PROPERTY} if it names a width (0 for scalar code),
 * otherwise what the platform prefers.
 */
public final class VectorWidth {

  /** System property with the width to use in bits: 0, 128, 256 or 512. */
  public static final String PROPERTY = "witnessmark.vectorBits";

  private static final VectorWidth CHOSEN = choose(System.getProperty(PROPERTY));

  private final int bits;
  private final String reason;

  private VectorWidth(int bits, String reason) {
    this.bits = bits;
    this.reason = reason;
  }

  /** The width in bits, 128, 256 or 512; 0 if only scalar code runs. */
  public static int bits() {
    return CHOSEN.bits;
  }

  /** True if there is a vector unit to use. */
  public static boolean available() {
    return CHOSEN.bits > 0;
  }

  /** Why the width is what it is, as half a sentence for a human. */
  public static String reason() {
    return CHOSEN.reason;
  }

  private static VectorWidth choose(@Nullable String property) {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return new VectorWidth(0, "scalar code: started without --add-modules jdk.incubator.vector");
    }
    int preferred = VectorShape.preferredShape().vectorBitSize();
    if (property != null) {
      return switch (property) {
        case "0" -> new VectorWidth(0, "scalar code: " + PROPERTY + " is 0");
        case "128", "256", "512" -> forced(Integer.parseInt(property), preferred);
        default -> preferred(preferred, PROPERTY + "=" + property + " is no width, ");
      };
    }
    return preferred(preferred, "");
  }

  private static VectorWidth forced(int bits, int preferred) {
    String reason = bits + " bits: set by " + PROPERTY;
    if (bits > preferred) {
      reason += ", emulated slowly: the platform has " + preferred;
    }
    return new VectorWidth(bits, reason);
  }

  private static VectorWidth preferred(int preferred, String remark) {
    int bits = Math.min(512, preferred);
    if (bits < 128) {
      return new VectorWidth(
          0, "scalar code: " + remark + "the platform's vectors have " + preferred + " bits");
    }
    return new VectorWidth(bits, bits + " bits: " + remark + "what the platform prefers");
  }
}
