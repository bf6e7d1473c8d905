package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.faiss.Faiss;
import org.dc4j.kernels.CudaDevice;
import org.dc4j.kernels.KernelException;
import org.dc4j.kernels.NativeMemoryException;
import org.junit.jupiter.api.Test;

class DoctorTest {
  @Test
  void jsonIsOneObjectWithWhatWasFound() throws Exception {
    Outcome outcome = CommandLineTest.run("doctor", "--json", "--threads=1");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out().strip().lines()).hasSize(1);
    JsonNode found = new ObjectMapper().readTree(outcome.out());
    assertThat(found.at("/dc4j/core").asText()).matches("[0-9]+\\.[0-9]+\\.[0-9]+");
    assertThat(found.at("/java/version").asText()).isEqualTo(System.getProperty("java.version"));
    assertThat(found.at("/cpu/bestIsa").asText()).isIn("generic", "avx2", "avx512", "vnni", "amx");
    assertThat(found.at("/device/usable").asBoolean()).isTrue();
    assertThat(found.at("/device/threads").asInt()).isEqualTo(1);
    assertThat(found.at("/memory/totalBytes").asLong()).isPositive();
    // Usable, or a reason; never neither.
    for (String part : new String[] {"/cuda", "/faiss"}) {
      assertThat(found.at(part + "/usable").asBoolean())
          .isEqualTo(found.at(part + "/reason").asText().isEmpty());
    }
    if (found.at("/cuda/usable").asBoolean()) {
      assertThat(found.at("/cuda/device").asText()).isNotEmpty();
      assertThat(found.at("/cuda/capability").asText()).matches("[0-9]+\\.[0-9]");
      assertThat(found.at("/cuda/driver").asText()).matches("[0-9]+\\.[0-9]+");
      assertThat(found.at("/cuda/totalBytes").asLong()).isPositive();
    }
    assertThat(found.at("/faiss/usable").asBoolean()).isEqualTo(Faiss.isAvailable());
    if (Faiss.isAvailable()) {
      assertThat(found.at("/faiss/version").asText()).matches("[0-9]+\\.[0-9]+\\.[0-9]+");
      String whyNoGpu = Faiss.whyNot("cuda");
      assertThat(found.at("/faiss/gpu").asText())
          .isEqualTo(whyNoGpu.isEmpty() ? "usable" : whyNoGpu)
          .matches(
              "usable|FAISS-GPU is absent: built without; .*-DDC4J_FAISS_GPU_SOURCE=.*"
                  + "|.*(CUDA|driver|device|libcublas).*");
    } else {
      assertThat(found.at("/faiss/reason").asText()).contains("native/faiss-debian.sh");
    }
    for (String library : new String[] {"javacpp", "openblas", "libtorch", "opencv"}) {
      assertThat(found.at("/libraries/" + library).asText()).matches("[0-9]+\\.[0-9.-]+");
    }
  }

  /** As where another process has a device alone, or its memory. */
  @Test
  void devicesThatDoNotAnswerAreToldWithTheReason() {
    CudaDevice second = new CudaDevice(1, "H", "9.0", "13.0", "13.0", 80, 40);
    Map<String, Object> one =
        Diagnosis.cuda(
            2,
            ordinal -> {
              if (ordinal == 1) {
                return second;
              }
              throw new KernelException("internal: CUDA: choosing the device: busy");
            });
    assertThat(one)
        .containsEntry("usable", true)
        .containsEntry("devices", 2)
        .containsEntry("problem", "internal: CUDA: choosing the device: busy")
        .containsEntry("driver", "13.0")
        .containsEntry("device1", "H")
        .doesNotContainKeys("device", "problem1");
    Map<String, Object> none =
        Diagnosis.cuda(
            1,
            ordinal -> {
              throw new NativeMemoryException("CUDA: out of memory in choosing the device");
            });
    assertThat(none)
        .containsEntry("usable", false)
        .containsEntry("reason", "device 0: CUDA: out of memory in choosing the device")
        .doesNotContainKeys("device", "driver");
  }

  @Test
  void textIsAnAlignedTable() {
    Outcome outcome = CommandLineTest.run("doctor");
    assertThat(outcome.exitCode()).isZero();
    int column =
        outcome.out().indexOf("yes")
            - outcome.out().lastIndexOf('\n', outcome.out().indexOf("yes"));
    assertThat(outcome.out().lines())
        .hasSizeGreaterThan(15)
        .allSatisfy(
            line -> {
              assertThat(line.substring(0, column - 1)).matches("[a-z0-9]+ [a-zA-Z0-9]+ +");
              assertThat(line.charAt(column - 1)).isNotEqualTo(' ');
            });
    assertThat(outcome.out()).containsPattern("(?m)^memory total +[0-9.]+ GiB$");
  }

  @Test
  void aDeviceThatCannotBeIsAUsageError() {
    for (String option : new String[] {"--device=xyz", "--device=cuda:x", "--threads=1025"}) {
      Outcome outcome = CommandLineTest.run("doctor", option);
      assertThat(outcome.exitCode()).as(option).isEqualTo(2);
      assertThat(outcome.err()).contains(option.split("=")[0] + " is ", "accepted: ");
    }
  }

  @Test
  void aNamedDeviceThatIsNotUsableIsAnErrorWithTheReason() throws Exception {
    Outcome outcome = CommandLineTest.run("doctor", "--json", "--device=cuda:99");
    JsonNode found = new ObjectMapper().readTree(outcome.out());
    assertThat(outcome.exitCode()).isEqualTo(4);
    assertThat(found.at("/device/usable").asBoolean(true)).isFalse();
    assertThat(found.at("/device/reason").asText()).contains("cuda");
  }
}
