package org.dc4j.kernels;

/**
 * What the CUDA driver says about a device.
 *
 * @param ordinal i of "cuda:i"
 * @param name of the product
 * @param capability compute capability, such as "9.0"
 * @param driver newest CUDA that the driver runs, such as "13.0"
 * @param runtime CUDA that the library was built with
 * @param totalBytes memory
 * @param freeBytes memory not in use when the question was asked
 */
public record CudaDevice(
    int ordinal,
    String name,
    String capability,
    String driver,
    String runtime,
    long totalBytes,
    long freeBytes) {

  static CudaDevice of(int ordinal, org.dc4j.nativecore.CudaDevice found) {
    return new CudaDevice(
        ordinal,
        found.name().getString(),
        found.major() + "." + found.minor(),
        version(found.driver()),
        version(found.runtime()),
        found.total_bytes(),
        found.free_bytes());
  }

  /** 13020 is "13.2", as CUDA counts. */
  private static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }
}
