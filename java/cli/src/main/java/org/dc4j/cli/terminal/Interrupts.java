package org.dc4j.cli.terminal;

import sun.misc.Signal;

/**
 * Ctrl-C for commands that can stop in good order: the first one asks, the second one ends the
 * process at once. Commands that do not install it keep the JVM's own handling.
 */
public final class Interrupts {
  /** Exit code of an interrupted process. */
  public static final int EXIT_CODE = 130;

  private Interrupts() {}

  /** Sets the session's stop signal at the first interrupt; {@code then} says what happens next. */
  public static void stopInGoodOrder(Session session, String then) {
    Signal.handle(new Signal("INT"), signal -> received(session, then, Runtime.getRuntime()::halt));
  }

  static void received(Session session, String then, java.util.function.IntConsumer halt) {
    if (session.stop().request()) {
      session.err().println();
      session.err().println("interrupted: " + then + "; once more to end at once");
    } else {
      halt.accept(EXIT_CODE);
    }
  }
}
