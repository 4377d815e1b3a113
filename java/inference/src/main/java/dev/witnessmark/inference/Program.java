package dev.witnessmark.inference;

import dev.witnessmark.inference.Value.Activation;
import dev.witnessmark.inference.Value.Cached;
import dev.witnessmark.inference.Value.Decoded;
import dev.witnessmark.inference.Value.LastRow;
import dev.witnessmark.inference.Value.Part;
import dev.witnessmark.inference.Value.Scratch;
import dev.witnessmark.inference.Value.Stored;
import dev.witnessmark.kernels.operation.Add;
import dev.witnessmark.kernels.operation.AddBias;
import dev.witnessmark.kernels.operation.Attention;
import dev.witnessmark.kernels.operation.AttentionScores;
import dev.witnessmark.kernels.operation.CausalSoftmax;
import dev.witnessmark.kernels.operation.CrushedBlocks;
import dev.witnessmark.kernels.operation.Element;
import dev.witnessmark.kernels.operation.GatedSilu;
import dev.witnessmark.kernels.operation.Gather;
import dev.witnessmark.kernels.operation.MatVecF32;
import dev.witnessmark.kernels.operation.MatVecQ8;
import dev.witnessmark.kernels.operation.QuantiseActivations;
import dev.witnessmark.kernels.operation.RmsNorm;
import dev.witnessmark.kernels.operation.Rotary;
import dev.witnessmark.kernels.operation.Silu;
import dev.witnessmark.kernels.operation.Softmax;
import dev.witnessmark.kernels.operation.ToFloat16;
import dev.witnessmark.kernels.operation.TopK;
import dev.witnessmark.model.transformer.Hyperparameters;
import dev.witnessmark.model.transformer.SparseLayers;
import dev.witnessmark.model.transformer.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The forward pass as data: the steps that make each stage, in order. It depends on the model, the
 * path and the size of the call, never on the device. What runs, what is captured, what a stage is
 * made of and which kernel a user's own one stands in for are all read off these lists.
 */
public final class Program {

  private final Model model;
  private final Hyperparameters sizes;
  private final PathPlan paths;

  /** The pass of {@code model} with products as {@code paths} says. */
  public Program(Model model, PathPlan paths) {
    this.model = model;
    this.sizes = model.hyperparameters();
    this.paths = paths;
  }

  /** The stages of layer {@code layer}; of layer 0 with the embedding. */
  public List<StageSteps> layer(int layer, Call call) {
    LayerWeights weights = model.weights().layers().get(layer);
    List<StageSteps> stages = new ArrayList<>();
    if (layer == 0) {
      stages.add(embedding(call));
    }
    Activation input = Activation.of(layer == 0 ? Stage.EMBEDDING : Stage.POST_FFN_RESIDUAL);
    stages.add(norm(Stage.ATTN_NORM, input, weights.attentionNorm(), call));
    attention(weights, input, call, stages);
    Activation middle = Activation.of(Stage.POST_ATTN_RESIDUAL);
    stages.add(norm(Stage.FFN_NORM, middle, weights.ffnNorm(), call));
    Stage last =
        switch (weights.mlp()) {
          case LayerWeights.Dense dense -> dense(dense, call, stages);
          case LayerWeights.Mixture mixture -> mixture(mixture, call, stages);
        };
    stages.add(sum(Stage.POST_FFN_RESIDUAL, middle, Activation.of(last), call));
    return stages;
  }

  /** The stages after the last layer. */
  public List<StageSteps> end(Call call) {
    Projection head = model.weights().head();
    List<Step> steps = new ArrayList<>();
    product(
        head,
        new LastRow(Stage.FINAL_NORM, call.positions()),
        "final_norm",
        Activation.of(Stage.LM_HEAD),
        1,
        steps);
    return List.of(
        norm(
            Stage.FINAL_NORM,
            Activation.of(Stage.POST_FFN_RESIDUAL),
            model.weights().outputNorm(),
            call),
        new StageSteps(Stage.LM_HEAD, false, steps));
  }

