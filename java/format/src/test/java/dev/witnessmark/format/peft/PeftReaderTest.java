package dev.witnessmark.format.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.witnessmark.format.FileFormat;
import dev.witnessmark.format.GoldenFiles;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.Shape;
import dev.witnessmark.format.TensorView;
import dev.witnessmark.format.testing.SafetensorsBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftReaderTest {

  private static final String PREFIX = "base_model.model.";
  private static final String Q = PREFIX + "layers.0.q_proj";

  @TempDir private Path folder;
  private SafetensorsBuilder weights = new SafetensorsBuilder();

  @BeforeEach
  void writeSmallAdapter() throws IOException {
    config("");
  }

  @Test
  void aTrainedAdapterIsTwelveUpdates() throws IOException {
    try (PeftAdapter adapter =
        PeftReader.read(GoldenFiles.of("psalms-lora").folder(), Limits.DEFAULT)) {
      assertThat(adapter.checkpoint().format()).isEqualTo(FileFormat.PEFT);
      assertThat(adapter.checkpoint().tensors()).hasSize(24);
      assertThat(adapter.checkpoint().metadata().text("adapter_config.base_model_name_or_path"))
          .hasValue("base");
      assertThat(adapter.checkpoint().metadata().whole("adapter_config.r")).hasValue(4);
      assertThat(adapter.replacements()).isEmpty();
      assertThat(adapter.updates()).hasSize(12);
      assertThat(adapter.updates())
          .allSatisfy(update -> {
            assertThat(update.scale()).isEqualTo(2.0);
            assertThat(update.transposed()).isFalse();
            assertThat(update.b().shape()).isEqualTo(Shape.of(256, 4));
          });
      LowRankUpdate first = adapter.updates().getFirst();
      assertThat(first.target()).isEqualTo("model.layers.0.mlp.down_proj.weight");
      assertThat(first.a().shape()).isEqualTo(Shape.of(4, 768));
      assertThat(first.a().name())
          .isEqualTo("base_model.model.model.layers.0.mlp.down_proj.lora_A.weight");
      assertThat(adapter.updates().getLast().target())
          .isEqualTo("model.layers.5.self_attn.o_proj.weight");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | 4.0",
        "'\"use_rslora\": true,' | 5.656854249492381",
        "'\"alpha_pattern\": {\"q_proj\": 3},' | 1.5",
        "'\"alpha_pattern\": {\"k_proj\": 3, \"layers.0.q_proj\": 6, \"q_proj\": 3},' | 3.0",
        "'\"alpha_pattern\": {\"_proj\": 3},' | 4.0",
        "'\"alpha_pattern\": {\"layers\\\\.[0-9]\": 3, \"q_proj\": 1},' | refused",
        "'\"alpha_pattern\": {\".*\\\\.0\\\\.q_proj\": 0.5, \"q_proj\": 1},' | 0.25",
        "'\"alpha_pattern\": {\"^q_proj\": 0.5, \"^layers.0.q_proj\": 1},' | 0.5",
        "'\"rank_pattern\": null, \"alpha_pattern\": {},' | 4.0"
      })
  void theScaleIsAlphaOverRank(String members, String scale) throws IOException {
    config(members);
    factors(Q, 2, 3, 2);

    if (scale.equals("refused")) {
      assertRefused(Refusal.Unsupported.class);
    } else {
      assertThat(update().scale()).isCloseTo(Double.parseDouble(scale), within(1e-15));
    }
  }

  @Test
  void aRankMayBelongToOneModule() throws IOException {
    config("\"rank_pattern\": {\"layers.0.q_proj\": 16},");
    factors(Q, 16, 3, 2);

    assertThat(update().scale()).isEqualTo(0.5);
  }

  @Test
  void theNameOfTheAdapterIsNoPartOfTheTarget() throws IOException {
    weights
        .tensor(Q + ".lora_B.default.weight", "F16", new byte[8], 2, 2)
        .tensor(Q + ".lora_A.default.weight", "F16", new byte[12], 2, 3);

    LowRankUpdate update = update();

    assertThat(update.target()).isEqualTo("layers.0.q_proj.weight");
    assertThat(update.a().shape()).isEqualTo(Shape.of(2, 3));
    assertThat(update.b().shape()).isEqualTo(Shape.of(2, 2));
  }

  @Test
  void aTransposedBaseIsUpdatedTransposed() throws IOException {
    config("\"fan_in_fan_out\": true,");
    factors(Q, 2, 3, 2);

    assertThat(update().transposed()).isTrue();
  }

  @Test
  void embeddingsAreUpdatedTransposed() throws IOException {
    weights
        .tensor(PREFIX + "embed_tokens.lora_embedding_A", "F32", new byte[80], 2, 10)
        .tensor(PREFIX + "embed_tokens.lora_embedding_B", "F32", new byte[24], 3, 2);

    LowRankUpdate update = update();

    assertThat(update.target()).isEqualTo("embed_tokens.weight");
    assertThat(update.transposed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "score.weight",
        "score.modules_to_save.weight",
        "score.modules_to_save.default.weight"
      })
  void savedModulesReplaceThoseOfTheBase(String stored) throws IOException {
    config("\"modules_to_save\": [\"classifier\", \"score\"],");
    factors(Q, 2, 3, 2);
    weights.tensor(PREFIX + stored, "F32", new byte[8], 1, 2);

    try (PeftAdapter adapter = read()) {
      assertThat(adapter.replacements())
          .extracting(TensorView::name, TensorView::storedName, TensorView::shape)
          .containsExactly(tuple("score.weight", PREFIX + stored, Shape.of(1, 2)));
      assertThat(adapter.checkpoint().tensors().getLast().name()).isEqualTo(PREFIX + stored);
    }
  }

  @Test
  void biasesAreReplacedIfTheyWereTrained() throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 8, \"bias\": \"all\"}");
    factors(Q, 2, 3, 2);
    assertRefused(Refusal.MissingPart.class);
    weights.tensor(Q + ".base_layer.bias", "F32", new byte[8], 2);

    try (PeftAdapter adapter = read()) {
      assertThat(adapter.replacements())
          .extracting(TensorView::name)
          .containsExactly("layers.0.q_proj.bias");
    }
  }

  @Test
  void embeddingsOfAnotherVocabularyAreReplaced() throws IOException {
    factors(Q, 2, 3, 2);
    weights
        .tensor(PREFIX + "embed_tokens.weight", "F32", new byte[8], 1, 2)
        .tensor(PREFIX + "lm_head.weight", "F32", new byte[8], 1, 2);

    try (PeftAdapter adapter = read()) {
      assertThat(adapter.replacements()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"use_dora\": true,",
        "\"use_qalora\": true,",
        "\"lora_bias\": true,",
        "\"layer_replication\": [[0, 4]],",
        "\"target_parameters\": [\"experts\"],",
        "\"trainable_token_indices\": {\"embed_tokens\": [1]},",
        "\"alora_invocation_tokens\": [1, 2],",
        "\"init_lora_weights\": \"pissa\",",
        "\"init_lora_weights\": \"pissa_niter_16\",",
        "\"init_lora_weights\": \"corda\",",
        "\"init_lora_weights\": \"olora\",",
        "\"init_lora_weights\": \"loftq\",",
        "\"bias\": \"some\","
      })
  void whatElseAnAdapterMayDoIsRefused(String member) throws IOException {
    String bias = member.contains("bias\": \"s") ? "" : "\"bias\": \"none\",";
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{%s %s \"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 8}".formatted(bias, member));
    factors(Q, 2, 3, 2);

    assertRefused(Refusal.Unsupported.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"use_dora\": false, \"layer_replication\": null, \"target_parameters\": [],",
        "\"init_lora_weights\": true,",
        "\"init_lora_weights\": \"gaussian\",",
        "\"loftq_config\": {}, \"target_modules\": [\"q_proj\"], \"unheard_of\": {\"a\": [1]},"
      })
  void settingsThatChangeNothingAreAccepted(String members) throws IOException {
    config(members);
    factors(Q, 2, 3, 2);

    assertThat(update().scale()).isEqualTo(4.0);
  }

  @Test
  void anotherKindOfAdapterIsRefused() throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\": \"LOHA\", \"r\": 2, \"lora_alpha\": 8}");
    factors(Q, 2, 3, 2);

    assertRefused(Refusal.Unsupported.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"peft_type\": \"LORA\", \"r\": 2}",
        "{\"peft_type\": \"LORA\", \"lora_alpha\": 2}",
        "{\"peft_type\": \"LORA\", \"r\": 0, \"lora_alpha\": 8}",
        "{\"peft_type\": \"LORA\", \"r\": -1, \"lora_alpha\": 8}",
        "{\"peft_type\": \"LORA\", \"r\": 2.5, \"lora_alpha\": 8}",
        "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": NaN}",
        "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": \"8\"}",
        "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 8, \"rank_pattern\": []}",
        "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 8, \"rank_pattern\": {\"q\": 0}}",
        "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 8} more",
        "[]"
      })
  void aConfigurationThatSaysTooLittleIsRefused(String json) throws IOException {
    Files.writeString(folder.resolve("adapter_config.json"), json);
    factors(Q, 2, 3, 2);

    assertRefused(Refusal.Malformed.class);
  }

  @Test
  void aSecondMemberOfANameIsRefused() throws IOException {
    config("\"r\": 4,");
    factors(Q, 2, 3, 2);

    assertRefused(Refusal.Duplicate.class);
  }

  @Test
  void moreSavedModulesThanNamesShouldBeComparedWithAreRefused() throws IOException {
    config("\"modules_to_save\": [%s\"last\"],".formatted("\"m\",".repeat(100)));
    factors(Q, 2, 3, 2);

    assertRefused(Refusal.LimitExceeded.class);
  }

  @Test
  void aPatternThatNoPersonWroteIsRefused() throws IOException {
    config("\"rank_pattern\": {\"%s\": 2},".formatted(".*".repeat(129)));
    factors(Q, 2, 3, 2);

    assertRefused(Refusal.LimitExceeded.class);
  }

  @Test
  void oneFactorAloneIsRefused() throws IOException {
    weights.tensor(Q + ".lora_A.weight", "F32", new byte[24], 2, 3);

    assertRefused(Refusal.MissingPart.class);
  }

  @ParameterizedTest
  @CsvSource({"3, 2", "2, 3"})
  void anotherRankThanTheConfigurationHasIsRefused(int ranksOfA, int ranksOfB) throws IOException {
    weights
        .tensor(Q + ".lora_A.weight", "F32", new byte[ranksOfA * 12], ranksOfA, 3)
        .tensor(Q + ".lora_B.weight", "F32", new byte[ranksOfB * 8], 2, ranksOfB);

    assertThatExceptionOfType(Refusal.Inconsistent.class)
        .isThrownBy(() -> read().close())
        .satisfies(refusal -> {
          assertThat(refusal.found()).isEqualTo(3);
          assertThat(refusal.expected()).isEqualTo(2);
        });
  }

  @Test
  void factorsThatAreNoFloatMatricesAreRefused() throws IOException {
    weights
        .tensor(Q + ".lora_A.weight", "F32", new byte[24], 2, 3, 1, 1)
        .tensor(Q + ".lora_B.weight", "F32", new byte[16], 2, 2, 1, 1);
    assertRefused(Refusal.Unsupported.class);

    weights = new SafetensorsBuilder();
    weights
        .tensor(Q + ".lora_A.weight", "I8", new byte[6], 2, 3)
        .tensor(Q + ".lora_B.weight", "I8", new byte[4], 2, 2);
    assertRefused(Refusal.Unsupported.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PREFIX + "layers.0.q_proj.lora_magnitude_vector.weight",
        PREFIX + "layers.0.q_proj.lora_magnitude_vector",
        PREFIX + "layers.0.q_proj.lora_B.bias",
        PREFIX + "layers.0.q_proj.lora_A.other.weight",
        PREFIX + "layers.0.q_proj.bias",
        PREFIX + "layers.0.q_proj.weight",
        PREFIX + "scorer.weight",
        "layers.0.k_proj.lora_A.weight"
      })
  void aTensorThatNothingAnnouncesIsRefused(String name) throws IOException {
    config("\"modules_to_save\": [\"score\"],");
    factors(Q, 2, 3, 2);
    weights.tensor(name, "F32", new byte[4], 1);

    assertRefused(Refusal.Unsupported.class);
  }

  @Test
  void aFactorThatIsThereTwiceIsRefused() throws IOException {
    factors(Q, 2, 3, 2);
    weights.tensor(Q + ".lora_A.default.weight", "F32", new byte[24], 2, 3);

    assertRefused(Refusal.Duplicate.class);
  }

  @Test
  void factorsOfTwoKindsAreRefused() throws IOException {
    weights
        .tensor(Q + ".lora_A.weight", "F32", new byte[24], 2, 3)
        .tensor(Q + ".lora_embedding_B", "F32", new byte[16], 2, 2);

    assertRefused(Refusal.Duplicate.class);
  }

  @Test
  void aReplacementThatIsThereTwiceIsRefused() throws IOException {
    factors(Q, 2, 3, 2);
    weights
        .tensor(PREFIX + "lm_head.weight", "F32", new byte[4], 1)
        .tensor(PREFIX + "lm_head.modules_to_save.weight", "F32", new byte[4], 1);

    assertRefused(Refusal.Duplicate.class);
  }

  @Test
  void aWeightThatIsReplacedAndUpdatedIsRefused() throws IOException {
    factors(PREFIX + "lm_head", 2, 3, 2);
    weights.tensor(PREFIX + "lm_head.base_layer.weight", "F32", new byte[24], 2, 3);

    assertRefused(Refusal.Unsupported.class);
  }

  @Test
  void aMissingFileIsRefused() throws IOException {
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> PeftReader.read(folder, Limits.DEFAULT).close());
    Files.write(folder.resolve("adapter_model.bin"), new byte[4]);
    assertThatExceptionOfType(Refusal.UnsafeFormat.class)
        .isThrownBy(() -> PeftReader.read(folder, Limits.DEFAULT).close());
    Files.delete(folder.resolve("adapter_config.json"));
    assertThatExceptionOfType(Refusal.MissingPart.class)
        .isThrownBy(() -> PeftReader.read(folder, Limits.DEFAULT).close());
  }

  /** A configuration of rank 2 and alpha 8 with more {@code members}. */
  private void config(String members) throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{%s \"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 8, \"bias\": \"none\"}"
            .formatted(members));
  }

  private void factors(String module, int rank, int in, int out) {
    weights
        .tensor(module + ".lora_A.weight", "F32", new byte[4 * rank * in], rank, in)
        .tensor(module + ".lora_B.weight", "F32", new byte[4 * out * rank], out, rank);
  }

  private PeftAdapter read() throws IOException {
    Files.write(folder.resolve("adapter_model.safetensors"), weights.build());
    return PeftReader.read(folder, Limits.DEFAULT);
  }

  private LowRankUpdate update() throws IOException {
    try (PeftAdapter adapter = read()) {
      assertThat(adapter.updates()).hasSize(1);
      return adapter.updates().getFirst();
    }
  }

  private void assertRefused(Class<? extends Refusal> kind) {
    assertThatExceptionOfType(kind).isThrownBy(() -> read().close());
  }
}
