package org.dc4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.dc4j.cli.terminal.Session;
import org.dc4j.train.Progress;
import picocli.CommandLine.Mixin;

/** A command: computes a result, which is printed here and nowhere else. */
abstract class Command implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin CommonOptions common = new CommonOptions();
  final Session session;

  Command(Session session) {
    this.session = session;
  }

  /**
   * What a command found.
   *
   * @param exitCode see {@link ExitCodes}
   * @param values the object printed with --json
   * @param text what is printed without, "" = nothing
   */
  record Result(int exitCode, Map<String, ?> values, String text) {
    static Result done(Map<String, ?> values, String text) {
      return new Result(ExitCodes.DONE, values, text);
    }
  }

  abstract Result execute() throws Exception;

  /**
   * Those of --seed, --threads and --device that would change nothing: not in the help, refused.
   */
  Set<String> unused() {
    return Set.of();
  }

  /** Said where one of {@link #unused} is given. */
  String whyUnused() {
    return "they change nothing here";
  }

  Progress progress() {
    return session.progress(common.quiet);
  }

  @Override
  public final Integer call() throws Exception {
    List<String> vain = common.ofComputation().stream().filter(unused()::contains).toList();
    if (!vain.isEmpty()) {
      throw new IllegalArgumentException(String.join(", ", vain) + ": " + whyUnused());
    }
    common.check();
    Result result = execute();
    String text = common.json ? json(result.values()) : result.text().stripTrailing();
    if (!text.isEmpty()) {
      session.out().println(text);
    }
    session.out().flush();
    return result.exitCode();
  }

  private static String json(Map<String, ?> values) throws JsonProcessingException {
    return JSON.writeValueAsString(values);
  }
}