  private StageSteps embedding(Call call) {
    Matrix table = model.weights().embedding();
    return made(
        Stage.EMBEDDING,
        new Step.Run(
            new Gather(table.type(), table.rows(), table.columns(), call.positions()),
            new Stored(table),
            new Value.Tokens(),
            Activation.of(Stage.EMBEDDING)));
  }

  private StageSteps norm(Stage stage, Activation input, Matrix weights, Call call) {
    return made(
        stage,
        new Step.Run(
            new RmsNorm(call.positions(), weights.columns(), epsilon()),
            input,
            new Decoded(weights),
            Activation.of(stage)));
  }

  private float epsilon() {
    return (float) sizes.epsilon();
  }

  private StageSteps sum(Stage stage, Activation a, Activation b, Call call) {
    return made(
        stage,
        new Step.Run(
            new Add((long) call.positions() * sizes.hidden()), a, b, Activation.of(stage)));
  }

  private static StageSteps made(Stage stage, Step... steps) {
    return new StageSteps(stage, false, List.of(steps));
  }

  private void attention(
      LayerWeights weights, Activation input, Call call, List<StageSteps> stages) {
    Activation normed = Activation.of(Stage.ATTN_NORM);
    Map<Part, Projection> projections =
        Map.of(Part.QUERY, weights.query(), Part.KEY, weights.key(), Part.VALUE, weights.value());
    List<Step> products = new ArrayList<>();
    List<Step> biases = new ArrayList<>();
    for (Part part : List.of(Part.QUERY, Part.KEY, Part.VALUE)) {
      Projection projection = Objects.requireNonNull(projections.get(part));
      Activation product = new Activation(Stage.QKV_MATMUL, part);
      Activation biased = new Activation(Stage.QKV_BIAS, part);
      Projection bare = new Projection(projection.matrix(), Optional.empty());
      product(bare, normed, Stage.ATTN_NORM.id(), product, call.positions(), products);
      biases.add(
          projection
              .bias()
              .<Step>map(bias -> addBias(bias, product, biased, call.positions()))
              .orElse(new Step.Copy(product, biased)));
    }
    stages.add(new StageSteps(Stage.QKV_MATMUL, false, products));
    if (sizes.qkvBias()) {
      stages.add(new StageSteps(Stage.QKV_BIAS, false, biases));
    }
    Stage projected = sizes.qkvBias() ? Stage.QKV_BIAS : Stage.QKV_MATMUL;
    stages.add(rotary(Stage.Q_POST_ROPE, projected, Part.QUERY, weights.queryNorm(), call));
    stages.add(rotary(Stage.K_POST_ROPE, projected, Part.KEY, weights.keyNorm(), call));
    cached(projected, call, stages);
    List<Step> output = new ArrayList<>();
    product(
        weights.output(),
        Activation.of(Stage.ATTENTION),
        Stage.ATTENTION.id(),
        Activation.of(Stage.ATTN_OUT),
        call.positions(),
        output);
    stages.add(new StageSteps(Stage.ATTN_OUT, false, output));
    stages.add(sum(Stage.POST_ATTN_RESIDUAL, input, Activation.of(Stage.ATTN_OUT), call));
  }

  private StageSteps rotary(
      Stage stage, Stage projected, Part part, Optional<Matrix> headNorm, Call call) {
    int heads = part == Part.QUERY ? sizes.heads() : sizes.keyValueHeads();
    Value turned = new Activation(projected, part);
    List<Step> steps = new ArrayList<>();
    if (headNorm.isPresent()) {
      RmsNorm norm = new RmsNorm(call.positions() * heads, sizes.headSize(), epsilon());
      Value normed = new Scratch(stage.id() + ".normed", floats(norm.rows(), norm.columns()));
      steps.add(new Step.Run(norm, turned, new Decoded(headNorm.get()), normed));
      turned = normed;
    }
    Rotary.Layout layout =
        sizes.rotary().interleaved() ? Rotary.Layout.INTERLEAVED : Rotary.Layout.NEOX;
    steps.add(
        new Step.Run(
            new Rotary(layout, call.positions(), heads, sizes.headSize(), sizes.rotary().rotated()),
            turned,
            new Value.Angles(),
            Activation.of(stage)));
    return new StageSteps(stage, false, steps);
  }

