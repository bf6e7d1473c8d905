package org.dc4j.kernels;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.dc4j.nativecore.MatrixView;

/**
 * What native code is handed instead of bare addresses: each refers to the owner of its memory. The
 * arguments of a native call are reachable until it returns, so the garbage collector cannot free
 * the memory of an owner that was forgotten while a kernel still reads it. The same holds for
 * {@code getPointer(i)} and the buffers of such a pointer; not for copies into other pointer types.
 */
final class OwnedPointers {
  private OwnedPointers() {}

  /** Floats of an owner. */
  static final class Floats extends FloatPointer {
    private final Object owner;

    Floats(Pointer start, Object owner) {
      super(start);
      this.owner = owner;
    }

    @Override
    public FloatPointer getPointer(long index) {
      return new Floats(this, owner).offsetAddress(index);
    }

    @Override
    public ByteBuffer asByteBuffer() {
      return NativeArray.keepWith(super.asByteBuffer(), owner);
    }
  }

  /** Ints of an owner. */
  static final class Ints extends IntPointer {
    private final Object owner;

    Ints(Pointer start, Object owner) {
      super(start);
      this.owner = owner;
    }

    @Override
    public IntPointer getPointer(long index) {
      return new Ints(this, owner).offsetAddress(index);
    }

    @Override
    public ByteBuffer asByteBuffer() {
      return NativeArray.keepWith(super.asByteBuffer(), owner);
    }
  }

  /** Longs of an owner. */
  static final class Longs extends LongPointer {
    private final Object owner;

    Longs(Pointer start, Object owner) {
      super(start);
      this.owner = owner;
    }

    @Override
    public LongPointer getPointer(long index) {
      return new Longs(this, owner).offsetAddress(index);
    }

    @Override
    public ByteBuffer asByteBuffer() {
      return NativeArray.keepWith(super.asByteBuffer(), owner);
    }
  }

  /** The description of a matrix of an owner; whoever makes it closes it. */
  static final class View extends MatrixView {
    private final Object owner; // read by the garbage collector alone

    View(Object owner) {
      this.owner = owner;
    }
  }
}
