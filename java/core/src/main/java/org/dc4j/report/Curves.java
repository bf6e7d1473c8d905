package org.dc4j.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The section with a run's curves over epochs. */
final class Curves {
  private enum Scale {
    FREE,
    ZERO_TO_ONE,
    WHOLE,
    LOGARITHMIC
  }

  /**
   * A chart; shown if at least one of its figures was measured.
   *
   * @param keys figure in metrics.jsonl, name on the page, next figure, ...
   */
  private record Plan(String title, String note, Scale scale, String... keys) {
    Map<String, String> names() {
      Map<String, String> names = new LinkedHashMap<>();
      for (int i = 0; i < keys.length; i += 2) {
        names.put(keys[i], keys[i + 1]);
      }
      return names;
    }
  }

  private static final List<Plan> PLANS =
      List.of(
          new Plan(
              "Training loss",
              "Measured against labels that the clustering renews: it can rise while the clusters"
                  + " get better.",
              Scale.FREE,
              "loss",
              "loss",
              "loss_uniform",
              "of a blind guess, ln K"),
          new Plan(
              "Agreement of clusters (NMI)",
              "Normalised mutual information. With the previous epoch: how stable the clusters"
                  + " are, not how right.",
              Scale.ZERO_TO_ONE,
              "nmi_previous",
              "with the previous epoch",
              "nmi_labels",
              "with the true labels"),
          new Plan(
              "k-NN accuracy",
              "Share of images whose nearest neighbours vote for their true label; labels serve"
                  + " scoring only.",
              Scale.FREE,
              "knn",
              "k-NN accuracy"),
          new Plan(
              "Score that chooses the epoch",
              "By labels; the weights of the epoch of the largest score are kept. Nothing measured"
                  + " on those images is a test any more.",
              Scale.FREE,
              "selection_map",
              "mAP",
              "selection_recall@1",
              "R@1"),
          new Plan(
              "Largest and smallest cluster",
              "Images in them, on a logarithmic scale.",
              Scale.LOGARITHMIC,
              "largest",
              "largest",
              "smallest",
              "smallest"),
          new Plan(
              "Images in a cluster",
              "Share of all images; the others are noise and not trained on in that epoch.",
              Scale.ZERO_TO_ONE,
              "coverage",
              "in a cluster"),
          new Plan(
              "Clusters",
              "Found, or asked for where the method is told their number.",
              Scale.WHOLE,
              "clusters",
              "clusters"),
          new Plan(
              "Empty clusters",
              "Clusters asked for that no image belongs to.",
              Scale.WHOLE,
              "empty",
              "empty clusters"),
          new Plan(
              "Images that changed cluster",
              "Share of the images that did not stay with most of their old cluster; settles as"
                  + " training goes on.",
              Scale.ZERO_TO_ONE,
              "moved",
              "moved"),
          new Plan(
              "Effective rank of the embedding",
              "Directions that the embedding makes use of; near 1 is collapse.",
              Scale.FREE,
              "effective_rank",
              "effective rank"),
          new Plan(
              "Clustering objective",
              "Sum of squared distances to the centres; on whitened unit vectors it barely moves.",
              Scale.FREE,
              "objective",
              "objective"));

  private Curves() {}

  static void write(Html page, List<Map<String, Object>> epochs) {
    page.raw("<section><h2>Training</h2>");
    if (epochs.isEmpty()) {
      page.raw("<p class=\"note\">No epoch is recorded in metrics.jsonl.</p></section>");
      return;
    }
    page.raw("<div class=\"charts\">");
    for (Plan plan : PLANS) {
      List<LineChart.Series> series = new ArrayList<>();
      plan.names().forEach((key, name) -> addSeries(series, epochs, key, name));
      if (!series.isEmpty()) {
        chart(page, plan, series, epochs);
      }
    }
    page.raw("</div></section>");
  }

  private static void addSeries(
      List<LineChart.Series> series, List<Map<String, Object>> epochs, String key, String name) {
    double[] x = new double[epochs.size()];
    double[] y = new double[epochs.size()];
    int count = 0;
    for (Map<String, Object> row : epochs) {
      if (row.get(key) instanceof Number value && Double.isFinite(value.doubleValue())) {
        x[count] = ((Number) row.get("epoch")).doubleValue();
        y[count++] = value.doubleValue();
      }
    }
    if (count > 0) {
      series.add(new LineChart.Series(name, Arrays.copyOf(x, count), Arrays.copyOf(y, count)));
    }
  }

  private static void chart(
      Html page, Plan plan, List<LineChart.Series> series, List<Map<String, Object>> epochs) {
    double first = ((Number) epochs.get(0).get("epoch")).doubleValue();
    double last = ((Number) epochs.get(epochs.size() - 1).get("epoch")).doubleValue();
    page.raw("<figure class=\"chart\"><figcaption>").element("h3", plan.title());
    page.raw("<ul class=\"legend\">");
    for (int i = 0; i < series.size(); i++) {
      page.raw("<li><span class=\"key k" + i + "\"></span>");
      page.text(series.size() == 1 ? "last" : series.get(i).name()).raw(" <b>");
      page.text(Numbers.measure(series.get(i).last())).raw("</b></li>");
    }
    page.raw("</ul></figcaption>");
    page.raw(LineChart.svg(plan.title(), series, Axis.wholeBetween(first, last), y(plan, series)));
    page.raw("<p class=\"note\">").text(plan.note()).raw("</p></figure>");
  }

  private static Axis y(Plan plan, List<LineChart.Series> series) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (LineChart.Series one : series) {
      for (double value : one.y()) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    return switch (plan.scale()) {
      case FREE -> Axis.linear(low, high);
      case ZERO_TO_ONE -> low < 0 || high > 1 ? Axis.linear(low, high) : Axis.zeroToOne();
      case WHOLE -> Axis.wholeFromZero(high);
      case LOGARITHMIC -> Axis.logarithmic(high);
    };
  }
}
