package dev.witnessmark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.witnessmark.format.Refusal;
import dev.witnessmark.format.TensorType;
import dev.witnessmark.format.testing.Allocation;
import dev.witnessmark.model.transformer.RotaryScaling;
import dev.witnessmark.model.transformer.Stage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class ManifestTest {

  private static Manifest manifest() throws IOException {
    return Manifests.of(SmallModel.model(), 3, TensorType.F64);
  }

  private static List<String> violations(JsonNode document) throws IOException {
    try (InputStream in = Manifest.class.getResourceAsStream("wmark-capture-v1.schema.json")) {
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return schema.validate(document).stream().map(Error::toString).toList();
    }
  }

  static Stream<RotaryScaling> scalings() {
    return Stream.of(
        new RotaryScaling.None(),
        new RotaryScaling.Linear(2.5),
        new RotaryScaling.Llama3(8, 1, 4, 8192),
        new RotaryScaling.Yarn(4, 32768, 32, 1, 1.138629),
        new RotaryScaling.Factors(List.of(1.0, 0.1)));
  }

  @ParameterizedTest
  @MethodSource("scalings")
  void whatIsWrittenIsReadAndValid(RotaryScaling scaling) throws IOException {
    for (TensorType type : List.of(TensorType.F32, TensorType.F64)) {
      Manifest manifest = Manifests.of(SmallModel.model(scaling), 3, type);
      assertThat(Manifests.read(Manifests.bytes(manifest))).isEqualTo(manifest);
      assertThat(violations(Manifests.tree(manifest))).isEmpty();
    }
  }

  @Test
  void theSchemaKnowsEveryStage() throws IOException {
    try (InputStream in = Manifest.class.getResourceAsStream("wmark-capture-v1.schema.json")) {
      JsonNode stages =
          Manifests.JSON.readTree(in).at("/properties/stages/items/properties/stage/enum");
      assertThat(stages.valueStream().map(JsonNode::asString))
          .containsExactly(Arrays.stream(Stage.values()).map(Stage::id).toArray(String[]::new));
    }
  }

  /** Every object of the document, and what it is to be without its member {@code name}. */
  private static void eachMember(ObjectNode object, List<Runnable> removals) {
    for (String name : List.copyOf(object.propertyNames())) {
      JsonNode value = object.get(name);
      removals.add(() -> object.remove(name));
      removals.add(() -> object.set(name, value));
      if (value instanceof ObjectNode nested) {
        eachMember(nested, removals);
      }
      if (value instanceof ArrayNode array && array.get(0) instanceof ObjectNode first) {
        eachMember(first, removals);
      }
    }
  }

  @Test
  void schemaAndReaderMissEveryFieldThatIsNotThere() throws IOException {
    ObjectNode tree = Manifests.tree(manifest());
    List<Runnable> steps = new ArrayList<>();
    eachMember(tree, steps);
    assertThat(steps).hasSizeGreaterThan(100);
    for (int i = 0; i < steps.size(); i += 2) {
      steps.get(i).run();
      assertThat(violations(tree)).as("step %d", i).isNotEmpty();
      assertThatExceptionOfType(Refusal.class).isThrownBy(() -> Manifests.read(tree));
      steps.get(i + 1).run();
    }
    Manifests.read(tree);
  }

  private static void refused(Class<? extends Refusal> type, Consumer<ObjectNode> change)
      throws IOException {
    ObjectNode tree = Manifests.tree(manifest());
    change.accept(tree);
    assertThatExceptionOfType(type).isThrownBy(() -> Manifests.read(tree));
  }

  private static ObjectNode stage(ObjectNode tree, int index) {
    return (ObjectNode) tree.get("stages").get(index);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../embedding.bin",
        "/etc/passwd",
        "layer-0/../embedding.bin",
        "layer-1/embedding.bin",
        "embedding.bin",
        "layer-0\\embedding.bin",
        "C:\\embedding.bin",
        "",
        "layer-0/embedding.bin "
      })
  void aFileHasTheNameOfItsStage(String name) throws IOException {
    refused(
        Refusal.UnsafePath.class,
        tree -> ((ObjectNode) stage(tree, 0).get("file")).put("name", name));
    refused(Refusal.UnsafePath.class, tree -> ((ObjectNode) tree.get("exact")).put("name", name));
  }

  @Test
  void aStageIsListedOnce() throws IOException {
    refused(
        Refusal.Duplicate.class,
        tree -> ((ArrayNode) tree.get("stages")).add(stage(tree, 1).deepCopy()));
  }

  @Test
  void aFieldIsThereOnce() {
    byte[] twice =
        "{\"schema\":\"wmark-capture-v1\",\"schema\":\"wmark-capture-v1\"}"
            .getBytes(StandardCharsets.UTF_8);
    assertThatExceptionOfType(Refusal.Duplicate.class).isThrownBy(() -> Manifests.read(twice));
  }

  @Test
  void unknownFieldsAndVersionsAreRefused() throws IOException {
    refused(Refusal.Malformed.class, tree -> tree.put("surprise", 1));
    refused(Refusal.Malformed.class, tree -> stage(tree, 0).put("surprise", 1));
    refused(Refusal.Unsupported.class, tree -> tree.put("schema", "wmark-capture-v2"));
  }

  @Test
  void numbersThatContradictEachOtherAreRefused() throws IOException {
    refused(Refusal.Inconsistent.class, tree -> ((ArrayNode) tree.get("tokens")).add(1));
    refused(Refusal.Inconsistent.class, tree -> ((ArrayNode) tree.get("calls")).removeAll());
    refused(
        Refusal.Malformed.class,
        tree ->
            ((ArrayNode) stage(tree, 0).get("shape"))
                .set(0, Manifests.JSON.getNodeFactory().numberNode(2)));
    refused(
        Refusal.Inconsistent.class,
        tree -> ((ObjectNode) stage(tree, 0).get("file")).put("bytes", 13));
    refused(Refusal.Malformed.class, tree -> stage(tree, 0).put("type", "f32"));
    refused(Refusal.Malformed.class, tree -> tree.putNull("exact"));
    refused(Refusal.Malformed.class, tree -> ((ArrayNode) tree.get("stages")).removeAll());
  }

  @Test
  void aStageThatTheModelDoesNotHaveIsRefused() throws IOException {
    refused(Refusal.Malformed.class, tree -> stage(tree, 0).put("layer", 1));
    refused(Refusal.Malformed.class, tree -> stage(tree, 1).put("layer", 3));
    refused(Refusal.Malformed.class, tree -> stage(tree, 1).putNull("layer"));
    refused(Refusal.Malformed.class, tree -> stage(tree, 1).put("stage", "qkv_bias"));
    refused(Refusal.Malformed.class, tree -> stage(tree, 1).put("stage", "layer_output"));
  }

  @Test
  void hugeNumbersAreRefusedAndAllocateNothing() throws Exception {
    for (String field :
        List.of(
            "layers",
            "hidden",
            "heads",
            "keyValueHeads",
            "headSize",
            "intermediate",
            "vocabulary")) {
      for (long number : new long[] {0, 1L << 30, 1L << 40, Long.MAX_VALUE}) {
        ObjectNode tree = Manifests.tree(manifest());
        ((ObjectNode) tree.at("/model/hyperparameters")).put(field, number);
        byte[] bytes = tree.toString().getBytes(StandardCharsets.UTF_8);
        long allocated =
            Allocation.bytes(() ->
                assertThatExceptionOfType(Refusal.class).isThrownBy(() -> Manifests.read(bytes)));
        assertThat(allocated).as("%s %d", field, number).isLessThan(8 << 20);
      }
    }
    refused(
        Refusal.Malformed.class,
        tree ->
            ((ArrayNode) tree.get("tokens"))
                .set(0, Manifests.JSON.getNodeFactory().numberNode(1 << 30)));
    refused(
        Refusal.Malformed.class,
        tree -> ((ObjectNode) stage(tree, 0).get("file")).put("bytes", -1));
  }

  @Test
  void everyCutIsRefused() throws IOException {
    byte[] whole = Manifests.bytes(manifest());
    for (int length = 0; length < whole.length - 1; length += 7) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatExceptionOfType(Refusal.class).isThrownBy(() -> Manifests.read(cut));
    }
  }
}
