package org.dc4j.bench;

import org.dc4j.kernels.DeviceContext;

/**
 * The device that kernels are timed on: the CPU, or what {@code -jvmArgsAppend
 * -Ddc4j.bench.device=cuda} names. Matrices stay in host memory, so on a GPU copies are part of the
 * time.
 */
final class BenchDevice {
  private BenchDevice() {}

  static DeviceContext open(int threads) {
    return DeviceContext.open(System.getProperty("dc4j.bench.device", "cpu"), threads);
  }
}
