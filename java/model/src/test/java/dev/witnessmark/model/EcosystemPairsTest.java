package dev.witnessmark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same tensor under its Hugging Face and its GGUF name is one identity. */
class EcosystemPairsTest {

  private static final String DECODER =
      """
      model.embed_tokens.weight                      token_embd.weight
      model.layers.0.input_layernorm.weight          blk.0.attn_norm.weight
      model.layers.0.self_attn.o_proj.weight         blk.0.attn_output.weight
      model.norm.weight                              output_norm.weight
      lm_head.weight                                 output.weight
      """;
  private static final String SPLIT_QKV =
      """
      model.layers.11.self_attn.q_proj.weight        blk.11.attn_q.weight
      model.layers.11.self_attn.k_proj.weight        blk.11.attn_k.weight
      model.layers.11.self_attn.v_proj.weight        blk.11.attn_v.weight
      """;
  private static final String BIASES =
      """
      model.layers.3.self_attn.q_proj.bias           blk.3.attn_q.bias
      model.layers.3.self_attn.k_proj.bias           blk.3.attn_k.bias
      model.layers.3.self_attn.v_proj.bias           blk.3.attn_v.bias
      """;
  private static final String HEAD_NORMS =
      """
      model.layers.3.self_attn.q_norm.weight         blk.3.attn_q_norm.weight
      model.layers.3.self_attn.k_norm.weight         blk.3.attn_k_norm.weight
      """;
  private static final String FFN_NORM =
      """
      model.layers.3.post_attention_layernorm.weight blk.3.ffn_norm.weight
      """;
  private static final String GATED_FFN =
      """
      model.layers.3.mlp.gate_proj.weight            blk.3.ffn_gate.weight
      model.layers.3.mlp.up_proj.weight              blk.3.ffn_up.weight
      model.layers.3.mlp.down_proj.weight            blk.3.ffn_down.weight
      """;

