package org.dc4j.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.dc4j.train.Progress;
import org.dc4j.train.StopSignal;
import org.dc4j.train.TrainingListener;

/**
 * What a command talks to: results go to out, everything else to err.
 *
 * @param out standard output, UTF-8
 * @param err standard error
 * @param terminal how progress is shown on err
 * @param stop set by the first interrupt of a command that can stop in good order
 */
public record Session(PrintWriter out, PrintWriter err, Terminal terminal, StopSignal stop) {
  /** The session of this process. */
  public static Session ofProcess() {
    return new Session(
        // Not System.out: that swallows errors, and a full disk would look like success.
        writer(new FileOutputStream(FileDescriptor.out)),
        writer(System.err),
        Terminal.detect(System.getenv()),
        new StopSignal());
  }

  /** Progress on err, or none. */
  public Progress progress(boolean quiet) {
    return quiet ? Progress.NONE : new ProgressBar(err, terminal, System::nanoTime);
  }

  /** What a training run tells, on err, or nothing. */
  public TrainingListener listener(boolean quiet) {
    return quiet
        ? TrainingListener.NONE
        : new TrainingMessages(new ProgressBar(err, terminal, System::nanoTime));
  }

  private static PrintWriter writer(OutputStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }
}
