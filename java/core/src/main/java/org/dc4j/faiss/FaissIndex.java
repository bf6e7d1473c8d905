package org.dc4j.faiss;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.dc4j.format.FormatException;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.InvalidArgumentException;
import org.dc4j.kernels.LongVector;
import org.dc4j.nativecore.faiss.FaissIndexHandle;
import org.dc4j.nativecore.faiss.global.dc4j_faiss;

/**
 * Vectors of one width that FAISS searches, exactly or approximately. Ids count from 0 in the order
 * of {@link #add}.
 *
 * <p>An index is described by a factory string of FAISS. Taken are those whose numbers can be
 * checked first, since FAISS itself does not:
 *
 * <ul>
 *   <li>{@code Flat}: exact
 *   <li>{@code SQ8}, {@code SQ6}, {@code SQ4}, {@code SQfp16}: every value in that many bits
 *   <li>{@code PQ16}, {@code PQ16x6}: product quantiser of 16 parts (a divisor of the width), codes
 *       of 8 or the given bits
 *   <li>{@code HNSW32}, {@code HNSW32,SQ8}: graph of 32 links per vector
 *   <li>{@code IVF100,Flat}, {@code IVF100,SQ8}, {@code IVF100,PQ16}: 100 inverted lists
 *   <li>each of them after {@code PCA64,}, {@code PCAR64,} or {@code L2norm,}
 * </ul>
 *
 * <p>{@code PQ}, {@code SQ}, {@code IVF} and {@code PCA} must be trained before vectors are added.
 * Unlike dc4j's own kernels FAISS computes in fp32 and its answers may depend on the thread count.
 *
 * <p>Owns native memory: close it; close twice is fine, use after close throws
 * IllegalStateException. May be used from any thread: searches run at the same time, everything
 * else alone. {@code threads} is 1..1024, or 0 for all cores, and counts for that call.
 */
public final class FaissIndex implements AutoCloseable {
  /**
   * What a search found, owned: close frees it.
   *
   * @param ids [q * m], query after query, best first; -1 where FAISS found no more
   * @param distances [q x m] squared distances, or inner products; +infinity (inner product:
   *     -infinity) where there is no id
   */
  public record Result(LongVector ids, FloatMatrix distances) implements AutoCloseable {
    /** Neighbours for each query (m). */
    public long neighbours() {
      return distances.cols();
    }

    @Override
    public void close() {
      ids.close();
      distances.close();
    }
  }

  private final FaissIndexHandle handle;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private FaissIndex(FaissIndexHandle handle) {
    this.handle = handle;
  }

  /**
   * A new, empty index; the caller closes it.
   *
   * @param dims width of the vectors, 1..2^20
   * @param description one of the factory strings above
   * @throws org.dc4j.kernels.UnsupportedDeviceException if FAISS is not available
   * @throws InvalidArgumentException if the description is none of them
   */
  public static FaissIndex create(long dims, String description, FaissMetric metric) {
    return create(dims, description, metric, "cpu");
  }

  /**
   * A new, empty index on a device; the caller closes it. On a CUDA device it takes rows in host
   * memory and on that device, where they stay.
   *
   * @param description with a CUDA device {@code Flat} or {@code IVF100,Flat}
   * @param device "cpu" or "cuda[:i]"
   * @throws org.dc4j.kernels.UnsupportedDeviceException if FAISS is not available on it
   */
  public static FaissIndex create(
      long dims, String description, FaissMetric metric, String device) {
    Faiss.require();
    int ordinal = Faiss.ordinal(device);
    FaissIndexHandle out = new FaissIndexHandle();
    try (BytePointer text = bytes(description)) {
      Faiss.check(dc4j_faiss.dc4j_faiss_index_create(dims, text, metric.code, ordinal, out));
    }
    return new FaissIndex(out);
  }

  /**
   * Reads what {@link #save} wrote, to the CPU; the caller closes it. Files of other programs are
   * refused: FAISS does not check what it reads, a damaged file would end the process, and only
   * ours carry a check sum.
   *
   * @throws FormatException if the file is missing, damaged or of another program
   */
  public static FaissIndex load(Path file) {
    Faiss.require();
    FaissIndexHandle out = new FaissIndexHandle();
    try (BytePointer path = bytes(file.toString())) {
      Faiss.check(dc4j_faiss.dc4j_faiss_index_load(path, out));
    } catch (InvalidArgumentException e) {
      throw new FormatException(file, e.getMessage().replace(file + ": ", ""), e);
    }
    return new FaissIndex(out);
  }

