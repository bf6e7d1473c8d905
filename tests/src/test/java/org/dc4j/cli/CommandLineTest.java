package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dc4j.cli.terminal.Session;
import org.dc4j.cli.terminal.Terminal;
import org.dc4j.train.StopSignal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandLineTest {
  /** Where an option would change nothing it is refused, and the help does not promise it. */
  private static final Map<String, Set<String>> WITHOUT =
      Map.of(
          "embed", Set.of("--seed", "--threads", "--device"),
          "report", Set.of("--seed", "--threads", "--device"),
          "data fetch", Set.of("--seed", "--threads", "--device"),
          "data scan", Set.of("--seed", "--device"),
          "doctor", Set.of("--seed"));

  private static final Map<String, String> ARGUMENTS =
      Map.of(
          "embed", " --model=none --data=folder:none --out=none.npy",
          "report", " none",
          "data fetch", " none --out=none",
          "data scan", " folder:none",
          "doctor", "");

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
    assertThat(outcome.out()).contains("--json", "-v, --verbose", "-q, --quiet");
    for (String option : new String[] {"--seed", "--threads", "--device"}) {
      if (WITHOUT.getOrDefault(command, Set.of()).contains(option)) {
        assertThat(outcome.out()).as(command).doesNotContain(option);
        Outcome refused = run((command + ARGUMENTS.get(command) + " " + option + "=1").split(" "));
        assertThat(refused.exitCode()).as(command + option).isEqualTo(2);
        assertThat(refused.err()).startsWith("dc4j: " + option + ": ");
      } else {
        assertThat(outcome.out()).as(command).contains(option);
      }
    }
    assertThat(outcome.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  @Test
  void aResultThatCannotBeWrittenIsAnError() {
    Writer full =
        new Writer() {
          @Override
          public void write(char[] text, int from, int length) throws IOException {
            throw new IOException("No space left on device");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    StringWriter err = new StringWriter();
    Session session =
        new Session(
            new PrintWriter(full), new PrintWriter(err), Terminal.silent(), new StopSignal());
    assertThat(Dc4j.run(session, "--version")).isEqualTo(1);
    assertThat(err).hasToString("dc4j: the result could not be written to standard output\n");
  }

  private static ProcessBuilder versionInAProcessOfItsOwn() {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        Dc4j.class.getName(),
        "--version");
  }

  @Test
  void aFullDiskBehindStandardOutputIsNoticed() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full");
    Process process = versionInAProcessOfItsOwn().redirectOutput(full.toFile()).start();
    String said = new String(process.getErrorStream().readAllBytes());
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(said).contains("could not be written to standard output");
  }

  @Test
  void aVariableOfTheEnvironmentThatMeansNothingIsAUsageError() throws Exception {
    ProcessBuilder builder = versionInAProcessOfItsOwn();
    builder.environment().put("DC4J_PROGRESS", "foo");
    Process process = builder.start();
    String said = new String(process.getErrorStream().readAllBytes());
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(said).isEqualTo("dc4j: DC4J_PROGRESS is 'foo'; accepted: bar, lines, none\n");
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
