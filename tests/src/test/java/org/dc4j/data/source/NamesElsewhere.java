package org.dc4j.data.source;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.dc4j.data.ImageScan;
import org.dc4j.data.ScanReport;

/** Lists and scans what the system property "spec" names, for a JVM in another locale. */
final class NamesElsewhere {
  private NamesElsewhere() {}

  public static void main(String[] arguments) {
    DataSet set = DataSets.open(DataSpec.parse(System.getProperty("spec")));
    ScanReport report = ImageScan.scan(set.images(), 1, n -> {});
    for (int id = 0; id < set.images().size(); id++) {
      StringBuilder name = new StringBuilder();
      set.images().name(id).chars().forEach(c -> name.append(c < 0x80 ? (char) c : "<" + c + ">"));
      System.out.println("image " + name);
    }
    report.unreadable().forEach(bad -> System.out.println("unreadable " + bad.id()));
    System.out.println("locale writes e acute: " + canWrite());
  }

  private static boolean canWrite() {
    try {
      Path.of("\u00E9");
      return true;
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
