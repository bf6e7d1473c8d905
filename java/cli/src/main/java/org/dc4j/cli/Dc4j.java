package org.dc4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.dc4j.cli.terminal.Interrupts;
import org.dc4j.cli.terminal.Session;
import org.dc4j.config.NearestName;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Deep clustering from the command line: the main class of dc4j.jar. */
@CommandLine.Command(
    name = "dc4j",
    description = "Learns image embeddings from unlabelled images by deep clustering.",
    versionProvider = Dc4j.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:software error",
      "2:usage",
      "3:bad data",
      "4:device or native part missing",
      "5:out of memory",
      "130:interrupted"
    })
public final class Dc4j implements Runnable {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "print the version")
  boolean version;

  private Dc4j() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    // Read by JavaCPP when its first class is loaded. Its look at the process size before each
    // allocation is slow, and wrong for us: most of our memory is off the heap.
    if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
      System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    }
    SteadyHeap.require(args);
    Locale.setDefault(Locale.ROOT); // numbers have a point everywhere, for those who parse them
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true"); // pictures are drawn, windows never opened
    }
    Interrupts.endAtOnce();
    System.exit(run(session(), args));
  }

  private static Session session() {
    try {
      return Session.ofProcess();
    } catch (IllegalArgumentException e) { // a variable of the environment
      System.err.println("dc4j: " + e.getMessage());
      System.exit(ExitCodes.USAGE);
      throw e;
    }
  }

  /** Runs a command; nothing but {@code session} is written to. */
  static int run(Session session, String... args) {
    int exitCode = commandLine(session).execute(args);
    if (session.out().checkError()) { // flushes; a full disk, a reader that has gone
      session.err().println("dc4j: the result could not be written to standard output");
      session.err().flush();
      return exitCode == ExitCodes.DONE ? ExitCodes.SOFTWARE_ERROR : exitCode;
    }
    return exitCode;
  }

  /** The commands, in the order of the help. */
  private static List<Object> commands(Session session) {
    return List.of(
        new DemoCommand(session),
        new TrainCommand(session),
        new EmbedCommand(session),
        new ClusterCommand(session),
        new EvalCommand(session),
        new ReportCommand(session),
        new DataCommand(),
        new DoctorCommand(session));
  }

  static CommandLine commandLine(Session session) {
    CommandLine line = new CommandLine(new Dc4j());
    commands(session).forEach(line::addSubcommand);
    line.getSubcommands()
        .get("data")
        .addSubcommand(new DataCommand.Fetch(session))
        .addSubcommand(new DataCommand.Scan(session));
    hideUnused(line);
    return line.setOut(session.out())
        .setErr(session.err())
        .setUsageHelpWidth(100)
        .setExecutionStrategy(parsed -> execute(session, parsed))
        .setParameterExceptionHandler((failure, args) -> usageError(session, failure));
  }

  /**
   * Takes options that change nothing out of a command's help; it still parses and refuses them.
   */
  private static void hideUnused(CommandLine line) {
    for (CommandLine command : line.getSubcommands().values()) {
      hideUnused(command);
      CommandSpec spec = command.getCommandSpec();
      if (spec.userObject() instanceof Command known) {
        for (String name : known.unused()) {
          OptionSpec shown = spec.findOption(name);
          spec.remove(shown).addOption(OptionSpec.builder(shown).hidden(true).build());
        }
      }
    }
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command; accepted: " + String.join(", ", subcommands(spec)));
  }

  private static int execute(Session session, ParseResult parsed) {
    Object leaf = leaf(parsed).commandSpec().userObject();
    CommonOptions common = leaf instanceof Command command ? command.common : new CommonOptions();
    common.configureLogging();
    try {
      return new RunLast().execute(parsed);
    } catch (ParameterException e) {
      throw e; // usage, found late
    } catch (Throwable e) {
      // Errors too: out of memory and missing libraries have exit codes of their own.
      session.err().println("dc4j: " + ExitCodes.message(e));
      if (common.isVerbose()) {
        e.printStackTrace(session.err());
      }
      session.err().flush();
      return ExitCodes.of(e);
    }
  }

  private static ParseResult leaf(ParseResult parsed) {
    ParseResult leaf = parsed;
    while (leaf.hasSubcommand()) {
      leaf = leaf.subcommand();
    }
    return leaf;
  }

  private static int usageError(Session session, ParameterException failure) {
    CommandSpec spec = failure.getCommandLine().getCommandSpec();
    String text =
        failure instanceof UnmatchedArgumentException unmatched
            ? unknown(spec, unmatched.getUnmatched().get(0))
            : failure.getMessage();
    session.err().println("dc4j: " + ExitCodes.withRemedy(text));
    session.err().println("try '" + spec.qualifiedName() + " --help'");
    return ExitCodes.USAGE;
  }

  private static String unknown(CommandSpec spec, String argument) {
    if (argument.startsWith("-")) {
      Set<String> options = new TreeSet<>();
      for (OptionSpec option : spec.options()) {
        options.addAll(List.of(option.names()));
      }
      String name = argument.replaceFirst("=.*", "");
      return "unknown option '" + name + "'" + NearestName.hint(name, options);
    }
    Set<String> known = subcommands(spec);
    return known.isEmpty()
        ? "unexpected argument '" + argument + "'"
        : "unknown command '%s'%s accepted: %s"
            .formatted(
                argument,
                NearestName.of(argument, known).map(n -> "; did you mean '" + n + "'?").orElse(";"),
                String.join(", ", known));
  }

  private static Set<String> subcommands(CommandSpec spec) {
    return spec.subcommands().keySet();
  }

  /** The version of this build. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      return new String[] {"dc4j " + number()};
    }

    static String number() throws IOException {
      Properties properties = new Properties();
      try (InputStream in = Dc4j.class.getResourceAsStream("version.properties")) {
        properties.load(in);
      }
      return properties.getProperty("version");
    }
  }
}
