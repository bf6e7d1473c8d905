package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.dc4j.nativecore.MatrixView;
import org.junit.jupiter.api.Test;

class FloatMatrixTest {
  private static final float[] SIX = {1, 2, 3, 4, 5, 6};

  @Test
  void newMatrixIsZero() {
    try (FloatMatrix matrix = FloatMatrix.allocate(3, 5)) {
      assertThat(matrix.toArray()).isEqualTo(new float[15]);
      assertThat(matrix.rows()).isEqualTo(3);
      assertThat(matrix.cols()).isEqualTo(5);
    }
  }

  @Test
  void rowsComeBackAsTheyWentIn() {
    try (FloatMatrix matrix = FloatMatrix.of(new float[][] {{1, 2, 3}, {4, 5, 6}})) {
      assertThat(matrix.toArray()).isEqualTo(SIX);
      assertThat(matrix.row(1)).isEqualTo(new float[] {4, 5, 6});
      assertThat(matrix.get(1, 2)).isEqualTo(6);
      matrix.set(0, 1, -2);
      matrix.setRow(1, new float[] {7, 8, 9});
      assertThat(matrix.toArray()).isEqualTo(new float[] {1, -2, 3, 7, 8, 9});
    }
  }

  @Test
  void emptyMatricesAreFine() {
    for (long[] shape : new long[][] {{0, 0}, {0, 4}, {4, 0}}) {
      try (FloatMatrix matrix = FloatMatrix.allocate(shape[0], shape[1])) {
        assertThat(matrix.toArray()).isEmpty();
      }
    }
    try (FloatMatrix matrix = FloatMatrix.of(new float[0][])) {
      assertThat(matrix.rows()).isZero();
    }
  }

  @Test
  void impossibleShapesAreErrors() {
    assertThatThrownBy(() -> FloatMatrix.allocate(-1, 2))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("[-1 x 2]");
    assertThatThrownBy(() -> FloatMatrix.allocate(Long.MAX_VALUE / 2, 3))
        .isInstanceOf(NativeMemoryException.class);
    assertThatThrownBy(() -> FloatMatrix.allocate(1L << 58, 1))
        .isInstanceOf(NativeMemoryException.class);
    assertThatThrownBy(() -> FloatMatrix.of(SIX, 2, 2))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("6 values");
  }

  @Test
  void raggedRowsAreErrorsAndLeakNothing() {
    long before = NativeLibraries.allocatedBytes();
    assertThatThrownBy(() -> FloatMatrix.of(new float[][] {{1, 2}, {3}}))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("row 1");
    assertThat(NativeLibraries.allocatedBytes()).isEqualTo(before);
  }

  @Test
  void placesOutsideAreErrors() {
    try (FloatMatrix matrix = FloatMatrix.of(SIX, 2, 3)) {
      long[][] outside = {{-1, 0}, {2, 0}, {0, -1}, {0, 3}, {Long.MAX_VALUE, 0}};
      for (long[] place : outside) {
        assertThatThrownBy(() -> matrix.get(place[0], place[1]))
            .isInstanceOf(InvalidArgumentException.class)
            .hasMessageContaining("[2 x 3]");
        assertThatThrownBy(() -> matrix.set(place[0], place[1], 0))
            .isInstanceOf(InvalidArgumentException.class);
      }
      assertThatThrownBy(() -> matrix.row(2)).isInstanceOf(InvalidArgumentException.class);
      assertThatThrownBy(() -> matrix.setRow(0, new float[2]))
          .isInstanceOf(InvalidArgumentException.class);
      for (long[] range : new long[][] {{-1, 1}, {0, 3}, {1, 2}, {0, -1}, {3, 0}}) {
        assertThatThrownBy(() -> matrix.rowRange(range[0], range[1]))
            .isInstanceOf(InvalidArgumentException.class);
        assertThatThrownBy(() -> matrix.buffer(range[0], range[1]))
            .isInstanceOf(InvalidArgumentException.class);
      }
    }
  }

