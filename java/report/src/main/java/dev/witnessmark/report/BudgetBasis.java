package dev.witnessmark.report;

import java.util.List;

/** Where the rounding budget comes from, as {@code --explain-budget} prints it. */
final class BudgetBasis {

  static final List<String> LINES =
      List.of(
          " The budget of a pair of values is what storing can have moved either of them:",
          "   float types     half a unit in the last place of the stored value",
          "                   (F32 24, F16 11, BF16 8, F8_E4M3 4, F8_E5M2 3 bits of significand)",
          "   integers        nothing",
          "   block types     half the step between neighbouring codes of the value's group; at the",
          "                   ends of the code range, where quantisers clip, a step and a half plus",
          "                   half a code of the group's scale over the whole range;",
          "                   32-value blocks add 2^-11 of the value for rounding their scale to f16",
          "   BASE+ADAPTER    what merging in float32 arithmetic can be off, and half an ulp of the type",
          "                   that the merged checkpoint was kept as before it was quantised",
          "   IQ1 IQ2 IQ3 TQ  no bound is known: any change counts as moved",
          " The budgets of both sides are added. It exists only where the types differ or values",
          " share scales: two files of the same plain type cannot differ by rounding.");

  private BudgetBasis() {}
}