  /**
   * Writes the index, or leaves the file that is there. FAISS in other languages reads it, too: its
   * own bytes come first.
   *
   * @throws FormatException if it cannot be written
   */
  public void save(Path file) {
    reading(
        () -> {
          try (BytePointer path = bytes(file.toString())) {
            Faiss.check(dc4j_faiss.dc4j_faiss_index_save(handle, path));
          } catch (InvalidArgumentException e) {
            throw new FormatException(file, e.getMessage().replace(file + ": ", ""), e);
          }
          return null;
        });
  }

  /** Width of the vectors. */
  public long dims() {
    return reading(() -> dc4j_faiss.dc4j_faiss_index_dims(handle));
  }

  /** Vectors in the index. */
  public long size() {
    return reading(() -> dc4j_faiss.dc4j_faiss_index_size(handle));
  }

  /** Whether vectors can be added. */
  public boolean isTrained() {
    return reading(() -> dc4j_faiss.dc4j_faiss_index_is_trained(handle) != 0);
  }

  /** "cpu" or "cuda:i". */
  public String device() {
    int ordinal = reading(() -> dc4j_faiss.dc4j_faiss_index_device(handle));
    return ordinal == dc4j_faiss.DC4J_FAISS_CPU ? "cpu" : "cuda:" + ordinal;
  }

  public FaissMetric metric() {
    int code = reading(() -> dc4j_faiss.dc4j_faiss_index_metric(handle));
    return code == FaissMetric.L2.code ? FaissMetric.L2 : FaissMetric.INNER_PRODUCT;
  }

  /**
   * Learns what the index needs from x [n x dims] and adds nothing; where nothing is to be learnt,
   * it does nothing. The index must be empty.
   */
  public void train(FloatMatrix x, int threads) {
    writing(
        () ->
            dc4j_faiss.dc4j_faiss_index_train(handle, x.anyPointer(), x.rows(), x.cols(), threads));
  }

  /** Appends the rows of x [n x dims]. */
  public void add(FloatMatrix x, int threads) {
    writing(
        () -> dc4j_faiss.dc4j_faiss_index_add(handle, x.anyPointer(), x.rows(), x.cols(), threads));
  }

  /** Lists that a search of an {@code IVF} index looks at, 1 (FAISS's default) to all of them. */
  public void setNprobe(int lists) {
    set("nprobe", lists);
  }

  /** Breadth of the search of an {@code HNSW} index, 1..2^20; FAISS's default is 16. */
  public void setEfSearch(int breadth) {
    set("efSearch", breadth);
  }

  private void set(String parameter, long value) {
    writing(
        () -> {
          try (BytePointer name = bytes(parameter)) {
            return dc4j_faiss.dc4j_faiss_index_set(handle, name, value);
          }
        });
  }

  /**
   * The m best vectors for each query; the caller closes the result.
   *
   * @param queries [q x dims]
   * @param m >= 1
   */
  public Result search(FloatMatrix queries, int m, int threads) {
    if (m < 1) { // before memory of that size is asked for
      throw new InvalidArgumentException("neighbours is " + m + "; accepted: >= 1");
    }
    return reading(
        () -> {
          Result found = null;
          LongVector ids = LongVector.allocate(Math.multiplyExact(queries.rows(), (long) m));
          try {
            found = new Result(ids, FloatMatrix.allocate(queries.rows(), m));
            Faiss.check(
                dc4j_faiss.dc4j_faiss_index_search(
                    handle,
                    queries.anyPointer(),
                    queries.rows(),
                    queries.cols(),
                    m,
                    threads,
                    ids.pointer(),
                    found.distances().pointer()));
            return found;
          } catch (RuntimeException e) {
            ids.close();
            if (found != null) {
              found.close();
            }
            throw e;
          }
        });
  }

  private <T> T reading(Supplier<T> action) {
    Lock held = lock.readLock();
    held.lock();
    try {
      checkOpen();
      return action.get();
    } finally {
      held.unlock();
    }
  }

  private void writing(Supplier<Integer> call) {
    Lock held = lock.writeLock();
    held.lock();
    try {
      checkOpen();
      Faiss.check(call.get());
    } finally {
      held.unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("FAISS index used after close");
    }
  }

  private static BytePointer bytes(String text) {
    return new BytePointer(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    Lock held = lock.writeLock();
    held.lock();
    try {
      if (!closed) {
        closed = true;
        dc4j_faiss.dc4j_faiss_index_close(handle);
      }
    } finally {
      held.unlock();
    }
  }
}
