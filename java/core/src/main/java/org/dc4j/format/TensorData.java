package org.dc4j.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.dc4j.kernels.FloatMatrix;

/**
 * A dense tensor as bytes: what files hold and what crosses from one encoder to another.
 *
 * @param type element type
 * @param shape sizes, outermost first; empty for a scalar
 * @param data little-endian values in row-major order, exactly filling the shape, position 0
 */
public record TensorData(Type type, long[] shape, ByteBuffer data) {
  /** Element types, with safetensors' names. */
  public enum Type {
    F32(4),
    F64(8),
    I32(4),
    I64(8),
    U8(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    public int bytes() {
      return bytes;
    }
  }

  public TensorData {
    long expected = elements(shape) * type.bytes();
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "%d bytes for %s %s, expected %d"
              .formatted(data.remaining(), type, Arrays.toString(shape), expected));
    }
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  public static TensorData of(float[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new TensorData(Type.F32, shape, bytes);
  }

  public static TensorData of(int[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return new TensorData(Type.I32, shape, bytes);
  }

  public static TensorData of(long[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return new TensorData(Type.I64, shape, bytes);
  }

  public static TensorData of(double[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return new TensorData(Type.F64, shape, bytes);
  }

  /** A copy of a matrix in native memory, [rows x cols]. */
  public static TensorData of(FloatMatrix matrix) {
    return of(matrix.toArray(), matrix.rows(), matrix.cols());
  }

  /** A copy [rows x cols] in native memory of a tensor of two axes; the caller closes it. */
  public FloatMatrix matrix() {
    if (shape.length != 2) {
      throw new IllegalArgumentException(
          "tensor has the shape " + Arrays.toString(shape) + ", expected two axes");
    }
    return FloatMatrix.of(floats(), shape[0], shape[1]);
  }

  public float[] floats() {
    require(Type.F32);
    float[] values = new float[data.remaining() / 4];
    data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  public int[] ints() {
    require(Type.I32);
    int[] values = new int[data.remaining() / 4];
    data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(values);
    return values;
  }

  public long[] longs() {
    require(Type.I64);
    long[] values = new long[data.remaining() / 8];
    data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
    return values;
  }

  public double[] doubles() {
    require(Type.F64);
    double[] values = new double[data.remaining() / 8];
    data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
    return values;
  }

  /** Whether no value is NaN or infinite; whole numbers never are. */
  public boolean isFinite() {
    ByteBuffer values = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    boolean finite = true;
    for (int at = 0; at < values.limit() && type == Type.F32; at += Float.BYTES) {
      finite &= Float.isFinite(values.getFloat(at));
    }
    for (int at = 0; at < values.limit() && type == Type.F64; at += Double.BYTES) {
      finite &= Double.isFinite(values.getDouble(at));
    }
    return finite;
  }

  /** Number of elements. */
  public long elements() {
    return elements(shape);
  }

  private void require(Type wanted) {
    if (type != wanted) {
      throw new IllegalArgumentException("tensor is " + type + ", expected " + wanted);
    }
  }

  private static long elements(long[] shape) {
    long count = 1;
    for (long size : shape) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }
}
