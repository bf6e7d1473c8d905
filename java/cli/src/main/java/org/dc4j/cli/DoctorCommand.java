package org.dc4j.cli;

import java.util.Map;
import java.util.Set;
import org.dc4j.cli.terminal.Session;

/** dc4j doctor: what this machine offers, and why the rest is not usable. */
@picocli.CommandLine.Command(
    name = "doctor",
    description = "Platform, instruction set, libraries and devices: what is usable, and why not.")
final class DoctorCommand extends Command {
  DoctorCommand(Session session) {
    super(session);
  }

  @Override
  Set<String> unused() {
    return Set.of("--seed");
  }

  @Override
  String whyUnused() {
    return "doctor draws nothing at random";
  }

  @Override
  Result execute() throws Exception {
    if (!common.deviceName().matches("auto|cpu|reference|cuda(:[0-9]+)?")) {
      throw new IllegalArgumentException(
          "--device is '%s'; accepted: auto, cpu, cuda[:i]".formatted(common.deviceName()));
    }
    Diagnosis diagnosis = Diagnosis.take(common.deviceName(), common.threads);
    int exitCode = diagnosis.deviceUsable() ? ExitCodes.DONE : ExitCodes.DEVICE_MISSING;
    Map<String, Map<String, Object>> sections = diagnosis.sections();
    return new Result(exitCode, sections, diagnosis.table());
  }
}
