package dev.witnessmark.explain.candidate;

import static dev.witnessmark.explain.candidate.Need.*;

import dev.witnessmark.explain.algebra.Basis;
import dev.witnessmark.explain.algebra.DenseMatrix;
import dev.witnessmark.explain.source.CaptureTensor;
import dev.witnessmark.model.Role;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The table of candidates and ceilings, in the order of the published sweep, extensions last.
 * Weights are used raw: no norm gain, no rotary embedding, no norm of queries and keys. "Writers"
 * are the output projection of attention and the down projection of the MLP, "readers" the query,
 * key, value, up and gate projections; "broad" is wider than a candidate.
 */
public enum Candidate {
  LM_HEAD_READ(
      "lm_head_read",
      Family.UNEMBEDDING,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(UNEMBEDDING),
      "top right singular vectors of the unembedding",
      c -> c.leading(c.model().unembedding().orElseThrow())),
  LOGITS_NULL(
      "logits_null",
      Family.UNEMBEDDING,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(UNEMBEDDING),
      "bottom right singular vectors of the unembedding",
      LayerContext::leastUnembedded),
  GLOBAL_READ(
      "global_read",
      Family.READ,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(UNEMBEDDING, ALL_READERS),
      "top eigenvectors of the summed Gram matrices of all readers and the unembedding",
      c ->
          new Built(
              c.model().readTop().eigenspace(c.model().widths().candidate()),
              c.model().widths().candidate())),
  GLOBAL_WRITE(
      "global_write",
      Family.WRITE,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(ALL_WRITERS),
      "top left singular vectors of the writers of all layers side by side",
      c -> c.allWritersWithout(Basis.empty(c.model().model().width()))),
  GLOBAL_WRITE_NOT_GLOBAL_READ(
      "global_write_not_global_read",
      Family.WRITE_NOT_READ,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(ALL_WRITERS, ALL_READERS, UNEMBEDDING),
      "the same with the broad global read taken off before",
      c -> c.allWritersWithout(c.model().globalRead())),
  WRITE(
      "write",
      Family.WRITE,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(OUTPUT, DOWN),
      "top left singular vectors of the writers of the block side by side",
      LayerContext::writersOfBlock),
  ATTN_WRITE(
      "attn_write",
      Family.WRITE,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(OUTPUT),
      "top left singular vectors of the output projection of attention",
      c -> c.leading(Role.ATTENTION_OUTPUT)),
  MLP_WRITE(
      "mlp_write",
      Family.WRITE,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(DOWN),
      "top left singular vectors of the down projection of the MLP",
      c -> c.leading(Role.FFN_DOWN)),
  WRITE_NOT_LM_HEAD_READ(
      "write_not_lm_head_read",
      Family.WRITE_NOT_READ,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(OUTPUT, DOWN, UNEMBEDDING),
      "of the writers of the block, what the unembedding reads broadly taken off before",
      c -> c.writersWithout(c.model().unembeddingRead())),
  WRITE_NOT_GLOBAL_READ(
      "write_not_global_read",
      Family.WRITE_NOT_READ,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(OUTPUT, DOWN, ALL_READERS, UNEMBEDDING),
      "of the writers of the block, the broad global read taken off before",
      c -> c.writersWithout(c.model().globalRead())),
  WRITE_NOT_DOWNSTREAM_READ(
      "write_not_downstream_read",
      Family.WRITE_NOT_READ,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(OUTPUT, DOWN, LATER_READERS, UNEMBEDDING),
      "of the writers of the block, what the unembedding and all later blocks read broadly taken off before",
      c -> c.writersWithout(c.downstreamRead())),
  MLP_UP_READ(
      "mlp_up_read",
      Family.READ,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(UP),
      "top right singular vectors of the up projection",
      c -> c.leading(Role.FFN_UP)),
  MLP_GATE_READ(
      "mlp_gate_read",
      Family.READ,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(GATE),
      "top right singular vectors of the gate projection",
      c -> c.leading(Role.FFN_GATE)),
  ATTN_QKV_READ(
      "attn_qkv_read",
      Family.READ,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(QUERY, KEY, VALUE),
      "top right singular vectors of query, key and value projections stacked",
      c -> c.leading(Role.ATTENTION_Q, Role.ATTENTION_K, Role.ATTENTION_V)),
  ATTN_OV_WRITE(
      "attn_ov_write",
      Family.OUTPUT_VALUE,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(QUERY, VALUE, OUTPUT, HEADS),
      "top left singular vectors of output times value projection, every row of the values repeated in place as published",
      c -> c.outputValue(false)),
  MLP_ROUNDTRIP_WRITE(
      "mlp_roundtrip_write",
      Family.MLP,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(UP, DOWN),
      "top left singular vectors of down times up projection",
      LayerContext::roundtrip),
  QK_CIRCUIT(
      "qk_circuit",
      Family.QUERY_KEY,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(QUERY, KEY, HEADS),
      "top left singular vectors of query transposed times key projection, all heads summed, every row of the keys repeated in place as published",
      c -> c.queryKey(false)),
  INPUT_SUPER(
      "input_super",
      Family.READ,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(READERS),
      "top right singular vectors of all readers of the block stacked",
      LayerContext::readersOfBlock),
  KV_SUPER(
      "kv_super",
      Family.READ,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(KEY, VALUE),
      "top right singular vectors of key and value projections stacked",
      c -> c.leading(Role.ATTENTION_K, Role.ATTENTION_V)),
  GATE_KERNEL(
      "gate_kernel",
      Family.MLP,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(GATE, UP, DOWN, CLEAN_UP_INPUTS),
      "top left singular vectors of down projection times mean gate times up projection",
      LayerContext::gateKernel),
  ATTENTION_SINK(
      "attention_sink",
      Family.OUTPUT_VALUE,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(QUERY, VALUE, OUTPUT, HEADS, SINK_TOKEN),
      "principal components over heads of what each writes if it attends to the raw embedding of one token alone",
      LayerContext::attentionSink),
  CAUSALLY_ISOLATED(
      "causally_isolated",
      Family.WRITE_NOT_READ,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(OUTPUT, DOWN, READERS, KEY, VALUE, UNEMBEDDING),
      "of the writers of the block, input_super, kv_super and what the unembedding reads broadly taken off before",
      LayerContext::isolated),
  INPUT_SUPER_NOT_LM_READ(
      "input_super_not_lm_read",
      Family.READ,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(READERS, UNEMBEDDING),
      "input_super without what the unembedding reads broadly",
      LayerContext::readNotUnembedded),
  SUPPRESSED(
      "suppressed",
      Family.CLEAN,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(CLEAN_STATES),
      "principal components of what comes and goes in the magnitudes of plain states over the layers",
      c -> c.components(c.model().magnitudes().suppressed())),
  AMPLIFIED(
      "amplified",
      Family.CLEAN,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(CLEAN_STATES),
      "principal components of what the magnitudes of plain states gain from the first layer to the last",
      c -> c.components(c.model().magnitudes().amplified())),
  ADDED_FEATURES(
      "added_features",
      Family.CLEAN,
      Source.PLAN,
      Reach.EVERYWHERE,
      EnumSet.of(CLEAN_STATES),
      "principal components of all that is added to the magnitudes of plain states over the layers",
      c -> c.components(c.model().magnitudes().added())),
  GLOBAL_CLEAN_RESID_PCA(
      "global_clean_resid_pca",
      Family.BASELINE,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(CLEAN_STATES),
      "principal components of plain states, prompts and layers pooled",
      c -> c.components(c.pooled(CaptureTensor.CLEAN_FIT))),
  GLOBAL_PERSONA_RESID_PCA(
      "global_persona_resid_pca",
      Family.BASELINE,
      Source.V5,
      Reach.EVERYWHERE,
      EnumSet.of(PERSONA_STATES),
      "principal components of persona states, both signs, prompts and layers pooled",
      c ->
          c.components(
              DenseMatrix.stack(
                  List.of(
                      c.pooled(CaptureTensor.PERSONA_POSITIVE_FIT),
                      c.pooled(CaptureTensor.PERSONA_NEGATIVE_FIT))))),
  LAYER_CLEAN_RESID_PCA(
      "layer_clean_resid_pca",
      Family.BASELINE,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(CLEAN_STATES),
      "principal components of plain states of the layer",
      c -> c.components(c.states(CaptureTensor.CLEAN_FIT))),
  TASK_DIFF_CONTRAST(
      "TaskDiff_contrast",
      Family.PERSONA,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(PERSONA_STATES),
      "principal components of positive minus negative persona states",
      c -> c.components(c.personaContrast())),
  ATTN_MIN_TASKDIFF(
      "attn_min_taskdiff",
      Family.ATTENTION_SELECTED,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(TOKENS),
      "principal components of persona differences token by token, weighted by the smaller attention",
      c -> c.tokenContrast(TokenContrast.Weighting.MIN)),
  ATTN_MAX_TASKDIFF(
      "attn_max_taskdiff",
      Family.ATTENTION_SELECTED,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(TOKENS),
      "the same, weighted by the larger attention",
      c -> c.tokenContrast(TokenContrast.Weighting.MAX)),
  ATTN_DIFF_TASKDIFF(
      "attn_diff_taskdiff",
      Family.ATTENTION_SELECTED,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(TOKENS),
      "the same, weighted by the difference of attention",
      c -> c.tokenContrast(TokenContrast.Weighting.DIFFERENCE)),
  ATTN_MIN_X_DIFFNORM_TASKDIFF(
      "attn_min_x_diffnorm_taskdiff",
      Family.ATTENTION_SELECTED,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(TOKENS),
      "the same, weighted by the smaller attention times the length of the difference",
      c -> c.tokenContrast(TokenContrast.Weighting.MIN_TIMES_NORM)),
  UP_PROJ_INPUT_CONTRAST(
      "up_proj_input_contrast",
      Family.UP_PROJECTION,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(PERSONA_UP_INPUTS),
      "principal components of the difference of inputs of the up projection under both personas",
      c -> c.components(c.upContrast())),
  UP_PROJ_OUTPUT_WRITTEN_CONTRAST(
      "up_proj_output_written_contrast",
      Family.UP_PROJECTION,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(UP, DOWN, PERSONA_UP_INPUTS),
      "the same through up and down projection, without the gate",
      c -> c.components(c.upContrastWritten())),
  GATE_ACTIVE_WRITTEN(
      "gate_active_written",
      Family.ACTIVE_MLP,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(GATE, UP, DOWN, CLEAN_UP_INPUTS),
      "principal components of what the MLP writes for plain prompts",
      c -> c.components(c.gatedWrites())),
  CHARS_CLUSTERS(
      "chars_clusters",
      Family.CLUSTER,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(CLEAN_STATES, PERSONA_STATES),
      "principal components of the k-means centres of plain and persona states",
      LayerContext::clusters),
  CHURN(
      "churn",
      Family.CLEAN,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(CLEAN_STATES),
      "principal components of the change of plain states to the next layer",
      c -> c.components(c.churn())),
  ROTATION_CONTRAST(
      "rotation_contrast",
      Family.ROTATION,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(PERSONA_STATES),
      "planes in which one persona is turned against the other, as far as the data determine them",
      LayerContext::rotation),
  QK_X_CHARS_CLUSTERS(
      "qk_x_chars_clusters",
      Family.COMPOUND,
      Source.PLAN,
      Reach.LAYER,
      EnumSet.of(QUERY, KEY, HEADS, CLEAN_STATES, PERSONA_STATES),
      "directions halfway between the query-key circuit and chars_clusters",
      LayerContext::queryKeyAndClusters),
  WNR_UNION_TASK_DIFF(
      "WNR_union_TaskDiff",
      Family.COMPOUND,
      Source.V5,
      Reach.LAYER,
      EnumSet.of(OUTPUT, DOWN, LATER_READERS, UNEMBEDDING, PERSONA_STATES),
      "write_not_downstream_read and TaskDiff_contrast together, up to twice as wide",
      c -> c.union(Candidate.WRITE_NOT_DOWNSTREAM_READ, Candidate.TASK_DIFF_CONTRAST)),
  TASK_DIFF_LORA_CEILING(
      "TaskDiff_lora_ceiling",
      Family.CEILING,
      Source.TUNING,
      Reach.LAYER,
      EnumSet.of(FIT_LABEL),
      "principal components of what tuning does to the states of the prompts to fit on; no upper bound: centred, and of other prompts",
      c -> c.components(c.states(CaptureTensor.LABEL_FIT))),
  DW_LEFT_BASIS_CEILING(
      "dW_left_basis_ceiling",
      Family.CEILING,
      Source.TUNING,
      Reach.LAYER,
      EnumSet.of(DELTA),
      "top left singular vectors of the deltas of both writers side by side, not balanced",
      LayerContext::deltaWrites),
  ACT_ORACLE(
      "act_oracle",
      Family.CEILING,
      Source.EXTENSION,
      Reach.LAYER,
      EnumSet.of(EVALUATION_LABEL),
      "the directions that hold most of what tuning does to the states that are judged by",
      c -> c.oracle(CaptureTensor.LABEL_EVAL)),
  ACT_ORACLE_BLOCK(
      "act_oracle_block",
      Family.CEILING,
      Source.EXTENSION,
      Reach.LAYER,
      EnumSet.of(BLOCK_LABEL),
      "the same of the part that the block itself adds",
      c -> c.oracle(CaptureTensor.BLOCK_LABEL_EVAL)),
  QK_CIRCUIT_HEADWISE(
      "qk_circuit.headwise",
      Family.QUERY_KEY,
      Source.EXTENSION,
      Reach.LAYER,
      EnumSet.of(QUERY, KEY, HEADS),
      "qk_circuit with whole heads of keys repeated, as grouped-query attention means",
      c -> c.queryKey(true)),
  ATTN_OV_WRITE_HEADWISE(
      "attn_ov_write.headwise",
      Family.OUTPUT_VALUE,
      Source.EXTENSION,
      Reach.LAYER,
      EnumSet.of(QUERY, VALUE, OUTPUT, HEADS),
      "attn_ov_write with whole heads of values repeated",
      c -> c.outputValue(true)),
  TASK_DIFF_CONTRAST_UNCENTRED(
      "TaskDiff_contrast.uncentered",
      Family.PERSONA,
      Source.EXTENSION,
      Reach.LAYER,
      EnumSet.of(PERSONA_STATES),
      "TaskDiff_contrast about the origin, which keeps the mean difference",
      c -> c.uncentred(c.personaContrast())),
  TASK_DIFF_LORA_CEILING_UNCENTRED(
      "TaskDiff_lora_ceiling.uncentered",
      Family.CEILING,
      Source.EXTENSION,
      Reach.LAYER,
      EnumSet.of(FIT_LABEL),
      "TaskDiff_lora_ceiling about the origin",
      c -> c.uncentred(c.states(CaptureTensor.LABEL_FIT)));

