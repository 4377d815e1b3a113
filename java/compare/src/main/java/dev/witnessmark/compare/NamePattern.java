package dev.witnessmark.compare;

import java.util.List;

/**
 * Glob patterns over tensor names: {@code *} stands for any characters, {@code ?} for one; all
 * others for themselves. Matching takes time proportional to name × pattern, whatever the pattern.
 */
public record NamePattern(List<String> globs) {

  public NamePattern {
    globs = List.copyOf(globs);
  }

  /** True if there is no pattern, or one matches {@code name}. */
  public boolean matches(String name) {
    return globs.isEmpty() || globs.stream().anyMatch(glob -> matches(glob, name));
  }

  private static boolean matches(String glob, String name) {
    int g = 0;
    int n = 0;
    int star = -1;
    int retry = 0;
    while (n < name.length()) {
      if (g < glob.length() && glob.charAt(g) == '*') {
        star = g++;
        retry = n;
      } else if (g < glob.length() && (glob.charAt(g) == '?' || glob.charAt(g) == name.charAt(n))) {
        g++;
        n++;
      } else if (star >= 0) {
        g = star + 1;
        n = ++retry;
      } else {
        return false;
      }
    }
    while (g < glob.length() && glob.charAt(g) == '*') {
      g++;
    }
    return g == glob.length();
  }
}
