package org.dc4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.dc4j.format.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class RunReportTest {
  @TempDir Path folder;

  private String report(Thumbnails thumbnails) throws IOException {
    return Files.readString(RunReport.write(folder, thumbnails));
  }

  private static List<String> all(Pattern pattern, String text) {
    List<String> found = new ArrayList<>();
    for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
      found.add(matcher.group(1));
    }
    return found;
  }

  @Test
  void showsWhatTheRunHolds() throws IOException {
    SyntheticRun.write(folder);
    String page = report(SyntheticRun::thumbnail);
    assertThat(page).startsWith("<!DOCTYPE html>").contains("<dd>deepcluster</dd>");
    assertThat(all(Pattern.compile("<h2>([^<]*)"), page))
        .containsExactly("Results", "Training", "Cluster sizes", "Clusters", "Skipped images");
    assertThat(all(Pattern.compile("figcaption><h3>([^<]*)"), page))
        .containsExactly(
            "Training loss",
            "Agreement of clusters (NMI)",
            "k-NN accuracy",
            "Largest and smallest cluster",
            "Clusters",
            "Empty clusters",
            "Images that changed cluster",
            "Effective rank of the embedding",
            "Clustering objective",
            "Clusters by size");
    assertThat(page)
        .contains("<dt>images</dt><dd>2,000</dd>")
        .contains("<dt>epochs</dt><dd>20</dd>")
        .contains("raw pixels")
        .contains("0.8611 <span class=\"spread\">± 0.0043</span>")
        .contains("<td>–</td>")
        .contains("ends after 512 of 20,481 bytes")
        .contains("seed: 7");
  }

  /** Largest clusters first, each with its 8 nearest and 8 farthest images, the rest counted. */
  @Test
  void choosesTypicalAndDoubtfulImages() throws IOException {
    StringBuilder csv = new StringBuilder("id,name,cluster,distance\n");
    for (int id = 0; id < 100; id++) {
      // Cluster 5 has images 0..59 with falling distance, cluster 2 has 60..89, cluster 9 the rest.
      int cluster = id < 60 ? 5 : id < 90 ? 2 : 9;
      csv.append("%d,n%d,%d,%d.5\n".formatted(id, id, cluster, 100 - id));
    }
    csv.append("100,noise,-1,0\n");
    Files.writeString(folder.resolve("assignments.csv"), csv);
    List<Integer> asked = new ArrayList<>();
    RunReport.write(
        folder,
        id -> {
          asked.add(id);
          return null;
        },
        2);
    String page = Files.readString(folder.resolve("report.html"));
    assertThat(all(Pattern.compile("<h3>Cluster ([0-9]+)"), page)).containsExactly("5", "2");
    assertThat(asked.subList(0, 8)).containsExactly(59, 58, 57, 56, 55, 54, 53, 52);
    assertThat(asked.subList(8, 16)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(asked).hasSize(32).doesNotContain(95, 100);
    assertThat(page)
        .contains("1 more cluster with 10 images is in assignments.csv")
        .contains("1 image (1.0 %) belongs to no cluster")
        .contains("60.0 % of the images")
        .contains("title=\"n59 (id 59, distance 41.50)\"");
  }

  @Test
  void aSmallClusterShowsEachImageOnce() throws IOException {
    StringBuilder csv = new StringBuilder("id,name,cluster,distance\n");
    for (int id = 0; id < 10; id++) {
      csv.append("%d,n%d,0,%d\n".formatted(id, id, id));
    }
    Files.writeString(folder.resolve("assignments.csv"), csv);
    List<Integer> asked = new ArrayList<>();
    report(
        id -> {
          asked.add(id);
          throw new IllegalStateException("unreadable");
        });
    assertThat(asked).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 9, 8);
  }

  /** Nothing may be fetched or run, whatever is in the folder. */
  @Test
  void isWholeInItself() throws IOException {
    SyntheticRun.write(folder);
    String page = report(SyntheticRun::thumbnail);
    assertThat(page)
        .contains("default-src 'none'")
        .doesNotContain("<script")
        .doesNotContain("<link")
        .doesNotContain("@import")
        .doesNotContain("url(");
    assertThat(all(Pattern.compile("(?:src|href)=\"([^\"]{0,22})"), page))
        .isNotEmpty()
        .allMatch(source -> source.equals("data:image/png;base64,"));
    assertThat(page).doesNotContain("http://").doesNotContain("https://");
  }

  @Test
  void picturesAreThePngBytesAndMissingOnesAreGrey() throws IOException {
    Files.writeString(
        folder.resolve("assignments.csv"), "id,name,cluster,distance\n1,a,0,1\n7,b,0,2\n9,c,0,3\n");
    byte[] notPng = "GIF89a and so on, longer than a header".getBytes(StandardCharsets.US_ASCII);
    String page = report(id -> id == 9 ? notPng : SyntheticRun.thumbnail(id));
    List<String> pictures = all(Pattern.compile("base64,([^\"]*)\""), page);
    assertThat(pictures).hasSize(1);
    byte[] bytes = Base64.getDecoder().decode(pictures.get(0));
    assertThat(bytes).isEqualTo(SyntheticRun.thumbnail(1));
    assertThat(ImageIO.read(new ByteArrayInputStream(bytes)).getWidth()).isEqualTo(28);
    assertThat(all(Pattern.compile("aria-label=\"no picture of ([^\"]*)\""), page))
        .containsExactly("b", "c");
  }

  /** Every place that shows text from outside is fed markup; none of it may come through. */
  @Test
  void namesStayText() throws IOException {
    String evil = "<script>alert('1')</script>\" onerror=\"x&amp;";
    String csvEvil = '"' + evil.replace("\"", "\"\"") + '"';
    String jsonEvil = evil.replace("\"", "\\\"");
    Path run = Files.createDirectory(folder.resolve("<b>run&"));
    Files.writeString(
        run.resolve("assignments.csv"), "id,name,cluster,distance\n0," + csvEvil + ",0,1\n");
    Files.writeString(run.resolve("skipped.csv"), "name,reason\n" + csvEvil + "," + csvEvil + "\n");
    Files.writeString(run.resolve("plan.yaml"), "method: |\n  " + evil + "\n");
    Files.writeString(
        run.resolve("results.json"),
        "{\"columns\":[\"%s\"],\"rows\":[{\"metric\":\"%s\",\"mean\":[1]}]}"
            .formatted(jsonEvil, jsonEvil));
    RunReport.write(run, id -> null);
    String page = Files.readString(run.resolve("report.html"));
    String safe = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onerror=&quot;x&amp;amp;";
    assertThat(page)
        .doesNotContain("<script")
        .doesNotContain("onerror=\"")
        .doesNotContain("<b>run");
    assertThat(page.split(Pattern.quote(safe), -1)).hasSizeGreaterThan(8);
    assertThat(page).contains("<h1>&lt;b&gt;run&amp;</h1>");
  }

  @Test
  void optionalFilesMayBeMissing() throws IOException {
    Files.writeString(folder.resolve("metrics.jsonl"), "{\"event\":\"epoch\",\"epoch\":1}\n{\"ev");
    assertThat(report(id -> null))
        .contains("<h2>Training</h2>")
        .doesNotContain("<svg")
        .doesNotContain("<h2>Clusters</h2>")
        .doesNotContain("<h2>Results</h2>")
        .doesNotContain("<h2>Skipped images</h2>")
        .doesNotContain("plan.yaml)");
    Files.delete(folder.resolve("metrics.jsonl"));
    Files.writeString(folder.resolve("assignments.csv"), "id,cluster\n3,1\n4,1\n");
    Files.writeString(folder.resolve("skipped.csv"), "name,reason\n");
    Files.writeString(folder.resolve("plan.yaml"), "not: [yaml");
    assertThat(report(id -> null))
        .contains("No epoch is recorded")
        .contains("<h4>examples</h4>")
        .contains("image 3 (id 3)")
        .contains("not: [yaml")
        .doesNotContain("NaN")
        .doesNotContain("Skipped images");
    Files.writeString(folder.resolve("assignments.csv"), "id,cluster\n3,-1\n");
    assertThat(report(id -> null)).contains("No image belongs to a cluster");
  }

  @Test
  void foldersAndFilesThatAreNotOfARunAreErrors() throws IOException {
    assertThatThrownBy(() -> RunReport.write(folder, id -> null))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("holds neither metrics.jsonl nor assignments.csv");
    assertThatThrownBy(() -> RunReport.write(folder.resolve("no"), id -> null))
        .hasMessageContaining("is not a folder");
    Path csv = folder.resolve("assignments.csv");
    Files.writeString(csv, "id,name,label\n1,a,2\n");
    assertThatThrownBy(() -> RunReport.write(folder, id -> null))
        .hasMessageContaining("assignments.csv: has the columns [id, name, label]");
    Files.writeString(csv, "id,cluster,distance\n1,2,3\n1,x,3\n");
    assertThatThrownBy(() -> RunReport.write(folder, id -> null))
        .hasMessageContaining("assignments.csv: row 3: cluster 'x' is not a whole number");
    Files.writeString(csv, "id,cluster,distance\n1,2,far\n");
    assertThatThrownBy(() -> RunReport.write(folder, id -> null))
        .hasMessageContaining("row 2: distance 'far' is not a number");
    Files.writeString(csv, "id,cluster\n1,2\n");
    Files.writeString(folder.resolve("results.json"), "{");
    assertThatThrownBy(() -> RunReport.write(folder, id -> null))
        .hasMessageContaining("results.json: is not JSON");
    assertThat(folder.resolve("report.html")).doesNotExist();
  }

  /** One epoch, constant, huge, negative and missing figures: charts stay inside their frame. */
  @Test
  void chartsAreWellFormedAndInsideTheirFrame() throws Exception {
    List<String> metrics =
        List.of(
            "{\"epoch\":1,\"loss\":2,\"objective\":1e12,\"empty\":0,\"largest\":0,\"smallest\":0}",
            "{\"epoch\":1,\"loss\":2}\n{\"epoch\":2,\"loss\":2}\n{\"epoch\":3,\"loss\":null}",
            "{\"epoch\":5,\"loss\":-1e-7,\"empty\":3}\n{\"epoch\":900,\"loss\":1e-7,\"empty\":1}",
            "{\"epoch\":1,\"nmi_labels\":-0.01,\"largest\":123456}\n{\"epoch\":2,\"objective\":0,\"loss\":1e999}");
    for (String rows : metrics) {
      Files.writeString(folder.resolve("metrics.jsonl"), rows + "\n");
      List<String> charts = all(Pattern.compile("(<svg.*?</svg>)"), report(id -> null));
      assertThat(charts).isNotEmpty();
      for (String chart : charts) {
        Document svg =
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(chart)));
        assertThat(svg.getElementsByTagName("text").getLength()).isGreaterThan(2);
        for (String number : all(Pattern.compile("\\b(?:c?x|c?y)[12]?=\"([^\"]*)\""), chart)) {
          assertThat(Double.parseDouble(number)).isBetween(0.0, 340.0);
        }
        assertThat(chart).doesNotContain("NaN").doesNotContain("Infinity");
      }
    }
  }

  @Test
  void longLabelsOfAnAxisHaveRoom() {
    double[] epochs = {1, 2};
    for (double[] values : new double[][] {{1.39, 1.3903}, {0.1, 0.9}, {-1234.5, -1234.0}}) {
      Axis y = Axis.linear(values[0], values[1]);
      String svg =
          LineChart.svg(
              "loss",
              List.of(new LineChart.Series("loss", epochs, values)),
              Axis.wholeBetween(1, 2),
              y);
      Matcher tick =
          Pattern.compile("class=\"tick\" x=\"(\\d+)\" [^>]*end\">([^<]+)<").matcher(svg);
      int ticks = 0;
      for (; tick.find(); ticks++) {
        double width = 0.63 * 12 * tick.group(2).length(); // DejaVu Sans, the widest of the fonts
        assertThat(Double.parseDouble(tick.group(1)))
            .as(tick.group(2))
            .isGreaterThanOrEqualTo(width);
      }
      assertThat(ticks).isEqualTo(y.ticks().length);
    }
  }
}
