package org.dc4j.train;

import java.nio.file.Path;

/** Opens the run folder it is given, says so and keeps it until it is killed. */
final class RunFolderHolder {
  private RunFolderHolder() {}

  public static void main(String[] arguments) throws InterruptedException {
    RunFolder.open(Path.of(arguments[0]), false);
    System.out.println("open");
    Thread.sleep(60_000);
  }
}
