package dev.witnessmark.parity.check;

import dev.witnessmark.model.transformer.Stage;
import java.nio.file.Path;

/**
 * A kernel that makes a stage in place of ours.
 *
 * @param stage the stage, in every layer
 * @param kernel the kernel that is not run
 * @param file the image of the one that is run
 * @param name its name there
 */
public record StandIn(Stage stage, String kernel, Path file, String name) {}
