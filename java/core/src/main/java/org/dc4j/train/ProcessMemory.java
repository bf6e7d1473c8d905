package org.dc4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's resident memory as Linux counts it. */
public final class ProcessMemory {
  private ProcessMemory() {}

  /** Largest resident size so far in bytes, -1 where /proc does not tell. */
  public static long peakBytes() {
    return read("VmHWM:");
  }

  private static long read(String field) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return -1;
  }
}
