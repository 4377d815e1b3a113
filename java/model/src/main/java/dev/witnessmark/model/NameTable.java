package dev.witnessmark.model;

import static dev.witnessmark.model.Role.*;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names of one architecture family in one ecosystem. A row is the stem of a name (without {@code
 * .weight} or {@code .bias}) in which {@code #} stands for a number: the first is the block, the
 * second the expert.
 *
 * <p>Sources: the tensor name map of gguf-py for the GGUF side, the modelling files of Hugging Face
 * transformers for the other.
 */
final class NameTable {

  /** A row: what a stem means. */
  record Meaning(Role role, boolean stack, boolean transposed) {}

  /** What a name was resolved to. */
  record Resolved(Meaning meaning, int block, int expert, String part) {}

  private static final List<String> PARTS = List.of("weight", "bias");

  private final String family;
  private final List<String> prefixes;
  private final Map<String, Meaning> byStem = new HashMap<>();

  private NameTable(String family, String... prefixes) {
    this.family = family;
    this.prefixes = List.of(prefixes);
  }

  String family() {
    return family;
  }

  private NameTable row(Role role, String... stems) {
    return rows(new Meaning(role, false, false), stems);
  }

  private NameTable stack(Role role, String... stems) {
    return rows(new Meaning(role, true, false), stems);
  }

  private NameTable transposed(Role role, String... stems) {
    return rows(new Meaning(role, false, true), stems);
  }

  private NameTable rows(Meaning meaning, String... stems) {
    for (String stem : stems) {
      if (byStem.put(stem, meaning) != null) {
        throw new IllegalStateException(family + " lists " + stem + " twice");
      }
    }
    return this;
  }

  /** What {@code name} means, or empty if this table does not know it. */
  Optional<Resolved> resolve(String name) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        Optional<Resolved> resolved = resolveBare(name.substring(prefix.length()));
        if (resolved.isPresent()) {
          return resolved;
        }
      }
    }
    return resolveBare(name);
  }

  private Optional<Resolved> resolveBare(String name) {
    NumberedName numbered = NumberedName.of(name);
    for (String part : PARTS) {
      if (numbered.pattern().endsWith("." + part)) {
        String stem =
            numbered.pattern().substring(0, numbered.pattern().length() - part.length() - 1);
        return lookUp(stem, numbered, part);
      }
    }
    return lookUp(numbered.pattern(), numbered, "weight");
  }

  private Optional<Resolved> lookUp(String stem, NumberedName numbered, String part) {
    Meaning meaning = byStem.get(stem);
    if (meaning == null
        || stem.chars().filter(c -> c == '#').count() != numbered.numbers().size()) {
      return Optional.empty();
    }
    List<Integer> numbers = numbered.numbers();
    int block = numbers.isEmpty() ? TensorIdentity.NONE : numbers.get(0);
    int expert =
        meaning.stack()
            ? TensorIdentity.ALL
            : numbers.size() > 1 ? numbers.get(1) : TensorIdentity.NONE;
    return Optional.of(new Resolved(meaning, block, expert, part));
  }

  /** GGUF names of every architecture (they share one vocabulary). */
  static final NameTable GGUF =
      new NameTable("gguf")
          .row(TOKEN_EMBEDDING, "token_embd")
          .row(POSITION_EMBEDDING, "position_embd")
          .row(TYPE_EMBEDDING, "token_types")
          .row(EMBEDDING_NORM, "token_embd_norm")
          .row(ATTENTION_NORM, "blk.#.attn_norm")
          .row(ATTENTION_QKV, "blk.#.attn_qkv")
          .row(ATTENTION_Q, "blk.#.attn_q")
          .row(ATTENTION_K, "blk.#.attn_k")
          .row(ATTENTION_V, "blk.#.attn_v")
          .row(ATTENTION_Q_NORM, "blk.#.attn_q_norm")
          .row(ATTENTION_K_NORM, "blk.#.attn_k_norm")
          .row(ATTENTION_OUTPUT, "blk.#.attn_output")
          .row(ATTENTION_POST_NORM, "blk.#.post_attention_norm", "blk.#.attn_output_norm")
          .row(FFN_NORM, "blk.#.ffn_norm")
          .row(ROUTER, "blk.#.ffn_gate_inp")
          .row(FFN_GATE, "blk.#.ffn_gate")
          .row(FFN_UP, "blk.#.ffn_up")
          .row(FFN_DOWN, "blk.#.ffn_down")
          .stack(EXPERT_GATE, "blk.#.ffn_gate_exps")
          .stack(EXPERT_UP, "blk.#.ffn_up_exps")
          .stack(EXPERT_DOWN, "blk.#.ffn_down_exps")
          .stack(EXPERT_GATE_UP, "blk.#.ffn_gate_up_exps")
          .row(EXPERT_GATE, "blk.#.ffn_gate.#")
          .row(EXPERT_UP, "blk.#.ffn_up.#")
          .row(EXPERT_DOWN, "blk.#.ffn_down.#")
          .row(SHARED_EXPERT_ROUTER, "blk.#.ffn_gate_inp_shexp")
          .row(SHARED_EXPERT_GATE, "blk.#.ffn_gate_shexp")
          .row(SHARED_EXPERT_UP, "blk.#.ffn_up_shexp")
          .row(SHARED_EXPERT_DOWN, "blk.#.ffn_down_shexp")
          .row(FFN_POST_NORM, "blk.#.post_ffw_norm")
          .row(BLOCK_OUTPUT_NORM, "blk.#.layer_output_norm")
          .row(ROTARY_FACTORS, "rope_freqs")
          .row(OUTPUT_NORM, "output_norm")
          .row(POOLER, "cls")
          .row(HEAD, "output");

  /** Decoders that share LLaMA's module names: LLaMA, Mistral, Mixtral, Qwen 2 and 3, Phi 3. */
  static final NameTable LLAMA =
      new NameTable("llama", "model.", "language_model.model.", "model.language_model.")
          .row(TOKEN_EMBEDDING, "embed_tokens")
          .row(ATTENTION_NORM, "layers.#.input_layernorm")
          .row(ATTENTION_QKV, "layers.#.self_attn.qkv_proj")
          .row(ATTENTION_Q, "layers.#.self_attn.q_proj")
          .row(ATTENTION_K, "layers.#.self_attn.k_proj")
          .row(ATTENTION_V, "layers.#.self_attn.v_proj")
          .row(ATTENTION_Q_NORM, "layers.#.self_attn.q_norm")
          .row(ATTENTION_K_NORM, "layers.#.self_attn.k_norm")
          .row(ATTENTION_OUTPUT, "layers.#.self_attn.o_proj")
          .row(FFN_NORM, "layers.#.post_attention_layernorm")
          .row(ROUTER, "layers.#.mlp.gate", "layers.#.block_sparse_moe.gate")
          .row(FFN_GATE_UP, "layers.#.mlp.gate_up_proj")
          .row(FFN_GATE, "layers.#.mlp.gate_proj")
          .row(FFN_UP, "layers.#.mlp.up_proj")
          .row(FFN_DOWN, "layers.#.mlp.down_proj")
          .stack(EXPERT_GATE_UP, "layers.#.mlp.experts.gate_up_proj")
          .stack(EXPERT_DOWN, "layers.#.mlp.experts.down_proj")
          .row(
              EXPERT_GATE,
              "layers.#.mlp.experts.#.gate_proj",
              "layers.#.block_sparse_moe.experts.#.w1")
          .row(
              EXPERT_UP, "layers.#.mlp.experts.#.up_proj", "layers.#.block_sparse_moe.experts.#.w3")
          .row(
              EXPERT_DOWN,
              "layers.#.mlp.experts.#.down_proj",
              "layers.#.block_sparse_moe.experts.#.w2")
          .row(SHARED_EXPERT_ROUTER, "layers.#.mlp.shared_expert_gate")
          .row(SHARED_EXPERT_GATE, "layers.#.mlp.shared_expert.gate_proj")
          .row(SHARED_EXPERT_UP, "layers.#.mlp.shared_expert.up_proj")
          .row(SHARED_EXPERT_DOWN, "layers.#.mlp.shared_expert.down_proj")
          .row(OUTPUT_NORM, "norm")
          .row(HEAD, "lm_head");

  /** Gemma 2 and 3: LLaMA's names with a norm on either side of each half of a block. */
  static final NameTable GEMMA =
      new NameTable("gemma", "model.", "language_model.model.", "model.language_model.")
          .row(TOKEN_EMBEDDING, "embed_tokens")
          .row(ATTENTION_NORM, "layers.#.input_layernorm")
          .row(ATTENTION_Q, "layers.#.self_attn.q_proj")
          .row(ATTENTION_K, "layers.#.self_attn.k_proj")
          .row(ATTENTION_V, "layers.#.self_attn.v_proj")
          .row(ATTENTION_Q_NORM, "layers.#.self_attn.q_norm")
          .row(ATTENTION_K_NORM, "layers.#.self_attn.k_norm")
          .row(ATTENTION_OUTPUT, "layers.#.self_attn.o_proj")
          .row(ATTENTION_POST_NORM, "layers.#.post_attention_layernorm")
          .row(FFN_NORM, "layers.#.pre_feedforward_layernorm")
          .row(FFN_GATE, "layers.#.mlp.gate_proj")
          .row(FFN_UP, "layers.#.mlp.up_proj")
          .row(FFN_DOWN, "layers.#.mlp.down_proj")
          .row(FFN_POST_NORM, "layers.#.post_feedforward_layernorm")
          .row(OUTPUT_NORM, "norm")
          .row(HEAD, "lm_head");

  /** Encoders with BERT's module names, with or without the model prefix. */
  static final NameTable BERT =
      new NameTable("bert", "bert.", "model.", "0.auto_model.", "roberta.")
          .row(TOKEN_EMBEDDING, "embeddings.word_embeddings")
          .row(POSITION_EMBEDDING, "embeddings.position_embeddings")
          .row(TYPE_EMBEDDING, "embeddings.token_type_embeddings")
          .row(EMBEDDING_NORM, "embeddings.LayerNorm")
          .row(ATTENTION_Q, "encoder.layer.#.attention.self.query")
          .row(ATTENTION_K, "encoder.layer.#.attention.self.key")
          .row(ATTENTION_V, "encoder.layer.#.attention.self.value")
          .row(ATTENTION_OUTPUT, "encoder.layer.#.attention.output.dense")
          .row(ATTENTION_POST_NORM, "encoder.layer.#.attention.output.LayerNorm")
          .row(FFN_UP, "encoder.layer.#.intermediate.dense")
          .row(FFN_DOWN, "encoder.layer.#.output.dense")
          .row(BLOCK_OUTPUT_NORM, "encoder.layer.#.output.LayerNorm")
          .row(POOLER, "pooler.dense");

  /** GPT-2, whose matrices are stored {@code [in, out]}. */
  static final NameTable GPT2 =
      new NameTable("gpt2", "transformer.")
          .row(TOKEN_EMBEDDING, "wte")
          .row(POSITION_EMBEDDING, "wpe")
          .row(ATTENTION_NORM, "h.#.ln_1")
          .transposed(ATTENTION_QKV, "h.#.attn.c_attn")
          .transposed(ATTENTION_OUTPUT, "h.#.attn.c_proj")
          .row(FFN_NORM, "h.#.ln_2")
          .transposed(FFN_UP, "h.#.mlp.c_fc")
          .transposed(FFN_DOWN, "h.#.mlp.c_proj")
          .row(OUTPUT_NORM, "ln_f")
          .row(HEAD, "lm_head");

  /** The tables of names outside GGUF. */
  static final List<NameTable> HUGGING_FACE = List.of(LLAMA, GEMMA, BERT, GPT2);
}
