package org.dc4j.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** The section with results.json: metrics by row, embeddings compared by column. */
final class ResultTable {
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("knn", "k-NN accuracy"),
          Map.entry("recall@1", "Recall at 1"),
          Map.entry("nmi", "NMI with the true labels"),
          Map.entry("ami", "AMI with the true labels"),
          Map.entry("ari", "ARI with the true labels"),
          Map.entry("accuracy", "Clustering accuracy"),
          Map.entry("acc", "Clustering accuracy"),
          Map.entry("linear", "Linear probe accuracy"),
          Map.entry("map", "Mean average precision"),
          Map.entry("purity", "Purity"),
          Map.entry("effective_rank", "Effective rank"));

  private ResultTable() {}

  static void write(Html page, JsonNode results) {
    JsonNode columns = results.path("columns");
    JsonNode rows = results.path("rows");
    if (!columns.isArray() || !rows.isArray() || rows.isEmpty()) {
      return;
    }
    page.raw("<section><h2>Results</h2><div class=\"wide\"><table class=\"results\"><thead><tr>");
    page.raw("<th scope=\"col\">metric</th>");
    columns.forEach(c -> page.raw("<th scope=\"col\">").text(c.asText()).raw("</th>"));
    page.raw("</tr></thead><tbody>");
    boolean spread = false;
    for (JsonNode row : rows) {
      String metric = row.path("metric").asText();
      page.raw("<tr><th scope=\"row\">")
          .text(NAMES.getOrDefault(metric, metric.replace('_', ' ')))
          .raw("</th>");
      for (int i = 0; i < columns.size(); i++) {
        spread |= row.path("spread").path(i).isNumber();
        cell(page, row.path("mean").path(i), row.path("spread").path(i));
      }
      page.raw("</tr>");
    }
    page.raw("</tbody></table></div>");
    if (spread) {
      page.raw("<p class=\"note\">mean ± spread over repetitions</p>");
    }
    page.raw("</section>");
  }

  private static void cell(Html page, JsonNode mean, JsonNode spread) {
    page.raw("<td>").text(mean.isNumber() ? Numbers.measure(mean.doubleValue()) : "–");
    if (spread.isNumber()) {
      page.raw(" <span class=\"spread\">± ")
          .text(Numbers.measure(spread.doubleValue(), mean.doubleValue()));
      page.raw("</span>");
    }
    page.raw("</td>");
  }
}
