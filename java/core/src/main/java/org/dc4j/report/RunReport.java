package org.dc4j.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dc4j.format.AtomicFiles;

/**
 * A run folder as one HTML page: results, curves, cluster sizes, and what is in the clusters. The
 * page is whole in itself (styles, charts and pictures inside), needs neither network nor scripts,
 * and shows what the folder has: plan.yaml, metrics.jsonl, assignments.csv, results.json,
 * skipped.csv, each of them optional.
 */
public final class RunReport {
  private static final int DEFAULT_CLUSTERS = 30;
  private static final int MOST_SKIPPED_ROWS = 200;

  private RunReport() {}

  /** Writes report.html with the 30 largest clusters into the folder; returns its path. */
  public static Path write(Path runFolder, Thumbnails thumbnails) {
    return write(runFolder, thumbnails, DEFAULT_CLUSTERS);
  }

  /**
   * Writes report.html into the folder, replacing an older one atomically.
   *
   * @param clustersShown clusters with pictures, the largest; the rest is counted
   * @return the page
   * @throws org.dc4j.format.FormatException if the folder holds neither metrics nor assignments, or
   *     a file that is not what its name says
   * @throws UncheckedIOException if the disk refuses
   */
  public static Path write(Path runFolder, Thumbnails thumbnails, int clustersShown) {
    if (clustersShown < 0) {
      throw new IllegalArgumentException(clustersShown + " clusters shown: must be >= 0");
    }
    RunFiles run = RunFiles.read(runFolder);
    Optional<ClusterSheets> clusters =
        run.assignments().map(table -> new ClusterSheets(table, thumbnails, clustersShown));
    Html page = new Html();
    writeHead(page, run);
    writeFacts(page, run, clusters);
    run.results().ifPresent(results -> ResultTable.write(page, results));
    Curves.write(page, run.epochs());
    clusters.ifPresent(sheets -> sheets.writeSizes(page));
    clusters.ifPresent(sheets -> sheets.writeSheets(page));
    writeSkipped(page, run.skipped());
    writePlan(page, run.plan());
    page.raw("<footer>Made by dc4j. This page needs no network.</footer></main></body></html>\n");
    Path file = runFolder.resolve("report.html");
    AtomicFiles.write(file, page.toString());
    return file;
  }

  private static void writeHead(Html page, RunFiles run) {
    page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    // The browser itself keeps the promise of no outside request and no script.
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.raw("img-src data:; style-src 'unsafe-inline'\">");
    page.raw("<title>").text(run.name() + " – clustering report").raw("</title>");
    page.raw("<style>").raw(style()).raw("</style></head><body><main>");
    page.raw("<header><h1>").text(run.name()).raw("</h1>");
    Map<String, String> summary = run.plan().map(PlanSummary::of).orElse(Map.of());
    if (!summary.isEmpty()) {
      page.raw("<dl class=\"plan\">");
      summary.forEach(
          (name, value) ->
              page.raw("<div>").element("dt", name).element("dd", value).raw("</div>"));
      page.raw("</dl>");
    }
    page.raw("</header>");
  }

  private static void writeFacts(Html page, RunFiles run, Optional<ClusterSheets> clusters) {
    page.raw("<section><dl class=\"facts\">");
    run.assignments().ifPresent(table -> fact(page, "images", Numbers.count(table.rows())));
    clusters.ifPresent(sheets -> fact(page, "clusters", Numbers.count(sheets.clusters())));
    if (!run.epochs().isEmpty()) {
      fact(page, "epochs", Numbers.count(run.epochs().size()));
    }
    double seconds =
        run.epochs().stream()
            .map(row -> row.get("epoch_seconds"))
            .filter(Number.class::isInstance)
            .mapToDouble(value -> ((Number) value).doubleValue())
            .sum();
    if (seconds > 0) {
      fact(page, "training time", Numbers.duration(seconds));
    }
    if (!run.skipped().isEmpty()) {
      fact(page, "images skipped", Numbers.count(run.skipped().size()));
    }
    page.raw("</dl></section>");
  }

  private static void fact(Html page, String name, String value) {
    page.raw("<div>").element("dt", name).element("dd", value).raw("</div>");
  }

  private static void writeSkipped(Html page, List<List<String>> skipped) {
    if (skipped.isEmpty()) {
      return;
    }
    page.raw("<section><h2>Skipped images</h2><div class=\"wide\"><table class=\"list\">");
    page.raw("<thead><tr><th scope=\"col\">image</th><th scope=\"col\">reason</th></tr></thead>");
    page.raw("<tbody>");
    for (List<String> row : skipped.subList(0, Math.min(skipped.size(), MOST_SKIPPED_ROWS))) {
      page.raw("<tr><td><bdi>").text(row.get(0)).raw("</bdi></td><td>").text(row.get(1));
      page.raw("</td></tr>");
    }
    page.raw("</tbody></table></div>");
    if (skipped.size() > MOST_SKIPPED_ROWS) {
      page.raw("<p class=\"note\">").text(Numbers.count(skipped.size() - MOST_SKIPPED_ROWS));
      page.raw(" more are in skipped.csv.</p>");
    }
    page.raw("</section>");
  }

  private static void writePlan(Html page, Optional<String> plan) {
    plan.ifPresent(
        text ->
            page.raw("<section><details><summary>The whole plan (plan.yaml)</summary><pre>")
                .text(text)
                .raw("</pre></details></section>"));
  }

  private static String style() {
    try (InputStream in = RunReport.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read report.css from the jar", e);
    }
  }
}
