package org.dc4j.kernels;

import org.dc4j.nativecore.global.dc4j;

/** Which samples of a batch {@link LossKernels#memoryUpdate} takes in. */
public enum MemoryUpdate {
  /** Every sample in batch order, the memory row renormalised after each. */
  CM(dc4j.DC4J_MEMORY_CM),
  /** Per label the sample of smallest dot product with its memory row before the update. */
  CM_HARD(dc4j.DC4J_MEMORY_CM_HARD);

  final int code;

  MemoryUpdate(int code) {
    this.code = code;
  }
}
