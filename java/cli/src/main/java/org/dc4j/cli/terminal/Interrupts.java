package org.dc4j.cli.terminal;

import java.util.List;
import java.util.function.IntConsumer;
import org.dc4j.kernels.RunningProgram;
import sun.misc.Signal;

/**
 * Ctrl-C, and SIGTERM as service managers and kill send it. A command that can stop in good order
 * is asked to at the first one and ended at the second; any other ends at once. None leaves it to
 * the JVM, whose exit runs the destructors of libraries that other threads are still inside.
 */
public final class Interrupts {
  /** Exit code of an interrupted process. */
  public static final int EXIT_CODE = 130;

  private static final List<String> SIGNALS = List.of("INT", "TERM");

  private Interrupts() {}

  /** Ends the process at the first interrupt. */
  public static void endAtOnce() {
    SIGNALS.forEach(name -> Signal.handle(new Signal(name), signal -> end(EXIT_CODE)));
  }

  /** Sets the session's stop signal at the first interrupt; {@code then} says what happens next. */
  public static void stopInGoodOrder(Session session, String then) {
    SIGNALS.forEach(
        name ->
            Signal.handle(new Signal(name), signal -> received(session, then, Interrupts::end)));
  }

  static void received(Session session, String then, IntConsumer end) {
    if (session.stop().request()) {
      session.err().println();
      session.err().println("interrupted: " + then + "; once more to end at once");
    } else {
      end.accept(EXIT_CODE);
    }
  }

  private static void end(int status) {
    try {
      RunningProgram.end(status);
    } catch (LinkageError e) {
      Runtime.getRuntime().halt(status); // then no native library is there to be torn down
    }
  }
}
