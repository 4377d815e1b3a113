package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.witnessmark.format.Checkpoint;
import dev.witnessmark.format.CheckpointReader;
import dev.witnessmark.format.Limits;
import dev.witnessmark.format.Metadata;
import dev.witnessmark.format.MetadataValue;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.model.transformer.Hyperparameters;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

/** Whatever {@code config.json} says of the same weights, it is refused or can be run. */
class ModelPropertiesTest {

  private static final Path WEIGHTS =
      Path.of("src/test/resources/golden/architectures/head-norms-experts.weights.safetensors");

  private static final Map<String, MetadataValue> RIGHT =
      Map.ofEntries(
          Map.entry("config.model_type", new MetadataValue.Text("qwen3_moe")),
          Map.entry("config.num_hidden_layers", whole(2)),
          Map.entry("config.hidden_size", whole(32)),
          Map.entry("config.num_attention_heads", whole(4)),
          Map.entry("config.num_key_value_heads", whole(2)),
          Map.entry("config.head_dim", whole(16)),
          Map.entry("config.intermediate_size", whole(24)),
          Map.entry("config.moe_intermediate_size", whole(12)),
          Map.entry("config.num_experts", whole(6)),
          Map.entry("config.num_experts_per_tok", whole(3)),
          Map.entry("config.rms_norm_eps", new MetadataValue.Real(1e-5)),
          Map.entry("config.rope_theta", new MetadataValue.Real(10_000)),
          Map.entry("config.sliding_window", whole(64)));

  private static MetadataValue whole(long value) {
    return new MetadataValue.Whole(BigInteger.valueOf(value));
  }

  @Provide
  Arbitrary<Map<String, MetadataValue>> changes() {
    Arbitrary<MetadataValue> value =
        Arbitraries.oneOf(
            Arbitraries.integers().between(-1, 130).map(ModelPropertiesTest::whole),
            Arbitraries.integers().between(0, 62).map(n -> whole(1L << n)),
            Arbitraries.of(1, 2, 4, 8, 16, 32, 64).map(ModelPropertiesTest::whole),
            Arbitraries.doubles().map(MetadataValue.Real::new),
            Arbitraries.of("llama", "qwen3", "qwen3_moe", "mixtral").map(MetadataValue.Text::new));
    return Arbitraries.maps(Arbitraries.of(RIGHT.keySet().stream().sorted().toList()), value)
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  @Property(tries = 250)
  void refusedOrRun(@ForAll("changes") Map<String, MetadataValue> changes) throws IOException {
    Map<String, MetadataValue> entries = new LinkedHashMap<>(RIGHT);
    entries.putAll(changes);
    try (Checkpoint weights = CheckpointReader.open(WEIGHTS, Limits.DEFAULT)) {
      Model model = Model.of(weights.with(new Metadata(entries)));
      Hyperparameters sizes = model.hyperparameters();
      assertThat((long) sizes.queryElements()).isEqualTo(64);
      assertThat((long) sizes.keyElements()).isEqualTo(32);
      try (ForwardPass<MemorySegment> pass =
          ForwardPass.open(model, HostDevice.scalar(), DemoModel.options("f32", 2))) {
        pass.run(new int[] {1, 2, 3}, StageSink.none());
        assertThat(pass.logits().reals()).hasSize(32);
      }
      Statistics.collect("run");
    } catch (Refusal refusal) {
      assertThat(refusal.subject()).isNotBlank();
      Statistics.collect("refused");
    }
  }
}
