package org.dc4j.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Main class of benchmarks.jar: JMH between two measurements of what the machine reaches at most.
 * Arguments are JMH's.
 */
public final class BenchMain {
  /** Options of JMH that list something and run nothing. */
  private static final Set<String> LISTS = Set.of("-h", "-l", "-lp", "-lprof", "-lrf");

  private BenchMain() {}

  /** Runs JMH's main, which ends the process where an option or a benchmark fails. */
  public static void main(String[] args) throws IOException, InterruptedException {
    boolean lists = List.of(args).stream().anyMatch(LISTS::contains);
    Ceilings before = lists ? null : measure("before");
    org.openjdk.jmh.Main.main(args);
    if (before == null) {
      return;
    }
    Ceilings after = measure("after");
    if (after != null) {
      double change = after.changeSince(before);
      System.out.printf(
          Locale.ROOT,
          "machine changed by at most %.1f %%%s%n",
          100 * change,
          change > Ceilings.STEADY ? ": figures of this run are void" : "");
    }
  }

  /** Null where it cannot be had, which is printed: benchmarks do not depend on it. */
  private static Ceilings measure(String when) throws InterruptedException {
    try {
      Ceilings found = Ceilings.measure();
      System.out.println("machine " + when + ": " + found);
      return found;
    } catch (IOException e) {
      System.out.println("machine " + when + ": not measured, " + e.getMessage());
      return null;
    }
  }
}
