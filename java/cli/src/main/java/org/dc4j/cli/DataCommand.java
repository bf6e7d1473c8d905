package org.dc4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.dc4j.cli.terminal.Session;
import org.dc4j.data.ImageScan;
import org.dc4j.data.ScanReport;
import org.dc4j.data.source.DataSet;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.data.source.FashionMnist;
import org.dc4j.data.source.Kanji;
import org.dc4j.data.source.Wesnoth;
import org.dc4j.train.Progress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** dc4j data: get and check data sets. */
@picocli.CommandLine.Command(
    name = "data",
    description = "Gets and checks data sets.",
    synopsisSubcommandLabel = "COMMAND")
final class DataCommand implements Runnable {
  @Spec CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command; accepted: data " + String.join(", data ", spec.subcommands().keySet()));
  }

  /** dc4j data fetch. */
  @picocli.CommandLine.Command(
      name = "fetch",
      description = {
        "Gets a data set from Debian's packages, without root:",
        "fashion-mnist  10 kinds of clothes (31 MB, MIT licence);",
        "kanji          characters drawn in many fonts, identity x camera (53 or 106 MB of fonts);",
        "wesnoth        sprites of many units, few of each (146 MB, GPL-2+ and CC BY-SA)."
      })
  static final class Fetch extends Command {
    private static final Set<String> SETS =
        new LinkedHashSet<>(List.of("fashion-mnist", "kanji", "wesnoth"));
    private static final Set<String> FONTS = new LinkedHashSet<>(List.of("small", "all"));
    private static final int DEFAULT_IDENTITIES = 1000;

    @Parameters(paramLabel = "SET", description = "fashion-mnist, kanji or wesnoth")
    String set;

    @Option(
        names = "--out",
        required = true,
        paramLabel = "DIR",
        description = "folder for the files, made if missing")
    Path out;

    @Option(
        names = "--identities",
        paramLabel = "N",
        description = "kanji: characters, half of them for training (default: 1000; at most 2965)")
    Integer identities;

    @Option(
        names = "--fonts",
        paramLabel = "small|all",
        description = "kanji: 12 printed fonts, or 20 with brushes and hands (default: small)")
    String fonts;

    Fetch(Session session) {
      super(session);
    }

    @Override
    Set<String> unused() {
      return CommonOptions.OF_COMPUTATION;
    }

    @Override
    String whyUnused() {
      return "fetch copies what is published; nothing is computed, on no device";
    }

    @Override
    Result execute() {
      if (!SETS.contains(set)) {
        throw Choices.unknown("data set", set, SETS);
      }
      Consumer<String> listener = common.quiet ? step -> {} : session.err()::println;
      if (!set.equals("kanji") && (identities != null || fonts != null)) {
        throw new IllegalArgumentException("--identities and --fonts are for kanji alone");
      }
      switch (set) {
        case "kanji" -> Kanji.fetch(out, kanji(), listener);
        case "wesnoth" -> Wesnoth.fetch(out, listener);
        default -> FashionMnist.fetch(out, listener);
      }
      String spec = set + ":" + out;
      return Result.done(Map.of("data", spec), spec);
    }

    private Kanji.Options kanji() {
      String which = fonts == null ? "small" : fonts;
      if (!FONTS.contains(which)) {
        throw Choices.unknown("--fonts", which, FONTS);
      }
      return new Kanji.Options(
          identities == null ? DEFAULT_IDENTITIES : identities, which.equals("all"));
    }
  }

  /** dc4j data scan. */
  @picocli.CommandLine.Command(
      name = "scan",
      description = {
        "Reads every image of a data set and lists those that cannot be read, with the reasons.",
        "Exit code 3 if there are any."
      })
  static final class Scan extends Command {
    @Parameters(
        paramLabel = "SPEC",
        description = "a data set, for example folder:DIR; an unknown kind lists all")
    String data;

    Scan(Session session) {
      super(session);
    }

    @Override
    Set<String> unused() {
      return Set.of("--seed", "--device");
    }

    @Override
    String whyUnused() {
      return "scan decodes images on processor cores alone; accepted: --threads";
    }

    @Override
    Result execute() {
      DataSet set = DataSets.open(DataSpec.parse(data));
      int threads =
          common.threads == null || common.threads == 0
              ? Runtime.getRuntime().availableProcessors()
              : common.threads;
      Progress progress = progress();
      progress.start("scan", set.images().size());
      ScanReport report = ImageScan.scan(set.images(), threads, progress::advance);
      progress.finish();
      int exitCode = report.unreadable().isEmpty() ? ExitCodes.DONE : ExitCodes.BAD_DATA;
      return new Result(exitCode, values(set, report), text(set, report));
    }

    private static Map<String, Object> values(DataSet set, ScanReport report) {
      List<Map<String, String>> unreadable = new ArrayList<>();
      report
          .unreadable()
          .forEach(bad -> unreadable.add(Map.of("name", bad.name(), "reason", bad.reason())));
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("description", set.description());
      values.put("images", report.total());
      values.put("readable", report.readable().length);
      values.put("labelled", set.labels().isPresent());
      values.put("unreadable", unreadable);
      return values;
    }

    private static String text(DataSet set, ScanReport report) {
      StringBuilder text = new StringBuilder();
      report
          .unreadable()
          .forEach(bad -> text.append("unreadable: ").append(bad.reason()).append('\n'));
      return text.append("%s, %d readable".formatted(set.description(), report.readable().length))
          .toString();
    }
  }
}
