package dev.witnessmark.cli;

import dev.witnessmark.causal.diff.CausalResult;
import dev.witnessmark.causal.palette.LayeredPalette;
import dev.witnessmark.causal.palette.Pal8;
import dev.witnessmark.causal.palette.PaletteStyle;
import dev.witnessmark.causal.palette.PredicatePlanes;
import dev.witnessmark.causal.quality.QualityMap;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options on the palette file. */
final class PaletteOptions {

  /** Which diffs make a palette. */
  enum Form {
    /** Base and two tuned models, these with each other, and a small pair. */
    FOUR,
    /** The last tuned model of a large base, and a small pair. */
    TWO,
    /** As four, without blocks whose heads are not good. */
    QUALITY
  }

  @Option(
      names = "--palette",
      paramLabel = "FILE",
      description =
          "Also write a PAL8 palette: which blocks changed what, in 8 layers of 64 words.")
  @Nullable Path file;

  @Option(
      names = "--palette-form",
      paramLabel = "FORM",
      defaultValue = "FOUR",
      description = {
        "four: BASE, two TUNED, --between and a --pair (default); two: BASE, TUNED and a --pair;",
        "quality: as four, without blocks whose heads are not good."
      })
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  Form form;

  @Option(
      names = "--palette-style",
      paramLabel = "STYLE",
      defaultValue = "ANALYTICAL",
      description = "The style byte: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  PaletteStyle style;

  @Option(
      names = "--palette-share",
      paramLabel = "SHARE",
      description = "Count heads of which more than this share shifted; default: any row.")
  @Nullable Double share;

  /** The palette of the first two diffs of a base, of the tuned models, and of a small pair. */
  Pal8 of(List<CausalResult> diffs, @Nullable QualityMap quality) {
    PredicatePlanes small = planes(diffs.getLast());
    LayeredPalette palette =
        switch (form) {
          case TWO -> LayeredPalette.of(planes(diffs.get(diffs.size() - 2)), small);
          case FOUR ->
              LayeredPalette.of(
                  planes(diffs.get(0)), planes(diffs.get(1)), planes(diffs.get(2)), small);
          case QUALITY ->
              LayeredPalette.of(
                  planes(diffs.get(0)),
                  planes(diffs.get(1)),
                  planes(diffs.get(2)),
                  small,
                  Objects.requireNonNull(quality));
        };
    return Pal8.of(style, palette);
  }

  private PredicatePlanes planes(CausalResult diff) {
    return share == null
        ? PredicatePlanes.ofShifted(diff.heads())
        : PredicatePlanes.above(diff.heads(), share);
  }
}
