package dev.witnessmark.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of the build, and of what it runs on. */
final class Version implements IVersionProvider {

  /** For example {@code 0.1.0}. */
  static String number() {
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "wmark " + number(), "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")
    };
  }
}
