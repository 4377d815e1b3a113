package dev.witnessmark.compare.match;

import static dev.witnessmark.compare.testing.Numbers.concatenated;
import static dev.witnessmark.compare.testing.Numbers.interleaved;
import static dev.witnessmark.compare.testing.Numbers.normal;
import static dev.witnessmark.compare.testing.Numbers.rows;
import static dev.witnessmark.compare.testing.Numbers.transposed;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.compare.DiffResult;
import dev.witnessmark.compare.Extreme;
import dev.witnessmark.compare.TensorDifference;
import dev.witnessmark.compare.TensorStatus;
import dev.witnessmark.compare.ValueDifference;
import dev.witnessmark.compare.testing.Diffs;
import dev.witnessmark.compare.testing.Numbers;
import dev.witnessmark.compare.testing.TestModel;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.model.Role;
import dev.witnessmark.model.TensorIdentity;
import dev.witnessmark.verdict.ExitCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Tensors that are the same under another name, order, or cut; and those that are not. */
class MatcherTest {

  private static final int HEADS = 4;
  private static final int KEY_VALUE_HEADS = 2;
  private static final int HIDDEN = 32;
  private static final int QUERIES = HEADS * 8;
  private static final int KEYS = KEY_VALUE_HEADS * 8;
  private static final int FFN = 24;
  private static final int EXPERTS = 3;

  private static final float[] Q = normal(QUERIES * HIDDEN, 1);
  private static final float[] K = normal(KEYS * HIDDEN, 2);
  private static final float[] V = normal(KEYS * HIDDEN, 3);
  private static final float[] Q_BIAS = normal(QUERIES, 4);
  private static final float[] K_BIAS = normal(KEYS, 5);
  private static final float[] V_BIAS = normal(KEYS, 6);
  private static final float[] GATE = normal(FFN * HIDDEN, 7);
  private static final float[] UP = normal(FFN * HIDDEN, 8);
  private static final float[] GATES = normal(EXPERTS * FFN * HIDDEN, 9);
  private static final float[] UPS = normal(EXPERTS * FFN * HIDDEN, 10);
  private static final float[] EMBEDDING = normal(50 * HIDDEN, 11);

  private static final String ATTENTION = "model.layers.0.self_attn.";
  private static final String MLP = "model.layers.0.mlp.";

  private static TestModel splitQkv() {
    return TestModel.huggingFace()
        .tensor(ATTENTION + "q_proj.weight", Q, QUERIES, HIDDEN)
        .tensor(ATTENTION + "k_proj.weight", K, KEYS, HIDDEN)
        .tensor(ATTENTION + "v_proj.weight", V, KEYS, HIDDEN)
        .vector(ATTENTION + "q_proj.bias", Q_BIAS)
        .vector(ATTENTION + "k_proj.bias", K_BIAS)
        .vector(ATTENTION + "v_proj.bias", V_BIAS);
  }

  private static TestModel fusedQkv() {
    return TestModel.huggingFace()
        .tensor(ATTENTION + "qkv_proj.weight", concatenated(Q, K, V), QUERIES + 2 * KEYS, HIDDEN)
        .vector(ATTENTION + "qkv_proj.bias", concatenated(Q_BIAS, K_BIAS, V_BIAS));
  }

  private static TestModel llamaGguf() {
    return TestModel.gguf("llama")
        .whole("llama.attention.head_count", HEADS)
        .whole("llama.attention.head_count_kv", KEY_VALUE_HEADS)
        .tensor("blk.0.attn_q.weight", interleaved(Q, HEADS, HIDDEN), QUERIES, HIDDEN)
        .tensor("blk.0.attn_k.weight", interleaved(K, KEY_VALUE_HEADS, HIDDEN), KEYS, HIDDEN)
        .tensor("blk.0.attn_v.weight", V, KEYS, HIDDEN)
        .vector("blk.0.attn_q.bias", interleaved(Q_BIAS, HEADS, 1))
        .vector("blk.0.attn_k.bias", interleaved(K_BIAS, KEY_VALUE_HEADS, 1))
        .vector("blk.0.attn_v.bias", V_BIAS);
  }

