package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class VectorsTest {
  @Test
  void intsComeBackAsTheyWentIn() {
    try (IntVector vector = IntVector.of(new int[] {1, -2, Integer.MAX_VALUE});
        IntVector zeros = IntVector.allocate(4)) {
      vector.set(0, 7);
      assertThat(vector.toArray()).isEqualTo(new int[] {7, -2, Integer.MAX_VALUE});
      assertThat(vector.get(1)).isEqualTo(-2);
      assertThat(vector.size()).isEqualTo(3);
      assertThat(zeros.toArray()).isEqualTo(new int[4]);
    }
  }

  @Test
  void longsComeBackAsTheyWentIn() {
    try (LongVector vector = LongVector.of(new long[] {1, -2, Long.MAX_VALUE});
        LongVector zeros = LongVector.allocate(4)) {
      vector.set(0, 7);
      assertThat(vector.toArray()).isEqualTo(new long[] {7, -2, Long.MAX_VALUE});
      assertThat(vector.get(1)).isEqualTo(-2);
      assertThat(vector.size()).isEqualTo(3);
      assertThat(zeros.toArray()).isEqualTo(new long[4]);
    }
  }

  @Test
  void emptyVectorsAreFine() {
    try (IntVector ints = IntVector.of(new int[0]);
        LongVector longs = LongVector.of(new long[0])) {
      assertThat(ints.toArray()).isEmpty();
      assertThat(longs.toArray()).isEmpty();
    }
  }

  @Test
  void placesOutsideAreErrors() {
    try (IntVector ints = IntVector.allocate(2);
        LongVector longs = LongVector.allocate(2)) {
      for (long index : new long[] {-1, 2, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> ints.get(index))
            .isInstanceOf(InvalidArgumentException.class)
            .hasMessageContaining(Long.toString(index));
        assertThatThrownBy(() -> ints.set(index, 0)).isInstanceOf(InvalidArgumentException.class);
        assertThatThrownBy(() -> longs.get(index)).isInstanceOf(InvalidArgumentException.class);
        assertThatThrownBy(() -> longs.set(index, 0)).isInstanceOf(InvalidArgumentException.class);
      }
    }
    assertThatThrownBy(() -> IntVector.allocate(-1)).isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> LongVector.allocate(-1)).isInstanceOf(InvalidArgumentException.class);
  }

  @Test
  void closeTwiceIsFineAndUseAfterCloseThrows() {
    IntVector ints = IntVector.of(new int[] {1});
    LongVector longs = LongVector.of(new long[] {1});
    for (int i = 0; i < 2; i++) {
      ints.close();
      longs.close();
    }
    assertThatThrownBy(() -> ints.get(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ints.set(0, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(ints::toArray).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(ints::pointer).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> longs.get(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> longs.set(0, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(longs::toArray).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(longs::pointer).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void thousandCyclesLeaveNoMemoryBehind() {
    long before = NativeLibraries.allocatedBytes();
    for (int i = 0; i < 1000; i++) {
      try (FloatMatrix matrix = FloatMatrix.allocate(17, 5);
          FloatMatrix range = matrix.rowRange(3, 4);
          IntVector ints = IntVector.allocate(i);
          LongVector longs = LongVector.allocate(33)) {
        range.set(0, 0, i);
        longs.set(32, ints.size());
        assertThat(NativeLibraries.allocatedBytes()).isGreaterThan(before);
      }
    }
    assertThat(NativeLibraries.allocatedBytes()).isEqualTo(before);
  }
}
