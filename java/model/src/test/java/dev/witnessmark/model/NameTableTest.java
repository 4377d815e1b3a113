package dev.witnessmark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of every table, with its numbers filled in, means what this second listing says. */
class NameTableTest {

  private static final int BLOCK = 31;
  private static final int EXPERT = 127;

  private static final String GGUF =
      """
      token_embd                      TOKEN_EMBEDDING
      position_embd                   POSITION_EMBEDDING
      token_types                     TYPE_EMBEDDING
      token_embd_norm                 EMBEDDING_NORM
      blk.B.attn_norm                 ATTENTION_NORM
      blk.B.attn_qkv                  ATTENTION_QKV
      blk.B.attn_q                    ATTENTION_Q
      blk.B.attn_k                    ATTENTION_K
      blk.B.attn_v                    ATTENTION_V
      blk.B.attn_q_norm               ATTENTION_Q_NORM
      blk.B.attn_k_norm               ATTENTION_K_NORM
      blk.B.attn_output               ATTENTION_OUTPUT
      blk.B.post_attention_norm       ATTENTION_POST_NORM
      blk.B.attn_output_norm          ATTENTION_POST_NORM
      blk.B.ffn_norm                  FFN_NORM
      blk.B.ffn_gate_inp              ROUTER
      blk.B.ffn_gate                  FFN_GATE
      blk.B.ffn_up                    FFN_UP
      blk.B.ffn_down                  FFN_DOWN
      blk.B.ffn_gate_exps             EXPERT_GATE          stack
      blk.B.ffn_up_exps               EXPERT_UP            stack
      blk.B.ffn_down_exps             EXPERT_DOWN          stack
      blk.B.ffn_gate_up_exps          EXPERT_GATE_UP       stack
      blk.B.ffn_gate.E                EXPERT_GATE
      blk.B.ffn_up.E                  EXPERT_UP
      blk.B.ffn_down.E                EXPERT_DOWN
      blk.B.ffn_gate_inp_shexp        SHARED_EXPERT_ROUTER
      blk.B.ffn_gate_shexp            SHARED_EXPERT_GATE
      blk.B.ffn_up_shexp              SHARED_EXPERT_UP
      blk.B.ffn_down_shexp            SHARED_EXPERT_DOWN
      blk.B.post_ffw_norm             FFN_POST_NORM
      blk.B.layer_output_norm         BLOCK_OUTPUT_NORM
      rope_freqs                      ROTARY_FACTORS
      output_norm                     OUTPUT_NORM
      cls                             POOLER
      output                          HEAD
      """;

  private static final String LLAMA =
      """
      embed_tokens                             TOKEN_EMBEDDING
      layers.B.input_layernorm                 ATTENTION_NORM
      layers.B.self_attn.qkv_proj              ATTENTION_QKV
      layers.B.self_attn.q_proj                ATTENTION_Q
      layers.B.self_attn.k_proj                ATTENTION_K
      layers.B.self_attn.v_proj                ATTENTION_V
      layers.B.self_attn.q_norm                ATTENTION_Q_NORM
      layers.B.self_attn.k_norm                ATTENTION_K_NORM
      layers.B.self_attn.o_proj                ATTENTION_OUTPUT
      layers.B.post_attention_layernorm        FFN_NORM
      layers.B.mlp.gate                        ROUTER
      layers.B.block_sparse_moe.gate           ROUTER
      layers.B.mlp.gate_up_proj                FFN_GATE_UP
      layers.B.mlp.gate_proj                   FFN_GATE
      layers.B.mlp.up_proj                     FFN_UP
      layers.B.mlp.down_proj                   FFN_DOWN
      layers.B.mlp.experts.gate_up_proj        EXPERT_GATE_UP   stack
      layers.B.mlp.experts.down_proj           EXPERT_DOWN      stack
      layers.B.mlp.experts.E.gate_proj         EXPERT_GATE
      layers.B.block_sparse_moe.experts.E.w1   EXPERT_GATE
      layers.B.mlp.experts.E.up_proj           EXPERT_UP
      layers.B.block_sparse_moe.experts.E.w3   EXPERT_UP
      layers.B.mlp.experts.E.down_proj         EXPERT_DOWN
      layers.B.block_sparse_moe.experts.E.w2   EXPERT_DOWN
      layers.B.mlp.shared_expert_gate          SHARED_EXPERT_ROUTER
      layers.B.mlp.shared_expert.gate_proj     SHARED_EXPERT_GATE
      layers.B.mlp.shared_expert.up_proj       SHARED_EXPERT_UP
      layers.B.mlp.shared_expert.down_proj     SHARED_EXPERT_DOWN
      norm                                     OUTPUT_NORM
      lm_head                                  HEAD
      """;