  /** Both ways round, every tensor finds its counterpart and agrees. */
  private static void same(TestModel a, TestModel b, int pairs) throws IOException {
    for (DiffResult result : List.of(Diffs.run(a, b), Diffs.run(b, a))) {
      assertThat(result.tensors())
          .hasSize(pairs)
          .allSatisfy(t -> assertThat(t.status().agrees()).as(t.toString()).isTrue());
      assertThat(result.verdict().exit()).isEqualTo(ExitCode.SAME);
    }
  }

  private static Set<String> leftOver(DiffResult result) {
    Set<String> names = new HashSet<>();
    for (TensorDifference tensor : result.tensors()) {
      if (!tensor.status().compared()) {
        names.add(tensor.status().label() + " " + tensor.name());
      }
    }
    return names;
  }

  @Test
  void ggufLlamaInterleavesRowsOfQueriesAndKeys() throws IOException {
    same(splitQkv(), llamaGguf(), 6);
    DiffResult result = Diffs.run(splitQkv(), llamaGguf());
    assertThat(Diffs.of(result, ATTENTION + "q_proj.weight").views())
        .containsExactly("b with the rows of its 4 heads un-interleaved");
    assertThat(Diffs.of(result, ATTENTION + "k_proj.bias").views())
        .containsExactly("b with the rows of its 2 heads un-interleaved");
    assertThat(Diffs.of(result, ATTENTION + "v_proj.weight").views()).isEmpty();
  }

