package org.dc4j.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.dc4j.kernels.DeviceContext;
import picocli.CommandLine.Option;

/** Options of every command. What is not given is null, so that a plan's own value stands. */
final class CommonOptions {
  /** All options that {@link #ofComputation} tells of. */
  static final Set<String> OF_COMPUTATION = Set.of("--seed", "--threads", "--device");

  private static final int MOST_THREADS = 1024; // as in a plan

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "root of all randomness (default: 0, or the plan's)")
  Long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "compute threads, 0 = all cores (default: 0, or the plan's)")
  Integer threads;

  @Option(
      names = "--device",
      paramLabel = "D",
      description = "auto, cpu or cuda[:i]; a named device never falls back (default: auto)")
  String device;

  @Option(names = "--json", description = "print the result as one JSON object")
  boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "log what is chosen and done, and errors with their stack; -vv logs more")
  boolean[] verbose = {};

  @Option(
      names = {"-q", "--quiet"},
      description = "no progress, only errors")
  boolean quiet;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  /** Refuses values that no command could mean. */
  void check() {
    if (threads != null && (threads < 0 || threads > MOST_THREADS)) {
      throw new IllegalArgumentException(
          "--threads is %d; accepted: 0..%d".formatted(threads, MOST_THREADS));
    }
  }

  /** Those of --seed, --threads and --device that are on the command line. */
  List<String> ofComputation() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("--seed", seed);
    values.put("--threads", threads);
    values.put("--device", device);
    values.values().removeIf(Objects::isNull);
    return List.copyOf(values.keySet());
  }

  long seedOr(long fallback) {
    return seed == null ? fallback : seed;
  }

  /** The device and threads asked for; the caller closes it. */
  DeviceContext openDevice() {
    return DeviceContext.open(deviceName(), threads == null ? 0 : threads);
  }

  String deviceName() {
    return device == null ? "auto" : device;
  }

  boolean isVerbose() {
    return verbose.length > 0;
  }

  /** Sets the level of the log on standard error; works until the first logger is made. */
  void configureLogging() {
    String level = quiet ? "error" : verbose.length == 0 ? "warn" : "info";
    System.setProperty(
        "org.slf4j.simpleLogger.defaultLogLevel", verbose.length > 1 ? "debug" : level);
    System.setProperty("org.slf4j.simpleLogger.showThreadName", "false");
    System.setProperty("org.slf4j.simpleLogger.showShortLogName", "true");
  }
}
