package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.dc4j.cli.terminal.Session;
import org.dc4j.cli.terminal.Terminal;
import org.dc4j.train.StopSignal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandLineTest {
  /** What a run of the command line left behind. */
  record Outcome(int exitCode, String out, String err) {}

  static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Dc4j.run(session(out, err), args);
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  private static Session session(StringWriter out, StringWriter err) {
    return new Session(
        new PrintWriter(out), new PrintWriter(err), Terminal.silent(), new StopSignal());
  }

  static List<String> commands() {
    List<String> paths = new ArrayList<>();
    collect(Dc4j.commandLine(session(new StringWriter(), new StringWriter())), "", paths);
    return paths;
  }

  private static void collect(CommandLine line, String path, List<String> paths) {
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              if (command.getSubcommands().isEmpty()) {
                paths.add((path + " " + name).strip());
              }
              collect(command, path + " " + name, paths);
            });
  }

  @Test
  void helpListsTheCommandsThatWork() {
    Outcome outcome = run("--help");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).startsWith("Usage: dc4j");
    for (String command : commands()) {
      assertThat(outcome.out()).containsPattern("(?m)^  " + command.split(" ")[0] + " ");
    }
    assertThat(outcome.out()).contains("Exit codes:").contains("130");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpAndTheCommonOptions(String command) {
    String[] args = (command + " --help").split(" ");
    Outcome outcome = run(args);
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).startsWith("Usage: dc4j " + command);
    assertThat(outcome.out())
        .contains("--seed", "--threads", "--device", "--json", "-v, --verbose", "-q, --quiet");
    assertThat(outcome.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(run("--version").out().strip()).matches("dc4j [0-9]+\\.[0-9]+\\.[0-9]+.*");
  }

  @Test
  void noCommandIsAUsageError() {
    Outcome outcome = run();
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith("dc4j: no command; accepted: ").contains("doctor");
  }

  @Test
  void anUnknownCommandNamesTheNearest() {
    Outcome outcome = run("docter");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .startsWith("dc4j: unknown command 'docter'; did you mean 'doctor'? accepted: ");
  }

  @Test
  void anUnknownOptionNamesTheNearest() {
    Outcome outcome = run("doctor", "--thread=4");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualToNormalizingNewlines(
            "dc4j: unknown option '--thread'; did you mean '--threads'?\n"
                + "try 'dc4j doctor --help'\n");
  }

  @Test
  void aValueOfAWrongTypeIsAUsageError() {
    Outcome outcome = run("doctor", "--threads=many");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--threads").contains("many");
    assertThat(run("doctor", "surplus").exitCode()).isEqualTo(2);
  }
}
