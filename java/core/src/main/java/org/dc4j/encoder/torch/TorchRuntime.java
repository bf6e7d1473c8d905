package org.dc4j.encoder.torch;

import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.dc4j.kernels.NativeLibraries;
import org.dc4j.kernels.NativeMemoryException;

/**
 * libtorch in this process: loaded after our own libraries (the load order matters, see {@link
 * NativeLibraries}), deterministic, with the caller's number of threads; and the one guard through
 * which every call of this package into libtorch goes. Thread-safe.
 */
public final class TorchRuntime {
  private TorchRuntime() {}

  /**
   * Loads libtorch at the first call; each call sets the number of threads that operators started
   * by the calling thread use.
   *
   * @param threads at least 1
   */
  public static void start(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads " + threads + " must be >= 1");
    }
    load();
    // The number is kept per calling thread (an OpenMP control variable), hence asked every time.
    if (torch.get_num_threads() != threads) {
      torch.set_num_threads(threads);
    }
  }

  // Whether libtorch is settled is asked of libtorch: its own switch is the only record of it.
  private static synchronized void load() {
    NativeLibraries.load();
    Context context = torch.globalContext(); // loads libtorch with its class
    if (context.deterministicAlgorithms()) {
      return;
    }
    context.setDeterministicMkldnn(true);
    // With determinism alone every new tensor is filled before it is overwritten.
    context.setDeterministicFillUninitializedMemory(false);
    context.setDeterministicAlgorithms(true, false); // last: it says that all three are set
  }

  /**
   * Runs {@code body} with {@code threads} threads inside a pointer scope of its own: what it
   * allocates is freed at the end, except what {@link #keep} let out. Errors of libtorch become
   * {@link NativeMemoryException} or {@link TorchException}; others pass unchanged.
   *
   * @param action what is being done, for the message: "embedding 256 images"
   */
  @SuppressWarnings("try") // a scope works by being open
  static <T> T call(int threads, String action, Supplier<T> body) {
    start(threads);
    try (PointerScope scope = new PointerScope()) {
      return body.get();
    } catch (RuntimeException e) {
      throw translate(action, e);
    }
  }

  /** {@link #call} without a result. */
  static void run(int threads, String action, Runnable body) {
    call(
        threads,
        action,
        () -> {
          body.run();
          return null;
        });
  }

  /** Runs {@code body} without recording it for backward; inside {@link #call}. */
  @SuppressWarnings("try") // a guard works by being open
  static void withoutGradients(Runnable body) {
    try (NoGradGuard guard = new NoGradGuard()) {
      body.run();
    }
  }

  /** Lets a pointer outlive the scope it was made in; whoever keeps it closes it. */
  static <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  private static RuntimeException translate(String action, RuntimeException e) {
    // JavaCPP turns every C++ exception into exactly this class; subclasses are Java's or ours.
    if (e.getClass() != RuntimeException.class) {
      return e;
    }
    String text = String.valueOf(e.getMessage());
    String message = action + ": " + text.lines().findFirst().orElse("unknown error of libtorch");
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.contains("not enough memory")
        || lower.contains("out of memory")
        || lower.contains("can't allocate memory")
        || lower.contains("bad_alloc")) {
      NativeMemoryException memory = new NativeMemoryException(message);
      memory.initCause(e);
      return memory;
    }
    return new TorchException(message, e);
  }
}
