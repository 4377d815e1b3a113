package dev.witnessmark.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelDescriptionTest {

  private static Models llama(String architecture, long heads, long keyValueHeads) {
    return Models.gguf(architecture)
        .whole(architecture + ".attention.head_count", heads)
        .whole(architecture + ".attention.head_count_kv", keyValueHeads)
        .tensor("blk.0.attn_q.weight", 256, 128)
        .tensor("blk.0.attn_q.bias", 256)
        .tensor("blk.0.attn_k.weight", 64, 128)
        .tensor("blk.0.attn_k.bias", 64)
        .tensor("blk.0.attn_v.weight", 64, 128)
        .tensor("blk.0.attn_output.weight", 128, 256)
        .tensor("blk.0.attn_q_norm.weight", 16);
  }

  private static int interleaved(ModelDescription model, String name) {
    return Models.find(model, name).layout().interleavedHeads();
  }

  @Test
  void llamaInGgufInterleavesTheHeadsOfQueriesAndKeys() {
    ModelDescription model = llama("llama", 8, 2).describe();
    assertThat(interleaved(model, "blk.0.attn_q.weight")).isEqualTo(8);
    assertThat(interleaved(model, "blk.0.attn_q.bias")).isEqualTo(8);
    assertThat(interleaved(model, "blk.0.attn_k.weight")).isEqualTo(2);
    assertThat(interleaved(model, "blk.0.attn_k.bias")).isEqualTo(2);
    assertThat(interleaved(model, "blk.0.attn_v.weight")).isZero();
    assertThat(interleaved(model, "blk.0.attn_output.weight")).isZero();
    assertThat(interleaved(model, "blk.0.attn_q_norm.weight")).isZero();
  }

  @ParameterizedTest
  @CsvSource({"qwen2", "qwen3", "phi3", "gemma2", "bert", "gpt2", "Llama", "llama4", "mllama"})
  void noOtherArchitectureInterleaves(String architecture) {
    assertThat(llama(architecture, 8, 2).describe().tensors())
        .allSatisfy(tensor -> assertThat(tensor.layout().interleavedHeads()).isZero());
  }

  @Test
  void onlyTheNormsOfGemmaInGgufAreRaised() {
    ModelDescription gemma = llama("gemma2", 8, 2).describe();
    for (IdentifiedTensor tensor : gemma.tensors()) {
      boolean norm = tensor.identity().role().label().endsWith("norm");
      assertThat(tensor.layout().raised()).as(tensor.view().name()).isEqualTo(norm ? 1 : 0);
    }
    assertThat(llama("llama", 8, 2).describe().tensors())
        .allSatisfy(tensor -> assertThat(tensor.layout().raised()).isZero());
  }

  @Test
  void huggingFaceNeverInterleaves() {
    ModelDescription model =
        Models.huggingFace()
            .text("config.model_type", "llama")
            .whole("config.num_attention_heads", 8)
            .tensor("model.layers.0.self_attn.q_proj.weight", 256, 128)
            .describe();
    assertThat(model.architecture()).isEqualTo("llama");
    assertThat(interleaved(model, "model.layers.0.self_attn.q_proj.weight")).isZero();
  }

  /** Rows of q: 256 = heads × an even head size; of k: 64. */
  @ParameterizedTest
  @CsvSource({
    "3, 3, 0, 0",
    "256, 64, 0, 0",
    "128, 32, 128, 32",
    "0, 2, 0, 2",
    "8, 0, 8, 8",
    "-8, -2, 0, 0",
    "65537, 65537, 0, 0",
    "9223372036854775807, 9223372036854775807, 0, 0",
    "8, 5, 8, 0"
  })
  void headsMustDivideTheRowsIntoPairs(long heads, long keyValue, int query, int key) {
    ModelDescription model = llama("llama", heads, keyValue).describe();
    assertThat(interleaved(model, "blk.0.attn_q.weight")).isEqualTo(query);
    assertThat(interleaved(model, "blk.0.attn_k.weight")).isEqualTo(key);
  }

  @Test
  void declaredHeadsComeFromEitherEcosystem() {
    assertThat(ModelDescription.declaredHeads(llama("llama", 8, 2).checkpoint()))
        .containsExactly(8, 2);
    assertThat(
            ModelDescription.declaredHeads(
                Models.huggingFace()
                    .whole("config.num_attention_heads", 12)
                    .tensor("x", 1)
                    .checkpoint()))
        .containsExactly(12, 12);
    assertThat(ModelDescription.declaredHeads(Models.huggingFace().checkpoint()))
        .containsExactly(0, 0);
  }

  @Test
  void onlyMatricesAreTransposed() {
    ModelDescription gpt2 =
        Models.huggingFace()
            .tensor("transformer.h.0.attn.c_attn.weight", 64, 192)
            .tensor("transformer.h.0.attn.c_attn.bias", 192)
            .tensor("transformer.wte.weight", 100, 64)
            .describe();
    assertThat(gpt2.tensors())
        .extracting(tensor -> tensor.layout().transposed())
        .containsExactly(true, false, false);
    ModelDescription onnx =
        Models.huggingFace()
            .tensor("encoder.layer.0.attention.self.query.weight", true, 64, 64)
            .tensor("encoder.layer.0.attention.self.query.bias", 64)
            .tensor("unknown.weight", true, 64, 64)
            .describe();
    assertThat(onnx.tensors())
        .extracting(tensor -> tensor.layout().transposed())
        .containsExactly(true, false, true);
  }

  private static Models tiedBase() {
    return Models.huggingFace()
        .tensor("model.embed_tokens.weight", 100, 64)
        .tensor("model.norm.weight", 64);
  }

  @Test
  void aHeadIsTiedIfDeclaredSoOrIfADecoderHasNone() {
    assertThat(tiedBase().describe().tiedHead()).isTrue();
    assertThat(tiedBase().flag("config.tie_word_embeddings", true).describe().tiedHead()).isTrue();
    assertThat(tiedBase().flag("config.tie_word_embeddings", false).describe().tiedHead())
        .isFalse();
    assertThat(tiedBase().tensor("lm_head.weight", 100, 64).describe().tiedHead()).isFalse();
    assertThat(
            tiedBase()
                .flag("config.tie_word_embeddings", true)
                .tensor("lm_head.weight", 100, 64)
                .describe()
                .tiedHead())
        .isFalse();
    assertThat(Models.huggingFace().tensor("model.norm.weight", 64).describe().tiedHead())
        .as("without an embedding there is nothing to share")
        .isFalse();
    assertThat(
            Models.huggingFace()
                .tensor("bert.embeddings.word_embeddings.weight", 100, 64)
                .describe()
                .tiedHead())
        .as("an encoder has no head")
        .isFalse();
    assertThat(
            Models.gguf("qwen2")
                .tensor("token_embd.weight", 100, 64)
                .tensor("output_norm.weight", 64)
                .describe()
                .tiedHead())
        .isTrue();
  }

  @Test
  void theArchitectureIsDeclaredOrThatOfTheTable() {
    assertThat(Models.gguf("qwen3").tensor("token_embd.weight", 4, 4).describe().architecture())
        .isEqualTo("qwen3");
    assertThat(Models.gguf(" ").tensor("token_embd.weight", 4, 4).describe().architecture())
        .isEqualTo("unknown");
    assertThat(
            Models.huggingFace()
                .tensor("model.layers.0.pre_feedforward_layernorm.weight", 4)
                .tensor("model.layers.0.post_feedforward_layernorm.weight", 4)
                .describe()
                .architecture())
        .isEqualTo("gemma");
    assertThat(Models.huggingFace().tensor("x", 4).describe().architecture()).isEqualTo("unknown");
    assertThat(Models.huggingFace().describe().architecture()).isEqualTo("unknown");
  }

  @Test
  void theTableThatKnowsMostNamesIsUsedForAll() {
    ModelDescription gemma =
        Models.huggingFace()
            .tensor("model.layers.0.post_attention_layernorm.weight", 4)
            .tensor("model.layers.0.pre_feedforward_layernorm.weight", 4)
            .describe();
    assertThat(Models.find(gemma, "model.layers.0.post_attention_layernorm.weight").identity())
        .extracting(TensorIdentity::role)
        .isEqualTo(Role.ATTENTION_POST_NORM);
    ModelDescription llama =
        Models.huggingFace()
            .tensor("model.layers.0.post_attention_layernorm.weight", 4)
            .tensor("model.layers.0.mlp.gate_up_proj.weight", 4, 4)
            .describe();
    assertThat(Models.find(llama, "model.layers.0.post_attention_layernorm.weight").identity())
        .extracting(TensorIdentity::role)
        .isEqualTo(Role.FFN_NORM);
  }

  @Test
  void blocksAndParametersAreCounted() {
    ModelDescription model =
        Models.gguf("llama")
            .tensor("token_embd.weight", 100, 64)
            .tensor("blk.5.attn_norm.weight", 64)
            .tensor("scalar")
            .tensor("empty", 0, 7)
            .describe();
    assertThat(model.blocks()).isEqualTo(6);
    assertThat(model.parameters()).isEqualTo(6400 + 64 + 1);
  }

  @Test
  void labelsNameBlockExpertRoleAndPart() {
    assertThat(new TensorIdentity(Role.ATTENTION_Q, 3, -1, "weight", "").label())
        .isEqualTo("blk 3 attention q");
    assertThat(new TensorIdentity(Role.ATTENTION_Q, 3, -1, "bias", "").label())
        .isEqualTo("blk 3 attention q bias");
    assertThat(new TensorIdentity(Role.EXPERT_UP, 0, 5, "weight", "").label())
        .isEqualTo("blk 0 expert 5 up");
    assertThat(new TensorIdentity(Role.EXPERT_UP, 0, TensorIdentity.ALL, "weight", "").label())
        .isEqualTo("blk 0 expert up");
    assertThat(new TensorIdentity(Role.HEAD, -1, -1, "weight", "").label()).isEqualTo("head");
    assertThat(new TensorIdentity(Role.OTHER, -1, -1, "weight", "a.b.weight").label())
        .isEqualTo("a.b.weight");
  }
}
