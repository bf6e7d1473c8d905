package org.dc4j.encoder.torch;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dc4j.format.TensorData;

/** Copies between contiguous CPU tensors and {@link TensorData}; F32 and I64. */
final class TensorBytes {
  private TensorBytes() {}

  /** A copy of the tensor on the Java heap. */
  static TensorData copyOut(Tensor tensor) {
    ByteBuffer copy =
        ByteBuffer.allocate(Math.toIntExact(tensor.nbytes())).order(ByteOrder.LITTLE_ENDIAN);
    copy.put(memory(tensor)).flip();
    Reference.reachabilityFence(tensor); // the buffer does not refer to it
    return new TensorData(type(tensor), shape(tensor), copy);
  }

  /** Overwrites the tensor; {@link #check} first. */
  static void copyIn(TensorData source, Tensor tensor) {
    memory(tensor).put(source.data().duplicate());
    Reference.reachabilityFence(tensor); // the buffer does not refer to it
  }

  /** Throws IllegalArgumentException if {@code source} has another type or shape. */
  static void check(String name, TensorData source, Tensor tensor) {
    if (source.type() != type(tensor) || !Arrays.equals(source.shape(), shape(tensor))) {
      throw new IllegalArgumentException(
          "tensor '%s' is %s %s, expected %s %s"
              .formatted(
                  name,
                  source.type(),
                  Arrays.toString(source.shape()),
                  type(tensor),
                  Arrays.toString(shape(tensor))));
    }
  }

  static long[] shape(Tensor tensor) {
    LongArrayRef sizes = tensor.sizes();
    long[] shape = new long[Math.toIntExact(sizes.size())];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = sizes.get(i);
    }
    return shape;
  }

  private static TensorData.Type type(Tensor tensor) {
    // JavaCPP makes a new enum object per call; intern() gives the constant.
    ScalarType type = tensor.scalar_type().intern();
    if (type == ScalarType.Float) {
      return TensorData.Type.F32;
    }
    if (type == ScalarType.Long) {
      return TensorData.Type.I64;
    }
    throw new IllegalStateException("no tensor of this package is " + type);
  }

  private static ByteBuffer memory(Tensor tensor) {
    if (!tensor.is_contiguous()) {
      // data_ptr walks in storage order, which would silently permute the values.
      throw new IllegalStateException("tensor is not contiguous");
    }
    return new BytePointer(tensor.data_ptr()).capacity(tensor.nbytes()).asByteBuffer();
  }
}
