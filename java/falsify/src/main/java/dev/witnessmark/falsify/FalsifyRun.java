package dev.witnessmark.falsify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What ran, and where.
 *
 * @param version version of Witnessmark
 * @param arguments the command line
 * @param javaRuntime version of the Java run-time
 * @param device id of the device that was asked for, for example {@code cuda:0}
 * @param product its maker's name for it
 * @param driver version of its driver, or null
 */
public record FalsifyRun(
    String version,
    List<String> arguments,
    String javaRuntime,
    String device,
    String product,
    @Nullable String driver) {

  public FalsifyRun {
    arguments = List.copyOf(arguments);
  }
}
