package org.dc4j.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.dc4j.Training;
import org.dc4j.cli.terminal.Session;
import picocli.CommandLine.Parameters;

/** dc4j report: the offline HTML page of a run. */
@picocli.CommandLine.Command(
    name = "report",
    description = {
      "Writes RUN/report.html: curves, cluster sizes and pictures of the clusters as one page that"
          + " needs no network.",
      "Pictures come from the data set that the run's plan.yaml names; if it is gone, the page has"
          + " grey boxes."
    })
final class ReportCommand extends Command {
  @Parameters(paramLabel = "RUN", description = "folder of a run")
  Path run;

  ReportCommand(Session session) {
    super(session);
  }

  @Override
  Set<String> unused() {
    return CommonOptions.OF_COMPUTATION;
  }

  @Override
  String whyUnused() {
    return "report draws what the run left; nothing is computed, on no device";
  }

  @Override
  Result execute() {
    Path page = Training.report(run, session.listener(common.quiet));
    return Result.done(Map.of("report", page.toString()), "report " + page);
  }
}
