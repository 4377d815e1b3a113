package dev.witnessmark.model;

import java.util.Map;

/**
 * Reads role and block off a name that no table knows. Whole components are looked at, never
 * substrings.
 */
final class GuessedIdentity {

  private static final Map<String, Role> BY_COMPONENT =
      Map.ofEntries(
          Map.entry("wte", Role.TOKEN_EMBEDDING),
          Map.entry("embed_tokens", Role.TOKEN_EMBEDDING),
          Map.entry("tok_embeddings", Role.TOKEN_EMBEDDING),
          Map.entry("word_embeddings", Role.TOKEN_EMBEDDING),
          Map.entry("embed_in", Role.TOKEN_EMBEDDING),
          Map.entry("wpe", Role.POSITION_EMBEDDING),
          Map.entry("position_embeddings", Role.POSITION_EMBEDDING),
          Map.entry("query_key_value", Role.ATTENTION_QKV),
          Map.entry("qkv_proj", Role.ATTENTION_QKV),
          Map.entry("qkv", Role.ATTENTION_QKV),
          Map.entry("Wqkv", Role.ATTENTION_QKV),
          Map.entry("c_attn", Role.ATTENTION_QKV),
          Map.entry("q_proj", Role.ATTENTION_Q),
          Map.entry("query", Role.ATTENTION_Q),
          Map.entry("wq", Role.ATTENTION_Q),
          Map.entry("q_lin", Role.ATTENTION_Q),
          Map.entry("attn_q", Role.ATTENTION_Q),
          Map.entry("k_proj", Role.ATTENTION_K),
          Map.entry("key", Role.ATTENTION_K),
          Map.entry("wk", Role.ATTENTION_K),
          Map.entry("k_lin", Role.ATTENTION_K),
          Map.entry("attn_k", Role.ATTENTION_K),
          Map.entry("v_proj", Role.ATTENTION_V),
          Map.entry("value", Role.ATTENTION_V),
          Map.entry("wv", Role.ATTENTION_V),
          Map.entry("v_lin", Role.ATTENTION_V),
          Map.entry("attn_v", Role.ATTENTION_V),
          Map.entry("o_proj", Role.ATTENTION_OUTPUT),
          Map.entry("out_proj", Role.ATTENTION_OUTPUT),
          Map.entry("wo", Role.ATTENTION_OUTPUT),
          Map.entry("attn_output", Role.ATTENTION_OUTPUT),
          Map.entry("gate_up_proj", Role.FFN_GATE_UP),
          Map.entry("gate_proj", Role.FFN_GATE),
          Map.entry("ffn_gate", Role.FFN_GATE),
          Map.entry("up_proj", Role.FFN_UP),
          Map.entry("fc1", Role.FFN_UP),
          Map.entry("c_fc", Role.FFN_UP),
          Map.entry("dense_h_to_4h", Role.FFN_UP),
          Map.entry("ffn_up", Role.FFN_UP),
          Map.entry("down_proj", Role.FFN_DOWN),
          Map.entry("fc2", Role.FFN_DOWN),
          Map.entry("dense_4h_to_h", Role.FFN_DOWN),
          Map.entry("ffn_down", Role.FFN_DOWN),
          Map.entry("router", Role.ROUTER),
          Map.entry("ln_f", Role.OUTPUT_NORM),
          Map.entry("final_layer_norm", Role.OUTPUT_NORM),
          Map.entry("lm_head", Role.HEAD),
          Map.entry("embed_out", Role.HEAD));

  private GuessedIdentity() {}

  static TensorIdentity of(String name) {
    Role role = Role.OTHER;
    for (String component : name.split("\\.", -1)) {
      role = BY_COMPONENT.getOrDefault(component, role);
    }
    NumberedName numbered = NumberedName.of(name);
    int block = numbered.numbers().isEmpty() ? TensorIdentity.NONE : numbered.numbers().get(0);
    int dot = name.lastIndexOf('.');
    String last = name.substring(dot + 1);
    boolean part = last.equals("weight") || last.equals("bias");
    // The name itself is the identity: a guess never pairs two tensors, it only labels them.
    return new TensorIdentity(role, block, TensorIdentity.NONE, part ? last : "", name);
  }
}