  private enum Reach {
    /** One subspace for all layers. */
    EVERYWHERE,
    /** One for each layer. */
    LAYER
  }

  /** How a candidate is made. */
  @FunctionalInterface
  private interface Construction {
    Built of(LayerContext context) throws IOException;
  }

  private final String label;
  private final Family family;
  private final Source source;
  private final Reach reach;

  @SuppressWarnings("ImmutableEnumChecker") // Handed out as copies only.
  private final Set<Need> needs;

  private final String definition;

  @SuppressWarnings("ImmutableEnumChecker") // Lambdas that capture nothing.
  private final Construction construction;

  Candidate(
      String label,
      Family family,
      Source source,
      Reach reach,
      Set<Need> needs,
      String definition,
      Construction construction) {
    this.label = label;
    this.family = family;
    this.source = source;
    this.reach = reach;
    this.needs = needs;
    this.definition = definition;
    this.construction = construction;
  }

  /** The published name. */
  public String label() {
    return label;
  }

  public Family family() {
    return family;
  }

  public Axis axis() {
    return family.axis();
  }

  public Source source() {
    return source;
  }

  /** Whether it is made from the tuning itself, and so explains nothing. */
  public boolean isCeiling() {
    return family == Family.CEILING;
  }

  /** Whether the published sweep has it. */
  public boolean isPublished() {
    return source != Source.EXTENSION;
  }

  /** Whether it is the same subspace in all layers. */
  public boolean isEverywhere() {
    return reach == Reach.EVERYWHERE;
  }

  /** What it is made from. */
  public Set<Need> needs() {
    return EnumSet.copyOf(needs);
  }

  /** What it is, in one sentence without an end. */
  public String definition() {
    return definition;
  }

  /** Makes it; all its needs are met. */
  Built construct(LayerContext context) throws IOException {
    return construction.of(context);
  }
}
