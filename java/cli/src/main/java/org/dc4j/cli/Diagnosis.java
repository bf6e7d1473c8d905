package org.dc4j.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.dc4j.faiss.Faiss;
import org.dc4j.kernels.CudaDevice;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.NativeLibraries;

/**
 * What a machine offers, as sections of named values.
 *
 * @param sections section, name, value: text, number, boolean, or null where it is not known
 * @param deviceUsable whether the device asked for can compute
 */
record Diagnosis(Map<String, Map<String, Object>> sections, boolean deviceUsable) {

  /** Looks around; never fails on a missing native part, but tells. */
  static Diagnosis take(String device, Integer threads) throws IOException {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    sections.put("dc4j", dc4j());
    sections.put("platform", platform());
    sections.put("java", java());
    sections.put("cpu", cpu());
    sections.put("memory", memory());
    Map<String, Object> context = context(device, threads == null ? 0 : threads);
    sections.put("device", context);
    sections.put("cuda", cuda());
    sections.put("faiss", faiss());
    sections.put("libraries", libraries());
    return new Diagnosis(sections, (Boolean) context.get("usable"));
  }

  /** The sections as an aligned table. */
  String table() {
    int width =
        sections.entrySet().stream()
            .flatMap(section -> section.getValue().keySet().stream().map(section.getKey()::concat))
            .mapToInt(String::length)
            .max()
            .orElse(0);
    StringBuilder table = new StringBuilder();
    sections.forEach(
        (section, values) ->
            values.forEach(
                (name, value) -> {
                  String label = section + " " + name.replaceFirst("Bytes$", "");
                  table.append(label).append(" ".repeat(width + 3 - label.length()));
                  table.append(text(name, value)).append(System.lineSeparator());
                }));
    return table.toString();
  }

  private static String text(String name, Object value) {
    if (value == null || value.equals("")) {
      return "-";
    }
    if (name.endsWith("Bytes")) {
      return String.format(Locale.ROOT, "%.1f GiB", ((Number) value).doubleValue() / (1L << 30));
    }
    return value instanceof Boolean yes ? (yes ? "yes" : "no") : value.toString();
  }

  private static Map<String, Object> dc4j() throws IOException {
    Attempt core = attempt(NativeLibraries::version);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("version", Dc4j.Version.number());
    values.put("core", core.value());
    if (core.failure() != null) {
      values.put("problem", core.failure());
    }
    return values;
  }

