package org.dc4j.faiss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.dc4j.format.FormatException;
import org.dc4j.kernels.DeviceContext;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.LongVector;
import org.dc4j.kernels.NotFiniteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** FAISS's indexes against dc4j's exact search. */
@NeedsFaiss
class FaissIndexTest {
  private static final int ROWS = 3000;
  private static final int DIMS = 32;
  private static final int QUERIES = 100;
  private static final int M = 10;

  @TempDir Path folder;

  private static FloatMatrix rows(long seed) {
    return FaissFixture.blobs(ROWS, DIMS, 40, 0.4, seed);
  }

  private static FaissIndex filled(String description, FaissMetric metric, FloatMatrix x) {
    FaissIndex index = FaissIndex.create(x.cols(), description, metric);
    try {
      index.train(x, 2);
      index.add(x, 2);
      return index;
    } catch (RuntimeException e) {
      index.close();
      throw e;
    }
  }

  private static long[] exact(FloatMatrix queries, FloatMatrix x) {
    try (DeviceContext context = DeviceContext.open("cpu", 2);
        LongVector ids = LongVector.allocate(queries.rows() * M)) {
      context.kernels().nearest(queries, x, M, null, ids, null);
      return ids.toArray();
    }
  }

  /** Share of the exact neighbours that were found. */
  private static double recall(FaissIndex.Result found, long[] exact) {
    long[] ids = found.ids().toArray();
    int hits = 0;
    for (int i = 0; i < exact.length; i++) {
      int from = i / M * M;
      long wanted = exact[i];
      hits += Arrays.stream(ids, from, from + M).anyMatch(id -> id == wanted) ? 1 : 0;
    }
    return hits / (double) exact.length;
  }

