package dev.witnessmark.model;

/** What a tensor is for. The order is that of the forward pass, as reports list roles. */
public enum Role {
  TOKEN_EMBEDDING("token embedding", "embd"),
  POSITION_EMBEDDING("position embedding", "pos"),
  TYPE_EMBEDDING("token type embedding", "type"),
  EMBEDDING_NORM("embedding norm", "norms"),
  ATTENTION_NORM("attention norm", "norms"),
  ATTENTION_QKV("attention qkv", "qkv"),
  ATTENTION_Q("attention q", "q"),
  ATTENTION_K("attention k", "k"),
  ATTENTION_V("attention v", "v"),
  ATTENTION_Q_NORM("attention q norm", "norms"),
  ATTENTION_K_NORM("attention k norm", "norms"),
  ATTENTION_OUTPUT("attention o", "o"),
  ATTENTION_POST_NORM("attention post norm", "norms"),
  FFN_NORM("ffn norm", "norms"),
  ROUTER("router", "router"),
  FFN_GATE_UP("ffn gate+up", "gate"),
  FFN_GATE("ffn gate", "gate"),
  FFN_UP("ffn up", "up"),
  FFN_DOWN("ffn down", "down"),
  EXPERT_GATE_UP("expert gate+up", "experts"),
  EXPERT_GATE("expert gate", "experts"),
  EXPERT_UP("expert up", "experts"),
  EXPERT_DOWN("expert down", "experts"),
  SHARED_EXPERT_ROUTER("shared expert router", "router"),
  SHARED_EXPERT_GATE("shared expert gate", "gate"),
  SHARED_EXPERT_UP("shared expert up", "up"),
  SHARED_EXPERT_DOWN("shared expert down", "down"),
  FFN_POST_NORM("ffn post norm", "norms"),
  BLOCK_OUTPUT_NORM("block output norm", "norms"),
  ROTARY_FACTORS("rotary factors", "rope"),
  OUTPUT_NORM("output norm", "norms"),
  POOLER("pooler", "pooler"),
  HEAD("head", "head"),
  OTHER("other", "other");

  private final String label;
  private final String column;

  Role(String label, String column) {
    this.label = label;
    this.column = column;
  }

  /** For example {@code attention q}. */
  public String label() {
    return label;
  }

  /** The column of the block × role map that shows this role. */
  public String column() {
    return column;
  }
}