  @Test
  void hugeRangesDoNotOverflowTheCheck() {
    try (FloatMatrix matrix = FloatMatrix.of(SIX, 2, 3)) {
      assertThatThrownBy(() -> matrix.rowRange(1, Long.MAX_VALUE))
          .isInstanceOf(InvalidArgumentException.class);
      assertThatThrownBy(() -> matrix.buffer(1, Long.MAX_VALUE))
          .isInstanceOf(InvalidArgumentException.class);
      assertThatThrownBy(() -> matrix.setRows(Long.MAX_VALUE, matrix))
          .isInstanceOf(InvalidArgumentException.class);
    }
  }

  @Test
  void rowRangeSharesTheMemory() {
    try (FloatMatrix matrix = FloatMatrix.of(SIX, 3, 2);
        FloatMatrix range = matrix.rowRange(1, 2);
        FloatMatrix inner = range.rowRange(1, 1)) {
      assertThat(range.toArray()).isEqualTo(new float[] {3, 4, 5, 6});
      assertThat(inner.toArray()).isEqualTo(new float[] {5, 6});
      assertThat(range.row(1)).isEqualTo(new float[] {5, 6});
      range.set(0, 0, 30);
      inner.setRow(0, new float[] {50, 60});
      assertThat(matrix.toArray()).isEqualTo(new float[] {1, 2, 30, 4, 50, 60});
      try (FloatMatrix none = matrix.rowRange(3, 0)) {
        assertThat(none.toArray()).isEmpty();
      }
    }
  }

  @Test
  void kernelsSeeTheRowsOfARange() {
    try (DeviceContext context = DeviceContext.open("reference", 1);
        FloatMatrix matrix = FloatMatrix.of(new float[] {3, 4, 6, 8, 5, 12}, 3, 2);
        FloatMatrix last = matrix.rowRange(2, 1)) {
      context.kernels().normalizeRows(last, last);
      assertThat(matrix.toArray()).isEqualTo(new float[] {3, 4, 6, 8, 5f / 13, 12f / 13});
    }
  }

  @Test
  void bufferSharesTheMemory() {
    try (FloatMatrix matrix = FloatMatrix.of(SIX, 3, 2)) {
      FloatBuffer all = matrix.buffer(0, 3);
      FloatBuffer tail = matrix.buffer(1, 2);
      assertThat(all.remaining()).isEqualTo(6);
      assertThat(tail.remaining()).isEqualTo(4);
      assertThat(tail.get(0)).isEqualTo(3);
      assertThat(tail.get(3)).isEqualTo(6);
      tail.put(3, 66);
      assertThat(matrix.get(2, 1)).isEqualTo(66);
      assertThat(matrix.buffer(3, 0).remaining()).isZero();
      try (FloatMatrix range = matrix.rowRange(1, 2)) {
        assertThat(range.buffer(1, 1).get(0)).isEqualTo(5);
      }
    }
  }

  @Test
  void setRowsCopiesAMatrixIn() {
    try (FloatMatrix matrix = FloatMatrix.allocate(3, 2);
        FloatMatrix two = FloatMatrix.of(new float[] {1, 2, 3, 4}, 2, 2);
        FloatMatrix wide = FloatMatrix.allocate(1, 3)) {
      matrix.setRows(1, two);
      assertThat(matrix.toArray()).isEqualTo(new float[] {0, 0, 1, 2, 3, 4});
      assertThatThrownBy(() -> matrix.setRows(2, two)).isInstanceOf(InvalidArgumentException.class);
      assertThatThrownBy(() -> matrix.setRows(-1, two))
          .isInstanceOf(InvalidArgumentException.class);
      assertThatThrownBy(() -> matrix.setRows(0, wide))
          .isInstanceOf(InvalidArgumentException.class);
    }
  }

