package dev.witnessmark.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.witnessmark.format.Refusal;
import dev.witnessmark.kernels.host.HostDevice;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.model.transformer.Stage;
import dev.witnessmark.model.transformer.StageKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardPassTest {

  private static final StageKey LOGITS = StageKey.of(Stage.LM_HEAD, StageKey.NO_LAYER);

  /** Of every stage of every layer the values of the last call, and the logits. */
  private static Map<StageKey, double[]> run(HostDevice device, PassOptions options)
      throws IOException {
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass = ForwardPass.open(demo.model(), device, options)) {
      Captured<MemorySegment> captured = new Captured<>();
      pass.run(Golden.sum().tokens(), captured);
      return captured.stages();
    }
  }

  private static void assertSame(Map<StageKey, double[]> a, Map<StageKey, double[]> b) {
    assertThat(a.keySet()).isEqualTo(b.keySet());
    a.forEach((key, values) -> assertThat(values).as(key.name()).isEqualTo(b.get(key)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "q8"})
  void vectorCodeHasTheOraclesBits(String path) throws IOException {
    PassOptions options = DemoModel.options(path, 64);
    Map<StageKey, double[]> oracle = run(HostDevice.scalar(), options);
    assertThat(oracle).hasSize(17 * 6 + 3);
    assertSame(run(HostDevice.best(), options), oracle);
  }

  @Test
  void theSizeOfABatchChangesNothing() throws IOException {
    Map<StageKey, double[]> atOnce = run(HostDevice.best(), DemoModel.options("q8", 64));
    Map<StageKey, double[]> inFours = run(HostDevice.best(), DemoModel.options("q8", 4));
    Map<StageKey, double[]> oneByOne = run(HostDevice.best(), DemoModel.options("q8", 1));
    assertThat(inFours.get(LOGITS)).isEqualTo(atOnce.get(LOGITS));
    assertThat(oneByOne.get(LOGITS)).isEqualTo(atOnce.get(LOGITS));
    StageKey attention = StageKey.of(Stage.ATTENTION, 3);
    double[] all = Objects.requireNonNull(atOnce.get(attention));
    double[] last = Objects.requireNonNull(oneByOne.get(attention));
    assertThat(last).isEqualTo(Arrays.copyOfRange(all, all.length - last.length, all.length));
  }

  @Test
  void lookingChangesNothing() throws IOException {
    Map<StageKey, double[]> looked = run(HostDevice.best(), DemoModel.options("q8", 64));
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass =
            ForwardPass.open(demo.model(), HostDevice.best(), DemoModel.options("q8", 64))) {
      pass.run(Golden.sum().tokens(), StageSink.none());
      assertThat(pass.logits().reals()).isEqualTo(looked.get(LOGITS));
    }
  }

  @Test
  void weightsThatTakeTurnsGiveTheSame() throws IOException {
    PassOptions none = new PassOptions(PathPlan.parse("q8"), 4, 64, Element.FLOAT32, 500_000);
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass = ForwardPass.open(demo.model(), HostDevice.best(), none)) {
      assertThat(pass.residentLayers()).isEqualTo(0);
      pass.run(Golden.sum().tokens(), StageSink.none());
      assertThat(pass.logits().reals())
          .isEqualTo(run(HostDevice.best(), DemoModel.options("q8", 64)).get(LOGITS));
    }
  }

  /** The README of the captures has the text. */
  @ParameterizedTest
  @ValueSource(strings = {"f32", "q8"})
  void continuesAsTheReferenceDoes(String path) throws IOException {
    Golden golden = Golden.sum();
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass =
            ForwardPass.open(demo.model(), HostDevice.best(), DemoModel.options(path, 64))) {
      pass.run(golden.tokens(), StageSink.none());
      int[] chosen = new int[golden.greedy().length];
      for (int i = 0; i < chosen.length; i++) {
        double[] logits = pass.logits().reals();
        double largest = Arrays.stream(logits).max().orElseThrow();
        while (logits[chosen[i]] != largest) {
          chosen[i]++;
        }
        pass.run(new int[] {chosen[i]}, StageSink.none());
      }
      assertThat(chosen).isEqualTo(golden.greedy());
    }
  }

  @Test
  void rewindingForgets() throws IOException {
    int[] tokens = Golden.sum().tokens();
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass =
            ForwardPass.open(demo.model(), HostDevice.best(), DemoModel.options("f32", 64))) {
      pass.run(tokens, StageSink.none());
      double[] first = pass.logits().reals();
      pass.run(new int[] {7, 8, 9}, StageSink.none());
      assertThat(pass.logits().reals()).isNotEqualTo(first);
      pass.rewind(tokens.length - 1);
      pass.run(new int[] {tokens[tokens.length - 1]}, StageSink.none());
      assertThat(pass.logits().reals()).isEqualTo(first);
    }
  }

  @Test
  void aGraftReachesTheLogits() throws IOException {
    Map<StageKey, double[]> right = run(HostDevice.best(), DemoModel.options("f32", 64));
    StageKey place = StageKey.of(Stage.FFN_OUT, 2);
    double[] rows = Objects.requireNonNull(right.get(place));
    float[] floats = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      floats[i] = (float) rows[i];
    }
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass =
            ForwardPass.open(demo.model(), HostDevice.best(), DemoModel.options("f32", 64))) {
      // A fault at the place, and the right rows put over it.
      pass.runWith((key, operation, operands) -> {
        HostDevice.best().run(operation, operands);
        if (key.equals(place)) {
          operands.getLast().fill((byte) 0);
        }
      });
      pass.run(Golden.sum().tokens(), StageSink.none());
      assertThat(pass.logits().reals()).isNotEqualTo(right.get(LOGITS));
      pass.rewind(0);
      pass.graft((key, call) ->
          key.equals(place) ? Optional.of(MemorySegment.ofArray(floats)) : Optional.empty());
      pass.run(Golden.sum().tokens(), StageSink.none());
      assertThat(pass.logits().reals()).isEqualTo(right.get(LOGITS));
    }
  }

  @Test
  void aStageByItselfIsTheStageOfThePass() throws IOException {
    Map<StageKey, double[]> stages = run(HostDevice.best(), DemoModel.options("q8", 64));
    int[] tokens = Golden.sum().tokens();
    try (DemoModel demo = DemoModel.open();
        IsolatedStages<MemorySegment> isolated =
            IsolatedStages.open(
                demo.model(), HostDevice.best(), PathPlan.parse("q8"), tokens, Element.FLOAT32)) {
      assertThat(isolated.stages()).isEqualTo(stages.keySet());
      for (StageKey key : isolated.stages()) {
        Map<StageKey, MemorySegment> inputs = new HashMap<>();
        for (StageKey input : isolated.inputs(key)) {
          double[] values = Objects.requireNonNull(stages.get(input), input::name);
          float[] floats = new float[values.length];
          for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
          }
          inputs.put(input, MemorySegment.ofArray(floats));
        }
        assertThat(isolated.make(key, inputs).reals()).as(key.name()).isEqualTo(stages.get(key));
      }
    }
  }

  @Test
  void rowsWithACrushedBlockTakeFloatActivations() throws IOException {
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass =
            ForwardPass.open(
                demo.model(), HostDevice.best(), DemoModel.options("q8,crushed=f32", 64))) {
      pass.run(Golden.sum().tokens(), StageSink.none());
      long products = 6 * 7 * 10 + 1;
      assertThat(pass.quantisedRows()).isEqualTo(products);
      assertThat(pass.crushedRows()).isBetween(1L, products / 4);
    }
  }

  @Test
  void aTokenThatIsNoneAndAFullCacheAreRefused() throws IOException {
    try (DemoModel demo = DemoModel.open();
        ForwardPass<MemorySegment> pass =
            ForwardPass.open(demo.model(), HostDevice.best(), DemoModel.options("f32", 64))) {
      assertThatThrownBy(() -> pass.run(new int[] {1024}, StageSink.none()))
          .isInstanceOfSatisfying(
              Refusal.Inconsistent.class,
              refusal -> {
                assertThat(refusal.found()).isEqualTo(1024);
                assertThat(refusal.expected()).isEqualTo(1024);
              });
      assertThatThrownBy(() -> pass.run(new int[65], StageSink.none()))
          .isInstanceOfSatisfying(
              Refusal.LimitExceeded.class, refusal -> assertThat(refusal.allowed()).isEqualTo(64));
      assertThat(pass.positions()).isEqualTo(0);
    }
  }
}