  private static final Map<String, String> PAIRS =
      Map.of(
          "llama", DECODER + SPLIT_QKV + FFN_NORM + GATED_FFN,
          "qwen2", DECODER + SPLIT_QKV + BIASES + FFN_NORM + GATED_FFN,
          "qwen3", DECODER + SPLIT_QKV + HEAD_NORMS + FFN_NORM + GATED_FFN,
          "qwen3moe",
              DECODER
                  + SPLIT_QKV
                  + HEAD_NORMS
                  + FFN_NORM
                  + """
                  model.layers.3.mlp.gate.weight                 blk.3.ffn_gate_inp.weight
                  model.layers.3.mlp.experts.5.gate_proj.weight  blk.3.ffn_gate.5.weight
                  model.layers.3.mlp.experts.5.up_proj.weight    blk.3.ffn_up.5.weight
                  model.layers.3.mlp.experts.5.down_proj.weight  blk.3.ffn_down.5.weight
                  model.layers.4.mlp.experts.gate_up_proj        blk.4.ffn_gate_up_exps.weight
                  model.layers.4.mlp.experts.down_proj           blk.4.ffn_down_exps.weight
                  """,
          "mixtral",
              DECODER
                  + SPLIT_QKV
                  + FFN_NORM
                  + """
                  model.layers.3.block_sparse_moe.gate.weight          blk.3.ffn_gate_inp.weight
                  model.layers.3.block_sparse_moe.experts.7.w1.weight  blk.3.ffn_gate.7.weight
                  model.layers.3.block_sparse_moe.experts.7.w2.weight  blk.3.ffn_down.7.weight
                  model.layers.3.block_sparse_moe.experts.7.w3.weight  blk.3.ffn_up.7.weight
                  """,
          "phi3",
              DECODER
                  + FFN_NORM
                  + """
                  model.layers.0.self_attn.qkv_proj.weight       blk.0.attn_qkv.weight
                  model.layers.3.mlp.gate_up_proj.weight         blk.3.ffn_up.weight
                  model.layers.3.mlp.down_proj.weight            blk.3.ffn_down.weight
                  """,
          "gemma2",
              DECODER
                  + SPLIT_QKV
                  + GATED_FFN
                  + """
                  model.layers.3.post_attention_layernorm.weight    blk.3.post_attention_norm.weight
                  model.layers.3.pre_feedforward_layernorm.weight   blk.3.ffn_norm.weight
                  model.layers.3.post_feedforward_layernorm.weight  blk.3.post_ffw_norm.weight
                  """,
          "bert",
              """
              embeddings.word_embeddings.weight                      token_embd.weight
              bert.embeddings.position_embeddings.weight             position_embd.weight
              bert.embeddings.token_type_embeddings.weight           token_types.weight
              embeddings.LayerNorm.bias                              token_embd_norm.bias
              encoder.layer.5.attention.self.query.weight            blk.5.attn_q.weight
              encoder.layer.5.attention.self.key.bias                blk.5.attn_k.bias
              encoder.layer.5.attention.self.value.weight            blk.5.attn_v.weight
              encoder.layer.5.attention.output.dense.weight          blk.5.attn_output.weight
              encoder.layer.5.attention.output.LayerNorm.weight      blk.5.attn_output_norm.weight
              encoder.layer.5.intermediate.dense.weight              blk.5.ffn_up.weight
              encoder.layer.5.output.dense.bias                      blk.5.ffn_down.bias
              encoder.layer.5.output.LayerNorm.weight                blk.5.layer_output_norm.weight
              pooler.dense.weight                                    cls.weight
              """,
          "gpt2",
              """
              wte.weight                              token_embd.weight
              transformer.wpe.weight                  position_embd.weight
              transformer.h.2.ln_1.bias               blk.2.attn_norm.bias
              transformer.h.2.attn.c_attn.weight      blk.2.attn_qkv.weight
              transformer.h.2.attn.c_proj.bias        blk.2.attn_output.bias
              transformer.h.2.ln_2.weight             blk.2.ffn_norm.weight
              transformer.h.2.mlp.c_fc.weight         blk.2.ffn_up.weight
              transformer.h.2.mlp.c_proj.weight       blk.2.ffn_down.weight
              transformer.ln_f.weight                 output_norm.weight
              lm_head.weight                          output.weight
              """);

  /** GGUF calls Mixtral's architecture llama. */
  @ParameterizedTest
  @CsvSource({
    "llama,llama",
    "qwen2,qwen2",
    "qwen3,qwen3",
    "qwen3moe,qwen3moe",
    "mixtral,llama",
    "phi3,phi3",
    "gemma2,gemma2",
    "bert,bert",
    "gpt2,gpt2"
  })
  void bothNamesAreOneIdentityAndNoTwoTensorsShareOne(String model, String ggufArchitecture) {
    Models huggingFace = Models.huggingFace();
    Models gguf = Models.gguf(ggufArchitecture);
    Map<String, String> pairs = new HashMap<>();
    Objects.requireNonNull(PAIRS.get(model))
        .lines()
        .map(line -> line.split("\\s+", -1))
        .forEach(names -> {
          pairs.put(names[0], names[1]);
          huggingFace.tensor(names[0], 64, 64);
          gguf.tensor(names[1], 64, 64);
        });
    ModelDescription left = huggingFace.describe();
    ModelDescription right = gguf.describe();

    Set<TensorIdentity> seen = new HashSet<>();
    for (Map.Entry<String, String> pair : pairs.entrySet()) {
      IdentifiedTensor there = Models.find(left, pair.getKey());
      IdentifiedTensor here = Models.find(right, pair.getValue());
      assertThat(there.identity()).as(pair.toString()).isEqualTo(here.identity());
      assertThat(there.guessed() || here.guessed()).as(pair.toString()).isFalse();
      assertThat(seen.add(there.identity())).as("%s is new", there.identity()).isTrue();
      assertThatCode(there.identity()::label).doesNotThrowAnyException();
    }
  }
}
