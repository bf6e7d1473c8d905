package org.dc4j.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * The known name that a mistyped one probably meant, by optimal string alignment distance
 * (insertions, deletions, substitutions, swaps of neighbours), case ignored.
 */
public final class NearestName {
  private NearestName() {}

  /**
   * The nearest of {@code known}, if it is near enough to be worth suggesting: at most a third of
   * the longer name's letters wrong, and at least one edit is always allowed. The first one on
   * ties.
   */
  public static Optional<String> of(String name, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .filter(
            best ->
                distance(name, best) <= Math.max(1, Math.max(name.length(), best.length()) / 3));
  }

  /** "; did you mean 'x'?" or "", to be put behind an error. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known).map(best -> "; did you mean '" + best + "'?").orElse("");
  }

  static int distance(String a, String b) {
    String s = a.toLowerCase(Locale.ROOT);
    String t = b.toLowerCase(Locale.ROOT);
    int[][] d = new int[s.length() + 1][t.length() + 1];
    for (int i = 0; i <= s.length(); i++) {
      for (int j = 0; j <= t.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = s.charAt(i - 1) == t.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && s.charAt(i - 1) == t.charAt(j - 2)
                && s.charAt(i - 2) == t.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[s.length()][t.length()];
  }
}
