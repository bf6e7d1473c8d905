package org.dc4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dc4j.cli.terminal.Session;
import org.dc4j.data.DataException;
import org.dc4j.report.RunReport;
import picocli.CommandLine.Parameters;

/** dc4j report: the offline HTML page of a run. */
@picocli.CommandLine.Command(
    name = "report",
    description = "Writes RUN/report.html, one self-contained page.")
final class ReportCommand extends Command {
  @Parameters(paramLabel = "RUN", description = "folder of a run")
  Path run;

  ReportCommand(Session session) {
    super(session);
  }

  @Override
  Result execute() {
    if (!Files.exists(run.resolve("plan.yaml"))) {
      throw new DataException(run + " is not a run folder: plan.yaml is missing");
    }
    Path page = RunReport.write(run);
    return Result.done(Map.of("report", page.toString()), page.toString());
  }
}
