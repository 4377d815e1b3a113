package dev.witnessmark.report;

/**
 * A test as build servers know it.
 *
 * @param group its class, for example {@code wmark guard on cuda}
 * @param name its name there
 * @param outcome how it ended
 * @param type a short name of what happened, the same for all that is alike
 * @param message what is to be said of it
 */
record TestCase(String group, String name, Outcome outcome, String type, String message) {

  /** How a test ends. */
  enum Outcome {
    PASSED("system-out"),
    FAILED("failure"),
    /** It could not tell. */
    ERROR("error");

    private final String element;

    Outcome(String element) {
      this.element = element;
    }

    /** The element that JUnit XML has for it, or for the message. */
    String element() {
      return element;
    }
  }
}
