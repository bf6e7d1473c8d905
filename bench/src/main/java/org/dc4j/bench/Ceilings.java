package org.dc4j.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this machine reaches at most, measured by the dc4j_peak that is built with the core and lies
 * in the jar: operations per second by instruction, bytes per second read and copied, of all
 * processors together; medians of many short windows.
 */
final class Ceilings {
  private static final Pattern MEDIAN = Pattern.compile("\"(\\w+)_median\": ([0-9.]+)");

  /** Beyond this change between two measurements what lies between them counts for nothing. */
  static final double STEADY = 0.1;

  private final Map<String, Double> rates;

  private Ceilings(Map<String, Double> rates) {
    this.rates = rates;
  }

  /** Takes about a second. Throws IOException where the program is not in the jar or fails. */
  static Ceilings measure() throws IOException, InterruptedException {
    Path program = Files.createTempFile("dc4j_peak", "");
    try {
      try (InputStream packed = Ceilings.class.getResourceAsStream("dc4j_peak")) {
        if (packed == null) {
          throw new IOException("dc4j_peak is not in this jar: it is built with the native core");
        }
        Files.copy(packed, program, StandardCopyOption.REPLACE_EXISTING);
      }
      if (!program.toFile().setExecutable(true)) {
        throw new IOException("cannot make " + program + " executable");
      }
      String threads = Integer.toString(Runtime.getRuntime().availableProcessors());
      Process process =
          new ProcessBuilder(program.toString(), "probe", threads)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException("dc4j_peak probe ended with " + process.exitValue());
      }
      return parse(output);
    } finally {
      Files.deleteIfExists(program);
    }
  }

  static Ceilings parse(String json) throws IOException {
    Map<String, Double> rates = new TreeMap<>();
    for (Matcher found = MEDIAN.matcher(json); found.find(); ) {
      rates.put(found.group(1), Double.valueOf(found.group(2)));
    }
    if (rates.isEmpty()) {
      throw new IOException("no rates in \"" + json.strip() + "\"");
    }
    return new Ceilings(rates);
  }

  /** The largest relative change of a rate from the other measurement to this one. */
  double changeSince(Ceilings before) {
    double largest = 0;
    for (Map.Entry<String, Double> rate : rates.entrySet()) {
      Double then = before.rates.get(rate.getKey());
      if (then != null) {
        largest = Math.max(largest, Math.abs(rate.getValue() / then - 1));
      }
    }
    return largest;
  }

  /** One line: "fp32 434, int8 1733 Gop/s; copy 28, read 54 GB/s". */
  @Override
  public String toString() {
    StringBuilder operations = new StringBuilder();
    StringBuilder bytes = new StringBuilder();
    for (Map.Entry<String, Double> rate : rates.entrySet()) {
      boolean moved = rate.getKey().equals("read") || rate.getKey().equals("copy");
      StringBuilder to = moved ? bytes : operations;
      to.append(to.length() == 0 ? "" : ", ")
          .append(String.format(Locale.ROOT, "%s %.0f", rate.getKey(), rate.getValue()));
    }
    return operations + " Gop/s; " + bytes + " GB/s";
  }
}