  @Test
  void foreignMemoryIsViewedAndStaysWithItsOwner() {
    try (FloatPointer foreign = new FloatPointer(SIX)) {
      FloatMatrix view = FloatMatrix.view(foreign, 2, 3, foreign);
      view.set(1, 0, 44);
      assertThat(foreign.get(3)).isEqualTo(44);
      view.close();
      assertThat(foreign.get(0)).isEqualTo(1);
      assertThatThrownBy(view::toArray).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void rangesEndWithTheViewTheyAreOf() {
    try (FloatPointer foreign = new FloatPointer(SIX)) {
      for (boolean device : new boolean[] {false, true}) {
        FloatMatrix view =
            device
                ? FloatMatrix.deviceView(foreign, 3, 2, foreign)
                : FloatMatrix.view(foreign, 3, 2, foreign);
        FloatMatrix range = view.rowRange(1, 2);
        FloatMatrix inner = range.rowRange(1, 1);
        range.close();
        assertThat(inner.nativeView().rows()).isEqualTo(1);
        view.close();
        assertThatThrownBy(inner::nativeView)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("after close");
        assertThatThrownBy(() -> inner.rowRange(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(inner::pointer).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  /** A scope of the caller's neither frees a matrix nor keeps one that was closed. */
  @Test
  void scopesOfTheCallerHaveNoPartInIt() {
    FloatMatrix matrix;
    try (PointerScope scope = new PointerScope()) {
      matrix = FloatMatrix.of(SIX, 2, 3);
      MatrixView view = matrix.nativeView();
      assertThat(view.referenceCount()).isEqualTo(1);
    }
    assertThat(matrix.nativeView().rows()).isEqualTo(2);
    matrix.close();
  }

  @Test
  void foreignPointersKeepTheirPosition() {
    try (FloatPointer foreign = new FloatPointer(SIX);
        FloatMatrix tail = FloatMatrix.view(foreign.position(2), 2, 2, foreign);
        FloatMatrix last = tail.rowRange(1, 1);
        FloatMatrix copy = FloatMatrix.allocate(3, 2)) {
      assertThat(tail.toArray()).isEqualTo(new float[] {3, 4, 5, 6});
      assertThat(last.row(0)).isEqualTo(new float[] {5, 6});
      copy.setRows(1, tail);
      copy.setRows(0, last);
      assertThat(copy.toArray()).isEqualTo(new float[] {5, 6, 3, 4, 5, 6});
      assertThat(tail.buffer(1, 1).get(1)).isEqualTo(6);
      foreign.position(0);
    }
  }

  @Test
  void closeTwiceIsFineAndUseAfterCloseThrows() {
    FloatMatrix matrix = FloatMatrix.of(SIX, 2, 3);
    FloatMatrix range = matrix.rowRange(0, 1);
    matrix.close();
    matrix.close();
    for (FloatMatrix closed : new FloatMatrix[] {matrix, range}) {
      assertThatThrownBy(() -> closed.get(0, 0)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> closed.set(0, 0, 1)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> closed.row(0)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(closed::toArray).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(closed::pointer).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> closed.rowRange(0, 1)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> closed.buffer(0, 1)).isInstanceOf(IllegalStateException.class);
    }
    range.close();
    range.close();
  }

  @Test
  void setRowsOfOrIntoAClosedMatrixThrows() {
    FloatMatrix closed = FloatMatrix.of(SIX, 2, 3);
    closed.close();
    try (FloatMatrix open = FloatMatrix.allocate(2, 3)) {
      assertThatThrownBy(() -> open.setRows(0, closed)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> closed.setRows(0, open)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void closingARangeLeavesTheOwnerOpen() {
    try (FloatMatrix matrix = FloatMatrix.of(SIX, 2, 3)) {
      matrix.rowRange(1, 1).close();
      assertThat(matrix.get(1, 0)).isEqualTo(4);
    }
  }
}
