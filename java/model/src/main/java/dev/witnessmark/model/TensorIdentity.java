package dev.witnessmark.model;

/**
 * What a tensor is, whatever its ecosystem calls it: two tensors with equal identities are each
 * other's counterpart.
 *
 * @param role what it is for
 * @param block number of the transformer block, or {@link #NONE}
 * @param expert number of the expert, {@link #ALL} for a stack of all experts, or {@link #NONE}
 * @param part {@code weight}, {@code bias}, or what else the name ends in
 * @param detail the stem of the name where the role alone does not identify the tensor, else empty
 */
public record TensorIdentity(Role role, int block, int expert, String part, String detail) {

  /** No block, or no expert. */
  public static final int NONE = -1;

  /** A stack of all experts: one dimension more, slowest. */
  public static final int ALL = -2;

  /** The same tensor of one expert of the stack. */
  public TensorIdentity ofExpert(int number) {
    return new TensorIdentity(role, block, number, part, detail);
  }

  /** The same part of the same block in another role. */
  public TensorIdentity as(Role other) {
    return new TensorIdentity(other, block, expert, part, detail);
  }

  /** For example {@code blk 3 attention q}, {@code blk 0 expert 5 up}, {@code head}. */
  public String label() {
    StringBuilder label = new StringBuilder();
    if (block != NONE) {
      label.append("blk ").append(block).append(' ');
    }
    if (expert >= 0) {
      label.append("expert ").append(expert).append(role.label().substring("expert".length()));
    } else {
      label.append(role == Role.OTHER && !detail.isEmpty() ? detail : role.label());
    }
    if (!part.equals("weight") && !part.isEmpty()) {
      label.append(' ').append(part);
    }
    return label.toString();
  }
}