  private static long floats(long rows, long columns) {
    return rows * columns * Float.BYTES;
  }

  /** What reads the KV cache, after the new rows are in it. */
  private void cached(Stage projected, Call call, List<StageSteps> stages) {
    int all = call.visible();
    Activation queries = Activation.of(Stage.Q_POST_ROPE);
    Activation scores = Activation.of(Stage.ATTN_SCORES);
    Step keys =
        keep(
            Activation.of(Stage.K_POST_ROPE),
            new Cached(Cached.Kind.KEYS, call.cached(), call.positions()),
            call);
    Step values =
        keep(
            new Activation(projected, Part.VALUE),
            new Cached(Cached.Kind.VALUES, call.cached(), call.positions()),
            call);
    Cached allKeys = new Cached(Cached.Kind.KEYS, 0, all);
    stages.add(
        new StageSteps(
            Stage.ATTN_SCORES,
            true,
            List.of(
                keys,
                new Step.Run(
                    new AttentionScores(
                        call.positions(),
                        sizes.heads(),
                        sizes.keyValueHeads(),
                        sizes.headSize(),
                        all,
                        call.cache()),
                    queries,
                    allKeys,
                    scores))));
    stages.add(
        new StageSteps(
            Stage.ATTN_SOFTMAX,
            true,
            List.of(
                new Step.Run(
                    new CausalSoftmax(sizes.heads(), call.positions(), all),
                    scores,
                    Activation.of(Stage.ATTN_SOFTMAX)))));
    stages.add(
        made(
            Stage.ATTENTION,
            keys,
            values,
            new Step.Run(
                new Attention(
                    call.positions(),
                    sizes.heads(),
                    sizes.keyValueHeads(),
                    sizes.headSize(),
                    all,
                    call.cache()),
                queries,
                allKeys,
                new Cached(Cached.Kind.VALUES, 0, all),
                Activation.of(Stage.ATTENTION))));
  }

  private Step keep(Activation rows, Cached where, Call call) {
    return call.cache() == Element.FLOAT16
        ? new Step.Run(new ToFloat16((long) call.positions() * sizes.keyElements()), rows, where)
        : new Step.Copy(rows, where);
  }

  private Stage dense(LayerWeights.Dense mlp, Call call, List<StageSteps> stages) {
    int n = call.positions();
    Activation normed = Activation.of(Stage.FFN_NORM);
    Activation gate = Activation.of(Stage.FFN_GATE);
    Activation gated = Activation.of(Stage.FFN_SWIGL);
    long elements = (long) n * sizes.intermediate();
    stages.add(product(Stage.FFN_GATE, mlp.gate(), normed, n));
    stages.add(product(Stage.FFN_UP, mlp.up(), normed, n));
    stages.add(
        new StageSteps(
            Stage.FFN_SILU,
            true,
            List.of(new Step.Run(new Silu(elements), gate, Activation.of(Stage.FFN_SILU)))));
    stages.add(
        made(
            Stage.FFN_SWIGL,
            new Step.Run(new GatedSilu(elements), gate, Activation.of(Stage.FFN_UP), gated)));
    stages.add(product(Stage.FFN_OUT, mlp.down(), gated, n));
    return Stage.FFN_OUT;
  }

  private StageSteps product(Stage stage, Projection projection, Activation input, int batch) {
    List<Step> steps = new ArrayList<>();
    product(projection, input, input.stage().id(), Activation.of(stage), batch, steps);
    return new StageSteps(stage, false, steps);
  }