  private static final String GEMMA =
      """
      embed_tokens                             TOKEN_EMBEDDING
      layers.B.input_layernorm                 ATTENTION_NORM
      layers.B.self_attn.q_proj                ATTENTION_Q
      layers.B.self_attn.k_proj                ATTENTION_K
      layers.B.self_attn.v_proj                ATTENTION_V
      layers.B.self_attn.q_norm                ATTENTION_Q_NORM
      layers.B.self_attn.k_norm                ATTENTION_K_NORM
      layers.B.self_attn.o_proj                ATTENTION_OUTPUT
      layers.B.post_attention_layernorm        ATTENTION_POST_NORM
      layers.B.pre_feedforward_layernorm       FFN_NORM
      layers.B.mlp.gate_proj                   FFN_GATE
      layers.B.mlp.up_proj                     FFN_UP
      layers.B.mlp.down_proj                   FFN_DOWN
      layers.B.post_feedforward_layernorm      FFN_POST_NORM
      norm                                     OUTPUT_NORM
      lm_head                                  HEAD
      """;

  private static final String BERT =
      """
      embeddings.word_embeddings               TOKEN_EMBEDDING
      embeddings.position_embeddings           POSITION_EMBEDDING
      embeddings.token_type_embeddings         TYPE_EMBEDDING
      embeddings.LayerNorm                     EMBEDDING_NORM
      encoder.layer.B.attention.self.query     ATTENTION_Q
      encoder.layer.B.attention.self.key       ATTENTION_K
      encoder.layer.B.attention.self.value     ATTENTION_V
      encoder.layer.B.attention.output.dense   ATTENTION_OUTPUT
      encoder.layer.B.attention.output.LayerNorm ATTENTION_POST_NORM
      encoder.layer.B.intermediate.dense       FFN_UP
      encoder.layer.B.output.dense             FFN_DOWN
      encoder.layer.B.output.LayerNorm         BLOCK_OUTPUT_NORM
      pooler.dense                             POOLER
      """;

  private static final String GPT2 =
      """
      wte                TOKEN_EMBEDDING
      wpe                POSITION_EMBEDDING
      h.B.ln_1           ATTENTION_NORM
      h.B.attn.c_attn    ATTENTION_QKV      transposed
      h.B.attn.c_proj    ATTENTION_OUTPUT   transposed
      h.B.ln_2           FFN_NORM
      h.B.mlp.c_fc       FFN_UP             transposed
      h.B.mlp.c_proj     FFN_DOWN           transposed
      ln_f               OUTPUT_NORM
      lm_head            HEAD
      """;

  static Stream<Arguments> rows() {
    return Stream.of(
            rows(NameTable.GGUF, GGUF),
            rows(
                NameTable.LLAMA, LLAMA, "model.", "language_model.model.", "model.language_model."),
            rows(
                NameTable.GEMMA, GEMMA, "model.", "language_model.model.", "model.language_model."),
            rows(NameTable.BERT, BERT, "bert.", "model.", "0.auto_model.", "roberta."),
            rows(NameTable.GPT2, GPT2, "transformer."))
        .flatMap(rows -> rows);
  }

  private static Stream<Arguments> rows(NameTable table, String listing, String... prefixes) {
    return listing
        .lines()
        .flatMap(line ->
            Stream.concat(Stream.of(""), Arrays.stream(prefixes))
                .map(prefix -> row(table, prefix, line)));
  }

  private static Arguments row(NameTable table, String prefix, String line) {
    String[] columns = line.split("\\s+", -1);
    boolean stack = columns.length > 2 && columns[2].equals("stack");
    boolean transposed = columns.length > 2 && columns[2].equals("transposed");
    String stem = columns[0];
    int expert = stack ? TensorIdentity.ALL : stem.contains("E") ? expertOf(stem) : -1;
    return Arguments.of(
        table,
        prefix + stem.replace(".B", "." + BLOCK).replace(".E", "." + EXPERT),
        new NameTable.Meaning(Role.valueOf(columns[1]), stack, transposed),
        stem.contains(".B") ? BLOCK : TensorIdentity.NONE,
        expert);
  }

  private static int expertOf(String stem) {
    return stem.contains(".E") ? EXPERT : TensorIdentity.NONE;
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("rows")
  void everyRowResolvesForEveryPart(
      NameTable table, String stem, NameTable.Meaning meaning, int block, int expert) {
    for (String part : new String[] {"weight", "bias"}) {
      assertThat(table.resolve(stem + "." + part))
          .contains(new NameTable.Resolved(meaning, block, expert, part));
    }
    assertThat(table.resolve(stem))
        .contains(new NameTable.Resolved(meaning, block, expert, "weight"));
  }

  @Test
  void aTableWithoutHitsStaysEmpty() {
    assertThat(NameTable.GGUF.resolve("model.layers.0.self_attn.q_proj.weight")).isEmpty();
    assertThat(NameTable.LLAMA.resolve("blk.0.attn_q.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("model.blk.0.attn_q.weight")).isEmpty();
    assertThat(NameTable.LLAMA.resolve("model.model.norm.weight")).isEmpty();
  }

  @Test
  void aNumberThatTheStemDoesNotHaveIsNoMatch() {
    assertThat(NameTable.GGUF.resolve("blk.attn_q.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk.0.1.attn_q.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk.0.attn_q.1.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk.#.attn_q.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk.#.ffn_gate.3.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk.-1.attn_q.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk.+1.attn_q.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk.1x.attn_q.weight")).isEmpty();
    assertThat(NameTable.GGUF.resolve("blk..attn_q.weight")).isEmpty();
  }
}