  // Lowest recall accepted; FAISS 1.7.3 reached 1, 0.999, 0.983, 0.864, 0.813, 1, 1, 0.987, 0.877,
  // 1.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Flat | 0.999",
        "SQfp16 | 0.99",
        "SQ8 | 0.95",
        "PQ16 | 0.7",
        "PQ16x7 | 0.6",
        "HNSW32 | 0.95",
        "IVF20,Flat | 0.99",
        "IVF20,SQ8 | 0.95",
        "IVF20,PQ16 | 0.7",
        "PCAR32,Flat | 0.95"
      })
  void findsWhatTheExactSearchFinds(String description, double least) {
    try (FloatMatrix x = rows(1);
        FloatMatrix queries = x.rowRange(7, QUERIES);
        FaissIndex index = filled(description, FaissMetric.L2, x)) {
      if (description.startsWith("IVF")) {
        index.setNprobe(20);
      }
      if (description.startsWith("HNSW")) {
        index.setEfSearch(64);
      }
      assertThat(index.size()).isEqualTo(ROWS);
      assertThat(index.dims()).isEqualTo(DIMS);
      assertThat(index.metric()).isEqualTo(FaissMetric.L2);
      try (FaissIndex.Result found = index.search(queries, M, 2)) {
        assertThat(recall(found, exact(queries, x))).as(description).isGreaterThanOrEqualTo(least);
      }
    }
  }

  @Test
  void flatAgreesWithTheExactSearchButForTiesOfFp32() {
    try (FloatMatrix x = rows(2);
        FloatMatrix queries = FaissFixture.blobs(QUERIES, DIMS, 40, 0.4, 3);
        FaissIndex index = filled("Flat", FaissMetric.L2, x);
        DeviceContext context = DeviceContext.open("cpu", 2);
        LongVector ids = LongVector.allocate((long) QUERIES * M);
        FloatMatrix distances = FloatMatrix.allocate(QUERIES, M);
        FaissIndex.Result found = index.search(queries, M, 2)) {
      context.kernels().nearest(queries, x, M, null, ids, distances);
      for (int i = 0; i < QUERIES; i++) {
        for (int j = 0; j < M; j++) {
          float exact = distances.get(i, j);
          assertThat(found.distances().get(i, j)).isBetween(exact - 1e-4f, exact + 1e-4f);
          long id = found.ids().get((long) i * M + j);
          if (id != ids.get((long) i * M + j)) {
            // Another row at this place may only be one that fp32 cannot tell from the right one.
            assertThat(squaredDistance(queries.row(i), x.row(id)))
                .isBetween(exact - 1e-4, exact + 1e-4);
          }
        }
      }
    }
  }

  private static double squaredDistance(float[] a, float[] b) {
    double sum = 0;
    for (int t = 0; t < a.length; t++) {
      sum += ((double) a[t] - b[t]) * ((double) a[t] - b[t]);
    }
    return sum;
  }

  @Test
  void innerProductTakesTheLargest() {
    try (FloatMatrix x = FloatMatrix.of(new float[][] {{1, 0}, {3, 0}, {0, 2}, {-5, 1}});
        FloatMatrix query = FloatMatrix.of(new float[][] {{1, 1}});
        FaissIndex index = filled("Flat", FaissMetric.INNER_PRODUCT, x);
        FaissIndex.Result found = index.search(query, 6, 1)) {
      assertThat(index.metric()).isEqualTo(FaissMetric.INNER_PRODUCT);
      assertThat(found.ids().toArray()).containsExactly(1, 2, 0, 3, -1, -1);
      float none = Float.NEGATIVE_INFINITY;
      assertThat(found.distances().row(0)).containsExactly(3, 2, 1, -4, none, none);
      assertThat(found.neighbours()).isEqualTo(6);
    }
  }

  @Test
  void moreListsFindMore() {
    try (FloatMatrix x = rows(4);
        FloatMatrix queries = FaissFixture.blobs(QUERIES, DIMS, 40, 0.8, 5);
        FaissIndex index = filled("IVF50,Flat", FaissMetric.L2, x)) {
      long[] exact = exact(queries, x);
      double before = 0;
      for (int lists : new int[] {1, 5, 50}) {
        index.setNprobe(lists);
        try (FaissIndex.Result found = index.search(queries, M, 1)) {
          assertThat(recall(found, exact)).isGreaterThan(before);
          before = recall(found, exact);
        }
      }
      assertThat(before).isGreaterThan(0.999);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Flat", "SQ8", "PQ8", "HNSW16", "IVF10,Flat", "IVF10,PQ8", "PCA8,Flat"})
  void savedAndLoadedAnswersTheSame(String description) {
    Path file = folder.resolve("index \u00e4.faiss");
    try (FloatMatrix x = rows(6);
        FloatMatrix queries = x.rowRange(0, QUERIES);
        FaissIndex index = filled(description, FaissMetric.L2, x)) {
      index.save(file);
      try (FaissIndex loaded = FaissIndex.load(file);
          FaissIndex.Result first = index.search(queries, M, 1);
          FaissIndex.Result second = loaded.search(queries, M, 1)) {
        assertThat(loaded.size()).isEqualTo(ROWS);
        assertThat(loaded.isTrained()).isTrue();
        assertThat(second.ids().toArray()).isEqualTo(first.ids().toArray());
        assertThat(second.distances().toArray()).isEqualTo(first.distances().toArray());
      }
    }
    assertThat(folder).isDirectoryContaining(path -> path.equals(file));
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void aDamagedFileIsAnErrorAndNoCrash() throws IOException {
    Path file = folder.resolve("index.faiss");
    try (FloatMatrix x = FaissFixture.blobs(200, 8, 5, 0.5, 7);
        FaissIndex index = filled("HNSW8", FaissMetric.L2, x)) {
      index.save(file);
    }
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at += 37) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 << at % 8);
      Files.write(file, damaged);
      refusesToLoad(file, "");
    }
    for (int length = 0; length < whole.length; length += 1 + length / 3) {
      Files.write(file, Arrays.copyOf(whole, length));
      refusesToLoad(file, "does not end as an index saved by dc4j ends");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length - 32)); // as FAISS itself would write it
    refusesToLoad(file, "another program wrote it");
    Files.delete(file);
    refusesToLoad(file, "No such file");
    refusesToLoad(folder, "not a regular file");
  }

  private static void refusesToLoad(Path file, String words) {
    assertThatThrownBy(() -> FaissIndex.load(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(words);
  }

  @Test
  void aFailedSaveLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("missing").resolve("index.faiss");
    try (FloatMatrix x = FloatMatrix.of(new float[][] {{1, 2}});
        FaissIndex index = filled("Flat", FaissMetric.L2, x)) {
      assertThatThrownBy(() -> index.save(file))
          .isInstanceOf(FormatException.class)
          .hasMessage(file + ": cannot write: No such file or directory");
      Path there = Files.createDirectories(folder.resolve("folder").resolve("full")).getParent();
      assertThatThrownBy(() -> index.save(there)).isInstanceOf(FormatException.class);
      assertThat(there.resolve("full")).isDirectory();
      assertThat(folder.toFile().list()).hasSize(1);
    }
  }

  @Test
  void saysWhatItAccepts() {
    for (String description : new String[] {"", "PQ5", "IVF0,Flat", "IVF9", "nonsense", "\u00e4"}) {
      refuses("accepted: ", () -> FaissIndex.create(32, description, FaissMetric.L2));
    }
    refuses("dims is 0; accepted: 1..", () -> FaissIndex.create(0, "Flat", FaissMetric.L2));
    try (FloatMatrix x = rows(8);
        FloatMatrix few = x.rowRange(0, 5);
        FloatMatrix narrow = FloatMatrix.allocate(10, 3);
        FaissIndex index = FaissIndex.create(DIMS, "IVF10,PQ8", FaissMetric.L2)) {
      assertThat(index.isTrained()).isFalse();
      refuses("not trained", () -> index.add(x, 1));
      refuses("not trained", () -> index.search(few, 1, 1));
      refuses("FAISS: Number of training points (5)", () -> index.train(few, 1));
      refuses("dims is 3; accepted: 32", () -> index.train(narrow, 1));
      refuses("threads is 1025; accepted: 0..1024", () -> index.train(x, 1025));
      index.train(x, 0);
      index.add(x, 0);
      refuses("holds 3000 vectors", () -> index.train(x, 1));
      refuses("neighbours is 0; accepted: >= 1", () -> index.search(few, 0, 1));
      refuses("nprobe is 11; accepted: 1..10", () -> index.setNprobe(11));
      refuses("no HNSW graph", () -> index.setEfSearch(10));
      x.set(3, 4, Float.NaN);
      assertThatThrownBy(() -> index.add(x, 1))
          .isInstanceOf(NotFiniteException.class)
          .hasMessageContaining("row 3");
      x.set(3, 4, 1e30f);
      refuses("row 3 of x has norm", () -> index.add(x, 1));
    }
  }

  private static void refuses(String words, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining(words);
  }

  @Test
  void closeTwiceIsFineAndUseAfterCloseIsNot() {
    try (FloatMatrix x = FloatMatrix.of(new float[][] {{1, 2}})) {
      FaissIndex index = filled("Flat", FaissMetric.L2, x);
      index.close();
      index.close();
      for (Runnable call :
          new Runnable[] {
            index::size,
            index::dims,
            index::isTrained,
            index::metric,
            () -> index.add(x, 1),
            () -> index.train(x, 1),
            () -> index.search(x, 1, 1),
            () -> index.setNprobe(1),
            () -> index.save(folder.resolve("closed"))
          }) {
        assertThatThrownBy(call::run)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("after close");
      }
    }
  }

  @Test
  void threadsShareAnIndex() {
    try (FloatMatrix x = rows(9);
        FloatMatrix queries = x.rowRange(0, QUERIES);
        FaissIndex index = filled("IVF10,Flat", FaissMetric.L2, x)) {
      long[] alone;
      try (FaissIndex.Result found = index.search(queries, M, 1)) {
        alone = found.ids().toArray();
      }
      CompletableFuture<?>[] searches = new CompletableFuture<?>[8];
      for (int i = 0; i < searches.length; i++) {
        int threads = 1 + i % 3;
        searches[i] =
            CompletableFuture.runAsync(
                () -> {
                  for (int turn = 0; turn < 10; turn++) {
                    try (FaissIndex.Result found = index.search(queries, M, threads)) {
                      assertThat(found.ids().toArray()).isEqualTo(alone);
                    }
                  }
                });
      }
      CompletableFuture.allOf(searches).join();
    }
  }
}
