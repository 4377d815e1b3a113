package dev.witnessmark.fingerprint;

import java.util.List;
import java.util.Set;

/** Tells the matrices that choose experts by the last components of their names. */
public final class RouterName {

  private static final String SUFFIX = ".weight";

  private static final Set<String> OWNERS_OF_GATES =
      Set.of("mlp", "block_sparse_moe", "moe", "ffn", "feed_forward", "ff_i");

  private RouterName() {}

  /**
   * Whether {@code name} is a router's: it ends in {@code .weight}, and before that comes {@code
   * ffn_gate_inp}, {@code router}, {@code router.layer}, or {@code gate} under a feed-forward part.
   * Dense gates, gates of shared experts and biases are none.
   */
  public static boolean matches(String name) {
    if (!name.endsWith(SUFFIX)) {
      return false;
    }
    List<String> parts =
        List.of(name.substring(0, name.length() - SUFFIX.length()).split("\\.", -1));
    String last = parts.getLast();
    String owner = parts.size() > 1 ? parts.get(parts.size() - 2) : "";
    return last.equals("ffn_gate_inp")
        || last.equals("router")
        || (last.equals("layer") && owner.equals("router"))
        || (last.equals("gate") && OWNERS_OF_GATES.contains(owner));
  }
}
