package org.dc4j.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.dc4j.kernels.RunningProgram;

/**
 * Heaps whose sizes follow from the work, Java's and malloc's, for the commands that train: their
 * memory can be predicted, and most of it should be libtorch's.
 *
 * <p>Left alone, HotSpot (G1) begins with 1/64 of the machine's memory and adds hundreds of
 * megabytes whenever its pauses took too much of the time, which beside other work they do: 388 MiB
 * became 988 in one step. It shrinks only if a concurrent cycle happens to follow. Settings that
 * prevent it cannot be changed in a running JVM and a jar cannot carry them; the process therefore
 * starts its JVM once more. Whoever chose a collector, sizes or {@code -Ddc4j.heap=own} keeps them.
 */
final class SteadyHeap {
  private static final String DONE = "-Ddc4j.heap=";
  private static final Set<String> COMMANDS = Set.of("train", "demo");
  // Collector, sizes; an agent (a debugger's port, a profiler) may not stand being started twice.
  private static final Pattern OWN_SETTING =
      Pattern.compile(
          "-Xmn.*|-Xms.*|-Xincgc|-XX:[+]Use\\w*GC|-XX:(Max)?(New|Initial|Min)\\w*(Size|Ratio)=.*"
              + "|-XX:MaxHeapFreeRatio=.*|-agent(lib|path):.*|-javaagent:.*|-Xrun.*|"
              + DONE
              + ".*");
  private static final String ASCII = "ANSI_X3.4-1968"; // as the C library calls it
  private static final int MANY_PROCESSORS = 8;
  // glibc gives every thread a heap of its own, up to eight a processor, which keeps what large
  // tensors leave behind: how much depends on which thread came when, so nobody can predict it. And
  // it hands large blocks back to the system, to touch them anew in the next step: where page
  // faults are dear, a third of the processor time of a run. Here one heap keeps what it has.
  private static final Map<String, String> MALLOC =
      Map.of(
          "MALLOC_ARENA_MAX",
          "1",
          "GLIBC_TUNABLES",
          "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=4294967296");

  private SteadyHeap() {}

  /** Starts this process's JVM once more if that is wanted and possible; else returns. */
  static void require(String[] args) {
    if (args.length == 0 || !COMMANDS.contains(args[0]) || !ownsTheProcess()) {
      return;
    }
    int processors = Runtime.getRuntime().availableProcessors();
    if (Runtime.getRuntime().maxMemory() < 2 * beginningBytes(processors)) {
      return; // a heap this small has no room to vary
    }
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (OWN_SETTING.matcher(option).matches()) {
        return;
      }
    }
    try {
      String names = System.getProperty("sun.jnu.encoding", "");
      RunningProgram.restart(options(processors), environment(names));
    } catch (IOException | LinkageError e) {
      // The run then goes on with the heap it has; a library that is missing will be told of there.
    }
  }

  /**
   * A young generation of fixed size, where all but a few of a run's objects live and die, and an
   * old one that is what survives and a third. Decoded images on their way to the network survive
   * one collection: they scale with the processors, and half of the young generation is theirs.
   */
  static List<String> options(int processors) {
    List<String> options = new ArrayList<>();
    options.add(DONE + "steady");
    if (processors < MANY_PROCESSORS) {
      options.add("-XX:+UseSerialGC");
    } else {
      options.add("-XX:+UseParallelGC");
      options.add("-XX:-UseAdaptiveSizePolicy");
    }
    options.add("-Xmn" + youngBytes(processors));
    options.add("-XX:SurvivorRatio=2");
    options.add("-Xms" + beginningBytes(processors));
    options.add("-XX:MinHeapFreeRatio=25");
    options.add("-XX:MaxHeapFreeRatio=40");
    return options;
  }

  /**
   * Variables for the JVM to come.
   *
   * @param names how this JVM writes file names
   */
  static Map<String, String> environment(String names) {
    Map<String, String> environment = new HashMap<>(MALLOC);
    if (names.equals(ASCII)) {
      // No locale, or C: the JVM then cannot name a file with other letters. One that was chosen
      // by LC_ALL stays.
      environment.put("LC_ALL", "C.UTF-8");
    }
    return environment;
  }

  private static long youngBytes(int processors) {
    return Math.max(2L, processors) << 25;
  }

  private static long beginningBytes(int processors) {
    return youngBytes(processors) * 3 / 2;
  }

  /** Whether {@link Dc4j#main} is what the process was started for, not a call within another. */
  private static boolean ownsTheProcess() {
    String bottom =
        StackWalker.getInstance()
            .walk(frames -> frames.reduce((above, below) -> below))
            .map(StackWalker.StackFrame::getClassName)
            .orElse("");
    return bottom.equals(Dc4j.class.getName()) && Thread.currentThread().getName().equals("main");
  }
}
