package org.dc4j.report;

import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The sections about the last assignment: sizes, and a sheet of pictures per cluster. */
final class ClusterSheets {
  private static final int IMAGES_PER_SIDE = 8;

  /** Pictures narrower than this are enlarged with sharp pixels. */
  private static final int SMALL_PICTURE = 48;

  private final AssignmentTable table;
  private final Thumbnails thumbnails;
  private final List<ClusterSample> clusters;
  private final int shown;

  ClusterSheets(AssignmentTable table, Thumbnails thumbnails, int clustersShown) {
    this.table = table;
    this.thumbnails = thumbnails;
    this.clusters = ClusterSample.of(table, IMAGES_PER_SIDE);
    this.shown = Math.min(clustersShown, clusters.size());
  }

  int clusters() {
    return clusters.size();
  }

  void writeSizes(Html page) {
    if (clusters.isEmpty()) {
      page.raw("<section><h2>Cluster sizes</h2>");
      page.raw("<p class=\"warning\">No image belongs to a cluster.</p></section>");
      return;
    }
    int[] sizes = clusters.stream().mapToInt(ClusterSample::size).toArray();
    int assigned = Arrays.stream(sizes).sum();
    Arrays.sort(sizes);
    int largest = sizes[sizes.length - 1];
    page.raw("<section><h2>Cluster sizes</h2>");
    if (sizes.length > 1 && largest > assigned / 2) {
      page.raw("<p class=\"warning\">One cluster holds ");
      page.text(Numbers.percent((double) largest / assigned));
      page.raw(" of the images: the clustering may have collapsed.</p>");
    }
    page.raw("<p>").text(sizesSentence(sizes, assigned)).raw("</p>");
    page.raw("<div class=\"charts\"><figure class=\"chart\"><figcaption>");
    page.raw("<h3>Clusters by size</h3></figcaption>");
    page.raw(Histogram.svg("Clusters by size", sizes, "images in a cluster"));
    page.raw("<p class=\"note\">Height: number of clusters of that size, last assignment.</p>");
    page.raw("</figure></div></section>");
  }

  private String sizesSentence(int[] sorted, int assigned) {
    int n = sorted.length;
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
    String text =
        "%s in %s of %s to %s images; median %s."
            .formatted(
                counted(assigned, "image"),
                counted(n, "cluster"),
                Numbers.count(sorted[0]),
                Numbers.count(sorted[n - 1]),
                Numbers.measure(median));
    int unassigned = table.rows() - assigned;
    return unassigned == 0
        ? text
        : text
            + " %s (%s) %s to no cluster."
                .formatted(
                    counted(unassigned, "image"),
                    Numbers.percent((double) unassigned / table.rows()),
                    unassigned == 1 ? "belongs" : "belong");
  }

  void writeSheets(Html page) {
    if (clusters.isEmpty()) {
      return;
    }
    page.raw("<section><h2>Clusters</h2><p>Largest first. ");
    if (table.withDistances()) {
      page.raw("Typical images are nearest to the cluster's centre, doubtful ones farthest.");
    }
    page.raw("</p>");
    List<ClusterSample> first = clusters.subList(0, shown);
    Set<Integer> rows = new HashSet<>();
    first.forEach(
        cluster -> {
          rows.addAll(cluster.typical());
          rows.addAll(cluster.doubtful());
        });
    Map<Integer, String> names = table.names(rows);
    first.forEach(cluster -> writeSheet(page, cluster, names));
    if (shown < clusters.size()) {
      int images = clusters.stream().skip(shown).mapToInt(ClusterSample::size).sum();
      page.raw("<p class=\"note\">")
          .text(
              "%s with %s %s in assignments.csv."
                  .formatted(
                      counted(clusters.size() - shown, "more cluster"),
                      counted(images, "image"),
                      clusters.size() - shown == 1 ? "is" : "are"))
          .raw("</p>");
    }
    page.raw("</section>");
  }

  private void writeSheet(Html page, ClusterSample cluster, Map<Integer, String> names) {
    page.raw("<article class=\"cluster\"><h3>Cluster ").text("" + cluster.cluster());
    page.raw(" <span class=\"note\">").text(counted(cluster.size(), "image"));
    if (!Double.isNaN(cluster.meanDistance())) {
      page.text(" · mean distance " + Numbers.measure(cluster.meanDistance()));
    }
    page.raw("</span></h3><div class=\"sides\">");
    writeSide(page, table.withDistances() ? "typical" : "examples", cluster.typical(), names);
    if (!cluster.doubtful().isEmpty()) {
      writeSide(page, "doubtful", cluster.doubtful(), names);
    }
    page.raw("</div></article>");
  }

  private void writeSide(Html page, String title, List<Integer> rows, Map<Integer, String> names) {
    page.raw("<div class=\"side\">").element("h4", title).raw("<div class=\"thumbs\">");
    for (int row : rows) {
      String name = names.get(row);
      String description = name + " (id " + table.id(row);
      if (!Float.isNaN(table.distance(row))) {
        description += ", distance " + Numbers.measure(table.distance(row));
      }
      page.raw("<figure title=\"").text(description + ")").raw("\">");
      writePicture(page, row, name);
      page.raw("<figcaption><bdi>").text(shortName(name)).raw("</bdi></figcaption></figure>");
    }
    page.raw("</div></div>");
  }

  private void writePicture(Html page, int row, String name) {
    Optional<Picture> picture = Picture.of(thumbnails, table.id(row));
    if (picture.isEmpty()) {
      page.raw("<span class=\"missing\" role=\"img\" aria-label=\"no picture of ");
      page.text(name).raw("\"></span>");
      return;
    }
    page.raw(picture.get().width() < SMALL_PICTURE ? "<img class=\"small\" alt=\"" : "<img alt=\"");
    page.text(name).raw("\" src=\"data:image/png;base64,");
    page.raw(Base64.getEncoder().encodeToString(picture.get().png())).raw("\">");
  }

  private static String counted(int number, String thing) {
    return Numbers.count(number) + " " + thing + (number == 1 ? "" : "s");
  }

  /** File name without folder and ending: the whole name would not fit under a picture. */
  private static String shortName(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    int dot = last.lastIndexOf('.');
    return dot > 0 ? last.substring(0, dot) : last;
  }
}