  private static Map<String, Object> platform() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("os", System.getProperty("os.name"));
    values.put("release", System.getProperty("os.version"));
    values.put("arch", System.getProperty("os.arch"));
    return values;
  }

  private static Map<String, Object> java() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("version", System.getProperty("java.version"));
    values.put("vm", System.getProperty("java.vm.name"));
    values.put("vendor", System.getProperty("java.vendor"));
    values.put("maxHeapBytes", Runtime.getRuntime().maxMemory());
    return values;
  }

  private static Map<String, Object> cpu() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("model", procValue("/proc/cpuinfo", "model name"));
    values.put("cores", Runtime.getRuntime().availableProcessors());
    values.put("bestIsa", attempt(NativeLibraries::bestIsa).value());
    // The cap that the native core honours when a device is opened.
    values.put("maxIsa", System.getenv("DC4J_MAX_ISA"));
    return values;
  }

  private static Map<String, Object> memory() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(
        "totalBytes",
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
    String available = procValue("/proc/meminfo", "MemAvailable");
    values.put(
        "availableBytes",
        available == null ? null : Long.parseLong(available.replaceAll("[^0-9]", "")) << 10);
    return values;
  }

  private static Map<String, Object> context(String device, int threads) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("asked", device);
    try (DeviceContext context = DeviceContext.open(device, threads)) {
      values.put("usable", true);
      values.put("backend", context.backend());
      values.put("isa", context.isa());
      values.put("fast", context.fastProducts());
      values.put("threads", context.threads());
    } catch (LinkageError | RuntimeException e) {
      values.put("usable", false);
      values.put("reason", ExitCodes.message(e));
    }
    return values;
  }

  private static Map<String, Object> usable(Attempt status) {
    String reason = status.failure() == null ? status.value() : status.failure();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("usable", reason.isEmpty());
    values.put("reason", reason);
    return values;
  }

  private static Map<String, Object> cuda() {
    Map<String, Object> values = usable(attempt(NativeLibraries::cudaStatus));
    return values.get("usable").equals(true)
        ? cuda(NativeLibraries.cudaDeviceCount(), NativeLibraries::cudaDevice)
        : values;
  }

  /**
   * What each device says of itself, or why it does not: the driver counts devices too that another
   * process has alone, or whose memory is gone. Usable if one of them answers.
   */
  static Map<String, Object> cuda(int count, IntFunction<CudaDevice> ask) {
    Map<String, Object> devices = new LinkedHashMap<>();
    List<String> failures = new ArrayList<>();
    for (int ordinal = 0; ordinal < count; ordinal++) {
      String suffix = ordinal == 0 ? "" : Integer.toString(ordinal);
      try {
        CudaDevice device = ask.apply(ordinal);
        devices.putIfAbsent("driver", device.driver());
        devices.putIfAbsent("runtime", device.runtime());
        devices.put("device" + suffix, device.name());
        devices.put("capability" + suffix, device.capability());
        devices.put("total" + suffix + "Bytes", device.totalBytes());
        devices.put("free" + suffix + "Bytes", device.freeBytes());
      } catch (RuntimeException e) {
        failures.add("device %d: %s".formatted(ordinal, ExitCodes.message(e)));
        devices.put("problem" + suffix, ExitCodes.message(e));
      }
    }
    boolean answered = failures.size() < count;
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("usable", answered);
    values.put("reason", answered ? "" : String.join("; ", failures));
    values.put("devices", count);
    values.putAll(devices);
    return values;
  }

  private static Map<String, Object> faiss() {
    Map<String, Object> values = usable(attempt(Faiss::whyNot));
    if (values.get("usable").equals(true)) {
      values.put("version", Faiss.version());
      String whyNoGpu = Faiss.whyNot("cuda");
      values.put("gpu", whyNoGpu.isEmpty() ? "usable" : whyNoGpu);
    }
    return values;
  }

  private static Map<String, Object> libraries() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("javacpp", library("javacpp", "jnijavacpp"));
    values.put("openblas", library("openblas", "jniopenblas_nolapack"));
    values.put("libtorch", library("pytorch", "jnitorch"));
    values.put("opencv", library("opencv", "jniopencv_imgcodecs"));
    return values;
  }

  /** Version of a library on the class path, and whether its native part for this machine is. */
  private static String library(String name, String nativeName) {
    ClassLoader loader = Diagnosis.class.getClassLoader();
    String descriptor = "META-INF/maven/org.bytedeco/" + name + "/pom.properties";
    Properties properties = new Properties();
    try (InputStream in = loader.getResourceAsStream(descriptor)) {
      if (in == null) {
        return "not on the class path";
      }
      properties.load(in);
    } catch (IOException e) {
      return "unreadable: " + e.getMessage();
    }
    String version = properties.getProperty("version");
    String path = "org/bytedeco/%s/%s/lib%s.so".formatted(name, nativePlatform(), nativeName);
    return loader.getResource(path) != null
        ? version
        : version + ", without natives for " + nativePlatform();
  }

  /** This machine in the words of JavaCPP's jars. */
  private static String nativePlatform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).split(" ")[0];
    String arch = System.getProperty("os.arch");
    return os + "-" + (arch.equals("amd64") ? "x86_64" : arch);
  }

  private static String procValue(String file, String key) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** A native call's answer, or why there is none. */
  private record Attempt(String value, String failure) {}

  private static Attempt attempt(Supplier<String> call) {
    try {
      return new Attempt(call.get(), null);
    } catch (LinkageError | RuntimeException e) {
      return new Attempt(null, ExitCodes.message(e));
    }
  }
}