  private Stage mixture(LayerWeights.Mixture mixture, Call call, List<StageSteps> stages) {
    SparseLayers sparse = sizes.sparse().orElseThrow();
    int n = call.positions();
    Activation normed = Activation.of(Stage.FFN_NORM);
    Activation logits = Activation.of(Stage.MOE_ROUTER_LOGITS);
    Activation weights = Activation.of(Stage.MOE_ROUTER);
    Activation indices = Activation.of(Stage.MOE_ROUTER_INDICES);
    stages.add(product(Stage.MOE_ROUTER_LOGITS, mixture.router(), normed, n));
    TopK largest = new TopK(n, sparse.experts(), sparse.used());
    List<Step> choice;
    if (sparse.normalised()) {
      // The softmax of the chosen logits is that of all, made to add up to 1 again.
      Scratch chosen = new Scratch("router.chosen", floats(n, sparse.used()));
      choice =
          List.of(
              new Step.Run(largest, logits, chosen, indices),
              new Step.Run(new Softmax(n, sparse.used()), chosen, weights));
    } else {
      Scratch all = new Scratch("router.all", floats(n, sparse.experts()));
      choice =
          List.of(
              new Step.Run(new Softmax(n, sparse.experts()), logits, all),
              new Step.Run(largest, all, weights, indices));
    }
    stages.add(new StageSteps(Stage.MOE_ROUTER, false, choice));
    stages.add(new StageSteps(Stage.MOE_ROUTER_INDICES, false, choice));
    stages.add(
        made(
            Stage.MOE_FFN_OUT,
            new Step.Experts(mixture, normed, weights, indices, Activation.of(Stage.MOE_FFN_OUT))));
    return Stage.MOE_FFN_OUT;
  }

  /**
   * The MLP of one expert on some rows.
   *
   * @param input {@code [rows, hidden]}
   * @param result {@code [rows, hidden]}
   */
  List<Step> expert(LayerWeights.Dense expert, Value input, Value result, int rows) {
    long elements = (long) rows * expert.gate().matrix().rows();
    Scratch gate = new Scratch("expert.gate", elements * Float.BYTES);
    Scratch up = new Scratch("expert.up", elements * Float.BYTES);
    Scratch gated = new Scratch("expert.gated", elements * Float.BYTES);
    List<Step> steps = new ArrayList<>();
    product(expert.gate(), input, "expert.input", gate, rows, steps);
    product(expert.up(), input, "expert.input", up, rows, steps);
    steps.add(new Step.Run(new GatedSilu(elements), gate, up, gated));
    product(expert.down(), gated, "expert.gated", result, rows, steps);
    return steps;
  }

  /**
   * A product, on the path of its matrix, and its bias.
   *
   * @param source what {@code input} is, to name its quantised form
   */
  private void product(
      Projection projection,
      Value input,
      String source,
      Value result,
      int batch,
      List<Step> steps) {
    Matrix matrix = projection.matrix();
    Value bare =
        projection.bias().isPresent() ? new Scratch("bare", floats(batch, matrix.rows())) : result;
    switch (paths.of(matrix)) {
      case F32 ->
          steps.add(
              new Step.Run(
                  new MatVecF32(matrix.type(), matrix.rows(), matrix.columns(), batch),
                  new Stored(matrix),
                  input,
                  bare));
      case Q8 -> {
        MatVecQ8 operation = new MatVecQ8(matrix.type(), matrix.rows(), matrix.columns(), batch);
        QuantiseActivations quantise =
            new QuantiseActivations(operation.activationType(), batch, matrix.columns());
        Scratch blocks =
            new Scratch(
                source + "." + operation.activationType().name().toLowerCase(Locale.ROOT),
                quantise.operands().getLast().bytes());
        steps.add(new Step.Run(quantise, input, blocks));
        steps.add(new Step.Run(operation, new Stored(matrix), blocks, bare));
        if (paths.repairsCrushed()) {
          int block = operation.activationType().blockElements();
          steps.add(
              new Step.Repair(
                  new CrushedBlocks(batch, matrix.columns(), block),
                  new MatVecF32(matrix.type(), matrix.rows(), matrix.columns(), 1),
                  matrix,
                  input,
                  bare));
        }
      }
    }
    projection.bias().ifPresent(bias -> steps.add(addBias(bias, bare, result, batch)));
  }

  private static Step addBias(Matrix bias, Value product, Value result, int batch) {
    return new Step.Run(new AddBias(batch, bias.columns()), product, new Decoded(bias), result);
  }
}
