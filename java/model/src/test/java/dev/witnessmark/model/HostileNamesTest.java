package dev.witnessmark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.witnessmark.format.testing.Allocation;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that mean no good, or look like others. */
class HostileNamesTest {

  private static final int MILLION = 1_000_000;

  /** Bytes allocated per character of a name: a few copies of it, and its components. */
  private static final long MOST_BYTES_PER_CHARACTER = 600;

  private static IdentifiedTensor gguf(String name) {
    return Models.gguf("llama").tensor(name, 4, 4).describe().tensors().getFirst();
  }

  private static IdentifiedTensor huggingFace(String name) {
    return Models.huggingFace()
        .tensor("model.embed_tokens.weight", 4, 4)
        .tensor(name, 4, 4)
        .describe()
        .tensors()
        .get(1);
  }

  @Test
  void aNormOfTheQueriesIsNotTheQueries() {
    assertThat(gguf("blk.1.attn_q_norm.weight").identity())
        .isEqualTo(new TensorIdentity(Role.ATTENTION_Q_NORM, 1, TensorIdentity.NONE, "weight", ""));
    assertThat(gguf("blk.1.attn_q.weight").identity())
        .isEqualTo(new TensorIdentity(Role.ATTENTION_Q, 1, TensorIdentity.NONE, "weight", ""));
    assertThat(gguf("blk.1.attn_output_norm.weight").identity().role())
        .isEqualTo(Role.ATTENTION_POST_NORM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "my_lm_head_backup.weight",
        "lm_head_backup.weight",
        "model.layers.1.self_attn.q_projector.weight",
        "model.layers.1.not_q_proj.weight",
        "xmodel.norm.weight",
        "model.norms.weight"
      })
  void partOfAComponentMeansNothing(String name) {
    IdentifiedTensor tensor = huggingFace(name);
    assertThat(tensor.guessed()).isTrue();
    assertThat(tensor.identity().role()).isEqualTo(Role.OTHER);
    assertThat(tensor.identity().detail()).isEqualTo(name);
  }

  @Test
  void aGuessIsLabelledButItsIdentityIsItsOwnName() {
    IdentifiedTensor guess = huggingFace("vision.blocks.7.attn.qkv.bias");
    assertThat(guess.guessed()).isTrue();
    assertThat(guess.identity())
        .isEqualTo(
            new TensorIdentity(
                Role.ATTENTION_QKV,
                7,
                TensorIdentity.NONE,
                "bias",
                "vision.blocks.7.attn.qkv.bias"));
    assertThat(huggingFace("vision2.blocks.7.attn.qkv.bias").identity())
        .isNotEqualTo(guess.identity());
    assertThat(huggingFace("model.layers.0.self_attn.q_proj.weight").guessed()).isFalse();
  }

  @Test
  void aMillionDotsCostLinearTimeAndMemory() throws Exception {
    String dots = ".".repeat(MILLION);
    String numbers = "7.".repeat(MILLION / 2);
    String almost = "model.".repeat(MILLION / 6) + "norm.weight";
    for (String name : List.of(dots, numbers, almost, "blk." + "9".repeat(MILLION) + ".attn_q")) {
      long allocated =
          Allocation.bytes(() ->
              assertTimeoutPreemptively(
                  Duration.ofSeconds(20),
                  () -> {
                    assertThat(huggingFace(name).guessed()).isTrue();
                    assertThat(gguf(name).guessed()).isTrue();
                  }));
      assertThat(allocated).isLessThan(2 * MOST_BYTES_PER_CHARACTER * name.length());
    }
  }

  @Test
  void aBlockNumberIsBounded() {
    ModelDescription model =
        Models.gguf("llama")
            .tensor("blk.9999999.attn_q.weight", 4, 4)
            .tensor("blk.99999999.attn_q.weight", 4, 4)
            .tensor("blk.18446744073709551616.attn_q.weight", 4, 4)
            .describe();
    assertThat(model.blocks()).isEqualTo(10_000_000);
    assertThat(model.tensors())
        .extracting(IdentifiedTensor::guessed)
        .containsExactly(false, true, true);
  }

  @Test
  void theNumberOfParametersSaturates() {
    assertThat(
            Models.huggingFace()
                .tensor("a", Long.MAX_VALUE / 4)
                .tensor("b", Long.MAX_VALUE / 4)
                .tensor("c", Long.MAX_VALUE / 4)
                .tensor("d", Long.MAX_VALUE / 4)
                .tensor("e", Long.MAX_VALUE / 4)
                .describe()
                .parameters())
        .isEqualTo(Long.MAX_VALUE);
  }

  @Property
  void anyNameHasAnIdentityAndALabel(@ForAll String name) {
    for (IdentifiedTensor tensor : List.of(gguf(name), huggingFace(name))) {
      assertThat(tensor.identity().label()).isNotNull();
      assertThat(tensor.identity().block()).isBetween(TensorIdentity.NONE, 9_999_999);
    }
    assertThat(ModelDescription.identityOf(name).isPresent())
        .isEqualTo(
            NameTable.HUGGING_FACE.stream().anyMatch(table -> table.resolve(name).isPresent()));
  }
}