  @Test
  void gemmaNormsInGgufAreReadWithoutTheOneAddedToThem() throws IOException {
    float[] norm = normal(HIDDEN, 12);
    float[] raised = norm.clone();
    for (int i = 0; i < raised.length; i++) {
      raised[i] += 1;
    }
    TestModel huggingFace =
        TestModel.huggingFace()
            .vector("model.layers.0.input_layernorm.weight", norm)
            .vector("model.layers.0.pre_feedforward_layernorm.weight", norm)
            .vector("model.norm.weight", norm);
    TestModel gguf =
        TestModel.gguf("gemma2")
            .vector("blk.0.attn_norm.weight", raised)
            .vector("blk.0.ffn_norm.weight", raised)
            .vector("output_norm.weight", raised);
    same(huggingFace, gguf, 3);
    DiffResult result = Diffs.run(huggingFace, gguf);
    assertThat(result.tensors())
        .allSatisfy(t -> assertThat(t.views()).containsExactly("b without the 1 added to it"));

    raised[3] += 1e-5f;
    TestModel off =
        TestModel.gguf("gemma2")
            .vector("blk.0.attn_norm.weight", raised)
            .vector("blk.0.ffn_norm.weight", raised)
            .vector("output_norm.weight", raised);
    assertThat(Diffs.run(huggingFace, off).verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void twoGgufLlamasAreComparedAsStored() throws IOException {
    DiffResult result = Diffs.run(llamaGguf(), llamaGguf());
    assertThat(result.tensors())
        .allSatisfy(t -> {
          assertThat(t.status()).isEqualTo(TensorStatus.BIT_IDENTICAL);
          assertThat(t.views()).isEmpty();
        });
  }

  @Test
  void fusedQkvAgainstItsParts() throws IOException {
    same(fusedQkv(), splitQkv(), 6);
    same(fusedQkv(), llamaGguf(), 6);
    DiffResult result = Diffs.run(fusedQkv(), splitQkv());
    assertThat(result.tensors().stream().map(TensorDifference::name))
        .containsExactlyInAnyOrder(
            ATTENTION + "qkv_proj.weight[0:32]",
            ATTENTION + "qkv_proj.weight[32:48]",
            ATTENTION + "qkv_proj.weight[48:64]",
            ATTENTION + "qkv_proj.bias[0:32]",
            ATTENTION + "qkv_proj.bias[32:48]",
            ATTENTION + "qkv_proj.bias[48:64]");
  }

  @Test
  void aChangeInAFusedTensorIsFoundInItsPart() throws IOException {
    float[] v = V.clone();
    v[5 * HIDDEN + 7] += 1;
    TestModel changed =
        TestModel.huggingFace()
            .tensor(
                ATTENTION + "qkv_proj.weight", concatenated(Q, K, v), QUERIES + 2 * KEYS, HIDDEN)
            .vector(ATTENTION + "qkv_proj.bias", concatenated(Q_BIAS, K_BIAS, V_BIAS));
    DiffResult result = Diffs.run(changed, splitQkv());
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    TensorDifference part = Diffs.of(result, ATTENTION + "v_proj.weight");
    assertThat(part.status()).isEqualTo(TensorStatus.MOVED);
    ValueDifference difference = requireNonNull(part.difference());
    assertThat(difference.values() - difference.equal()).isEqualTo(1);
    Extreme max = requireNonNull(difference.max());
    assertThat(max.row()).isEqualTo(5);
    assertThat(max.column()).isEqualTo(7);
    assertThat(result.tensors().stream().filter(t -> t.status().agrees())).hasSize(5);
  }

  /** The rows do not add up, or one of three is missing: nothing may be compared by halves. */
  @Test
  void fusedQkvWithoutAllItsPartsStaysWhole() throws IOException {
    TestModel noKeys =
        TestModel.huggingFace()
            .tensor(ATTENTION + "q_proj.weight", Q, QUERIES, HIDDEN)
            .tensor(ATTENTION + "v_proj.weight", V, KEYS, HIDDEN);
    DiffResult result = Diffs.run(fusedQkv(), noKeys);
    assertThat(leftOver(result))
        .containsExactlyInAnyOrder(
            "only-in-a " + ATTENTION + "qkv_proj.weight",
            "only-in-a " + ATTENTION + "qkv_proj.bias",
            "only-in-b " + ATTENTION + "q_proj.weight",
            "only-in-b " + ATTENTION + "v_proj.weight");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  private static TestModel splitFfn() {
    return TestModel.huggingFace()
        .tensor(MLP + "gate_proj.weight", GATE, FFN, HIDDEN)
        .tensor(MLP + "up_proj.weight", UP, FFN, HIDDEN);
  }

  private static TestModel fusedFfn() {
    return TestModel.huggingFace()
        .tensor(MLP + "gate_up_proj.weight", concatenated(GATE, UP), 2 * FFN, HIDDEN);
  }

  @Test
  void fusedGateAndUpAgainstItsParts() throws IOException {
    TestModel phi3 =
        TestModel.gguf("phi3")
            .tensor("blk.0.ffn_up.weight", concatenated(GATE, UP), 2 * FFN, HIDDEN);
    TestModel gguf =
        TestModel.gguf("llama")
            .tensor("blk.0.ffn_gate.weight", GATE, FFN, HIDDEN)
            .tensor("blk.0.ffn_up.weight", UP, FFN, HIDDEN);
    same(fusedFfn(), splitFfn(), 2);
    same(fusedFfn(), gguf, 2);
    same(fusedFfn(), phi3, 1);
    same(phi3, splitFfn(), 2);
  }

  @Test
  void fusedGateAndUpWithoutUpStaysWhole() throws IOException {
    TestModel onlyGate =
        TestModel.huggingFace()
            .vector("model.norm.weight", 1f)
            .tensor(MLP + "gate_proj.weight", GATE, FFN, HIDDEN);
    DiffResult result = Diffs.run(fusedFfn().vector("model.norm.weight", 1f), onlyGate);
    assertThat(leftOver(result))
        .containsExactlyInAnyOrder(
            "only-in-a " + MLP + "gate_up_proj.weight", "only-in-b " + MLP + "gate_proj.weight");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  private static float[] expert(float[] stack, int expert) {
    return rows(stack, HIDDEN, expert * FFN, FFN);
  }

  private static TestModel perExpert(int... experts) {
    TestModel model = TestModel.huggingFace();
    for (int expert : experts) {
      String name = MLP + "experts." + expert + ".";
      model
          .tensor(name + "gate_proj.weight", expert(GATES, expert), FFN, HIDDEN)
          .tensor(name + "up_proj.weight", expert(UPS, expert), FFN, HIDDEN);
    }
    return model;
  }

  private static TestModel mixtral() {
    TestModel model = TestModel.huggingFace();
    for (int expert = 0; expert < EXPERTS; expert++) {
      String name = "model.layers.0.block_sparse_moe.experts." + expert + ".";
      model
          .tensor(name + "w1.weight", expert(GATES, expert), FFN, HIDDEN)
          .tensor(name + "w3.weight", expert(UPS, expert), FFN, HIDDEN);
    }
    return model;
  }

  private static TestModel stacked() {
    return TestModel.gguf("qwen3moe")
        .tensor("blk.0.ffn_gate_exps.weight", GATES, EXPERTS, FFN, HIDDEN)
        .tensor("blk.0.ffn_up_exps.weight", UPS, EXPERTS, FFN, HIDDEN);
  }

  /** {@code [experts, gate then up, in]}. */
  private static TestModel stackedGateUp() {
    float[] both = new float[0];
    for (int expert = 0; expert < EXPERTS; expert++) {
      both = concatenated(both, expert(GATES, expert), expert(UPS, expert));
    }
    return TestModel.huggingFace()
        .tensor(MLP + "experts.gate_up_proj", both, EXPERTS, 2 * FFN, HIDDEN);
  }

  @Test
  void stackedExpertsAgainstSingleOnes() throws IOException {
    same(stacked(), perExpert(0, 1, 2), 6);
    same(stacked(), mixtral(), 6);
    same(perExpert(2, 0, 1), mixtral(), 6);
    same(stackedGateUp(), perExpert(0, 1, 2), 6);
    same(stackedGateUp(), stacked(), 6);
    same(stackedGateUp(), mixtral(), 6);
    same(stacked(), stacked(), 2);
  }

  @Test
  void anExpertThatIsMissingLeavesTheStackWhole() throws IOException {
    DiffResult result = Diffs.run(stacked(), perExpert(0, 2));
    assertThat(leftOver(result))
        .containsExactlyInAnyOrder(
            "only-in-a blk.0.ffn_gate_exps.weight",
            "only-in-a blk.0.ffn_up_exps.weight",
            "only-in-b model.layers.0.mlp.experts.0.gate_proj.weight",
            "only-in-b model.layers.0.mlp.experts.0.up_proj.weight",
            "only-in-b model.layers.0.mlp.experts.2.gate_proj.weight",
            "only-in-b model.layers.0.mlp.experts.2.up_proj.weight");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.COULD_NOT_COMPARE);
  }

  @Test
  void anExpertTooManyIsListed() throws IOException {
    TestModel four =
        perExpert(0, 1, 2)
            .tensor(MLP + "experts.3.gate_proj.weight", expert(GATES, 0), FFN, HIDDEN);
    DiffResult result = Diffs.run(stacked(), four);
    assertThat(leftOver(result)).containsExactly("only-in-b " + MLP + "experts.3.gate_proj.weight");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  /** One expert twice and one missing makes as many parts as the stack has, but not the stack. */
  @Test
  void anExpertThatIsThereTwiceDoesNotStandForAnother() throws IOException {
    TestModel doubled =
        TestModel.huggingFace()
            .tensor(MLP + "experts.0.gate_proj.weight", expert(GATES, 0), FFN, HIDDEN)
            .tensor("layers.0.mlp.experts.0.gate_proj.weight", expert(GATES, 0), FFN, HIDDEN)
            .tensor(MLP + "experts.1.gate_proj.weight", expert(GATES, 1), FFN, HIDDEN);
    TestModel stack =
        TestModel.gguf("qwen3moe")
            .tensor("blk.0.ffn_gate_exps.weight", GATES, EXPERTS, FFN, HIDDEN);
    for (DiffResult result : List.of(Diffs.run(doubled, stack), Diffs.run(stack, doubled))) {
      assertThat(result.tensors()).hasSize(4);
      assertThat(leftOver(result)).hasSize(4);
    }
  }

  @Test
  void twoTensorsOfOneIdentityAreNoCounterpart() throws IOException {
    TestModel two =
        TestModel.huggingFace()
            .vector("model.norm.weight", 1f, 2f)
            .vector("norm.weight", 1f, 2f)
            .tensor("model.embed_tokens.weight", EMBEDDING, 50, HIDDEN);
    TestModel one =
        TestModel.gguf("llama")
            .vector("output_norm.weight", 1f, 2f)
            .tensor("token_embd.weight", EMBEDDING, 50, HIDDEN);
    for (DiffResult result : List.of(Diffs.run(two, one), Diffs.run(one, two))) {
      assertThat(leftOver(result)).hasSize(3);
      assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    }
    DiffResult equalNames =
        Diffs.run(two, TestModel.huggingFace().vector("model.norm.weight", 1f, 2f));
    assertThat(Diffs.of(equalNames, "model.norm.weight").status())
        .isEqualTo(TensorStatus.BIT_IDENTICAL);
    assertThat(Diffs.of(equalNames, "norm.weight").status()).isEqualTo(TensorStatus.ONLY_IN_A);
  }

  @Test
  void namesThatNoTableKnowsPairOnlyWithThemselves() throws IOException {
    DiffResult result =
        Diffs.run(
            TestModel.huggingFace().vector("vision.attn.qkv.bias", 1f).vector("same", 1f),
            TestModel.huggingFace().vector("visual.attn.qkv.bias", 1f).vector("same", 1f));
    assertThat(leftOver(result))
        .containsExactlyInAnyOrder(
            "only-in-a vision.attn.qkv.bias", "only-in-b visual.attn.qkv.bias");
    assertThat(Diffs.of(result, "same").guessed()).isTrue();
  }

  private static TestModel decoder() {
    return TestModel.huggingFace()
        .tensor("model.embed_tokens.weight", EMBEDDING, 50, HIDDEN)
        .vector("model.norm.weight", 1f);
  }

  private static TestModel ggufDecoder() {
    return TestModel.gguf("qwen2")
        .tensor("token_embd.weight", EMBEDDING, 50, HIDDEN)
        .vector("output_norm.weight", 1f);
  }

  @Test
  void aHeadIsHeldAgainstTheEmbeddingThatServesAsHead() throws IOException {
    TestModel untied = ggufDecoder().tensor("output.weight", EMBEDDING, 50, HIDDEN);
    same(decoder(), untied, 3);
    TensorDifference head =
        Diffs.run(decoder(), untied).tensors().stream()
            .filter(t -> t.identity().role() == Role.HEAD)
            .findFirst()
            .orElseThrow();
    assertThat(head.views()).containsExactly("a's head is tied to its token embedding");
    assertThat(head.name()).isEqualTo("model.embed_tokens.weight");

    DiffResult other =
        Diffs.run(
            decoder().tensor("lm_head.weight", normal(50 * HIDDEN, 99), 50, HIDDEN), ggufDecoder());
    assertThat(Diffs.of(other, "lm_head.weight").status()).isEqualTo(TensorStatus.MOVED);
    assertThat(other.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aHeadThatIsNotTiedIsMissing() throws IOException {
    DiffResult result =
        Diffs.run(
            decoder().flag("config.tie_word_embeddings", false),
            ggufDecoder().tensor("output.weight", EMBEDDING, 50, HIDDEN));
    assertThat(leftOver(result)).containsExactly("only-in-b output.weight");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void aTensorThatOnlyLooksLikeAHeadIsNotTheHead() throws IOException {
    DiffResult result =
        Diffs.run(decoder().tensor("backup.lm_head.weight", EMBEDDING, 50, HIDDEN), ggufDecoder());
    assertThat(leftOver(result)).containsExactly("only-in-a backup.lm_head.weight");
  }

  @Test
  void ofTwoHeadsNeitherIsTheOneThatIsTied() throws IOException {
    DiffResult result =
        Diffs.run(
            decoder()
                .tensor("model.lm_head.weight", EMBEDDING, 50, HIDDEN)
                .tensor("lm_head.weight", EMBEDDING, 50, HIDDEN),
            ggufDecoder());
    assertThat(leftOver(result))
        .containsExactlyInAnyOrder("only-in-a model.lm_head.weight", "only-in-a lm_head.weight");
  }

  @Test
  void aHeadOfAnotherShapeThanTheEmbeddingIsListed() throws IOException {
    DiffResult result =
        Diffs.run(
            decoder().tensor("lm_head.weight", normal(60 * HIDDEN, 1), 60, HIDDEN), ggufDecoder());
    assertThat(leftOver(result)).containsExactly("only-in-a lm_head.weight");
    assertThat(result.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void gpt2StoresItsMatricesTransposed() throws IOException {
    float[] attention = normal(3 * HIDDEN * HIDDEN, 20);
    float[] square = normal(HIDDEN * HIDDEN, 21);
    TestModel huggingFace =
        TestModel.huggingFace()
            .tensor(
                "transformer.h.0.attn.c_attn.weight",
                transposed(attention, 3 * HIDDEN, HIDDEN),
                HIDDEN,
                3 * HIDDEN)
            .vector("transformer.h.0.attn.c_attn.bias", normal(3 * HIDDEN, 22))
            .tensor(
                "transformer.h.0.attn.c_proj.weight",
                transposed(square, HIDDEN, HIDDEN),
                HIDDEN,
                HIDDEN);
    TestModel gguf =
        TestModel.gguf("gpt2")
            .tensor("blk.0.attn_qkv.weight", attention, 3 * HIDDEN, HIDDEN)
            .vector("blk.0.attn_qkv.bias", normal(3 * HIDDEN, 22))
            .tensor("blk.0.attn_output.weight", square, HIDDEN, HIDDEN);
    same(huggingFace, gguf, 3);
    assertThat(Diffs.of(Diffs.run(huggingFace, gguf), "transformer.h.0.attn.c_proj.weight").views())
        .containsExactly("a read transposed");
    assertThat(Diffs.of(Diffs.run(gguf, huggingFace), "blk.0.attn_output.weight").views())
        .containsExactly("b read transposed");
  }

  /** Dimensions of one do not move a value. */
  @Test
  void dimensionsOfOneDoNotMatter() throws IOException {
    float[] values = normal(6, 1);
    long[][] shapes = {{6}, {1, 6}, {6, 1}, {1, 6, 1}};
    for (long[] left : shapes) {
      for (long[] right : shapes) {
        same(
            TestModel.huggingFace().tensor("t", values, left),
            TestModel.huggingFace().tensor("t", values, right),
            1);
      }
    }
    same(
        TestModel.huggingFace().tensor("t", values, 2, 3, 1),
        TestModel.huggingFace().tensor("t", values, 2, 1, 3),
        1);
    same(
        TestModel.huggingFace().tensor("t", new float[] {1}, new long[0]),
        TestModel.huggingFace().tensor("t", new float[] {1}, 1, 1),
        1);
    same(
        TestModel.huggingFace().tensor("t", new float[0], 0, 1),
        TestModel.huggingFace().tensor("t", new float[0], 0),
        1);
    byte[] blocks = Numbers.randomFinite(TensorType.Q8_0, 64, new Random(1));
    same(
        TestModel.gguf("x").tensor("t", TensorType.Q8_0, blocks, 1, 64),
        TestModel.huggingFace()
            .tensor(
                "t",
                TensorType.F64,
                Numbers.stored(TensorType.F64, Numbers.values(TensorType.Q8_0, blocks)),
                64,
                1),
        1);
  }

  /** Vectors in blocks cannot be cut or permuted value by value; they must not end in a crash. */
  @Test
  void quantisedBiasesAreLeftWhole() throws IOException {
    byte[] q = Numbers.randomFinite(TensorType.Q8_0, 64, new Random(1));
    DiffResult interleaved =
        Diffs.run(
            TestModel.gguf("llama")
                .whole("llama.attention.head_count", 4)
                .tensor("blk.0.attn_q.bias", TensorType.Q8_0, q, 64)
                .vector("output_norm.weight", 1f),
            TestModel.huggingFace()
                .vector(ATTENTION + "q_proj.bias", normal(64, 1))
                .vector("model.norm.weight", 1f));
    assertThat(interleaved.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
    assertThat(Diffs.of(interleaved, "blk.0.attn_q.bias").status()).isEqualTo(TensorStatus.MOVED);
    DiffResult fused =
        Diffs.run(
            TestModel.gguf("phi3")
                .tensor("blk.0.attn_qkv.bias", TensorType.Q8_0, q, 64)
                .vector("output_norm.weight", 1f),
            TestModel.huggingFace()
                .vector(ATTENTION + "q_proj.bias", normal(32, 1))
                .vector(ATTENTION + "k_proj.bias", normal(16, 1))
                .vector(ATTENTION + "v_proj.bias", normal(16, 1))
                .vector("model.norm.weight", 1f));
    assertThat(leftOver(fused)).hasSize(4);
    assertThat(fused.verdict().exit()).isEqualTo(ExitCode.DIFFERS);
  }

  @Test
  void quantisedFusedMatricesAreCutByRows() throws IOException {
    byte[] q = Numbers.randomFinite(TensorType.Q4_K, 4 * 256, new Random(1));
    byte[] k = Numbers.randomFinite(TensorType.Q4_K, 2 * 256, new Random(2));
    byte[] v = Numbers.randomFinite(TensorType.Q4_K, 2 * 256, new Random(3));
    byte[] fused = new byte[q.length + k.length + v.length];
    System.arraycopy(q, 0, fused, 0, q.length);
    System.arraycopy(k, 0, fused, q.length, k.length);
    System.arraycopy(v, 0, fused, q.length + k.length, v.length);
    same(
        TestModel.gguf("phi3").tensor("blk.0.attn_qkv.weight", TensorType.Q4_K, fused, 8, 256),
        TestModel.gguf("phi3")
            .tensor("blk.0.attn_q.weight", TensorType.Q4_K, q, 4, 256)
            .tensor("blk.0.attn_k.weight", TensorType.Q4_K, k, 2, 256)
            .tensor("blk.0.attn_v.weight", TensorType.Q4_K, v, 2, 256),
        3);
  }

  /** A stack that claims a million experts of nothing is not taken apart a million times. */
  @Test
  void hugeStacksOfNothingStayWhole() throws IOException {
    TestModel stacks = TestModel.gguf("qwen3moe").vector("output_norm.weight", 1f);
    for (int block = 0; block < 300; block++) {
      stacks.tensor("blk." + block + ".ffn_gate_exps.weight", new float[0], 1 << 20, 0, 32);
    }
    DiffResult result = Diffs.run(stacks, TestModel.huggingFace().vector("model.norm.weight", 1f));
    assertThat(leftOver(result)).hasSize(300);
  }

  /** Whatever is taken away: every tensor of both sides is in the result, once. */
  @Property(tries = 60)
  void noTensorVanishes(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    List<TestModel> sides = new ArrayList<>();
    for (int side = 0; side < 2; side++) {
      TestModel model = random.nextBoolean() ? TestModel.huggingFace() : TestModel.gguf("qwen3moe");
      for (String name :
          List.of(
              MLP + "experts.0.gate_proj.weight",
              "layers.0.mlp.experts.0.gate_proj.weight",
              MLP + "experts.1.gate_proj.weight",
              "model.layers.0.block_sparse_moe.experts.1.w1.weight",
              "blk.0.ffn_gate.0.weight",
              "blk.0.ffn_gate.1.weight",
              MLP + "experts.0.up_proj.weight",
              MLP + "experts.1.up_proj.weight",
              MLP + "gate_proj.weight",
              MLP + "up_proj.weight",
              "blk.0.ffn_up.weight",
              ATTENTION + "q_proj.weight",
              ATTENTION + "k_proj.weight",
              ATTENTION + "v_proj.weight",
              "lm_head.weight",
              "model.lm_head.weight",
              "model.embed_tokens.weight",
              "embed_tokens.weight",
              "token_embd.weight",
              "output.weight")) {
        if (random.nextInt(3) > 0) {
          model.tensor(name, normal(16, 1), 2, 8);
        }
      }
      for (String name : List.of("blk.0.ffn_gate_exps.weight", "blk.0.ffn_up_exps.weight")) {
        if (random.nextBoolean()) {
          model.tensor(name, normal(32, 1), 2, 2, 8);
        }
      }
      if (random.nextBoolean()) {
        model.tensor(MLP + "experts.gate_up_proj", normal(64, 1), 2, 4, 8);
      }
      if (random.nextBoolean()) {
        model.tensor(MLP + "gate_up_proj.weight", normal(32, 1), 4, 8);
      }
      if (random.nextBoolean()) {
        model.tensor(ATTENTION + "qkv_proj.weight", normal(48, 1), 6, 8);
      }
      sides.add(model);
    }
    Operand a = sides.get(0).operand("a");
    Operand b = sides.get(1).operand("b");
    Pairing pairing = Matcher.match(a, b);
    List<String> left = new ArrayList<>();
    List<String> right = new ArrayList<>();
    List<Long> values = new ArrayList<>(List.of(0L, 0L));
    for (TensorPair pair : pairing.pairs()) {
      boolean tied = pair.views().stream().anyMatch(view -> view.contains("tied"));
      if (!tied) {
        left.add(pair.a().name());
        right.add(pair.b().name());
        values.set(0, values.get(0) + pair.a().elements());
        values.set(1, values.get(1) + pair.b().elements());
      } else {
        boolean headIsB = pair.views().stream().anyMatch(view -> view.startsWith("a's head"));
        (headIsB ? right : left).add(headIsB ? pair.b().name() : pair.a().name());
        values.set(headIsB ? 1 : 0, values.get(headIsB ? 1 : 0) + pair.a().elements());
      }
    }
    pairing
        .incompatible()
        .forEach(pair -> {
          left.add(pair.a().view().name());
          right.add(pair.b().view().name());
          values.set(0, values.get(0) + pair.a().view().shape().elements());
          values.set(1, values.get(1) + pair.b().view().shape().elements());
        });
    pairing
        .onlyInA()
        .forEach(t -> {
          left.add(t.view().name());
          values.set(0, values.get(0) + t.view().shape().elements());
        });
    pairing
        .onlyInB()
        .forEach(t -> {
          right.add(t.view().name());
          values.set(1, values.get(1) + t.view().shape().elements());
        });
    assertThat(left).doesNotHaveDuplicates();
    assertThat(right).doesNotHaveDuplicates();
    assertThat(values).containsExactly(a.model().parameters(), b.model().parameters());
  }

  @Test
  void pairsKeepTheOrderOfTheLeftSide() throws IOException {
    List<String> names =
        Diffs.run(
                splitQkv().vector("z", 1f).vector("a", 1f),
                TestModel.huggingFace().vector("a", 1f).vector("z", 1f))
            .tensors()
            .stream()
            .filter(t -> t.status().compared())
            .map(TensorDifference::name)
            .toList();
    assertThat(names).containsExactly("z", "a");
  }

  @Test
  void anIdentityIsThatOfThePart() throws IOException {
    DiffResult result = Diffs.run(stacked(), perExpert(0, 1, 2));
    assertThat(Diffs.of(result, "blk.0.ffn_up_exps.weight[24:48]").identity())
        .isEqualTo(new TensorIdentity(Role.EXPERT_UP, 0, 1, "weight", ""));
  }
}
