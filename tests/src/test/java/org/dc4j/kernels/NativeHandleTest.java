package org.dc4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.dc4j.ChildJvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeHandleTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger freed = new AtomicInteger();
  private final NativeHandle<Pointer> handle =
      new NativeHandle<>(new Pointer(), "thing", pointer -> freed.incrementAndGet());

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void closeWaitsForTheCallsUnderWay() throws Exception {
    CountDownLatch inside = new CountDownLatch(2);
    CountDownLatch goOn = new CountDownLatch(1);
    List<Future<Integer>> calls =
        List.of(threads.submit(() -> call(inside, goOn)), threads.submit(() -> call(inside, goOn)));
    assertThat(inside.await(10, TimeUnit.SECONDS)).as("calls run side by side").isTrue();
    Future<?> closing = threads.submit(handle::close);
    Future<?> closingToo = threads.submit(handle::close);
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> closing.get(50, TimeUnit.MILLISECONDS));
    assertThat(freed).hasValue(0);
    goOn.countDown();
    closing.get(10, TimeUnit.SECONDS);
    closingToo.get(10, TimeUnit.SECONDS);
    assertThat(freed).hasValue(1);
    for (Future<Integer> call : calls) {
      assertThat(call.get()).as("times freed at the end of a call").isZero();
    }
  }

  private int call(CountDownLatch inside, CountDownLatch goOn) {
    return handle.use(
        pointer -> {
          inside.countDown();
          try {
            goOn.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return freed.get();
        });
  }

  @Test
  void useAfterCloseThrowsAndCloseTwiceIsFine() {
    handle.close();
    handle.close();
    assertThat(freed).hasValue(1);
    assertThatThrownBy(() -> handle.use(pointer -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("thing used after close");
  }

  @Test
  void closeWithinACallThrowsInsteadOfWaitingForIt() {
    assertThatThrownBy(
            () ->
                handle.use(
                    pointer -> {
                      handle.close();
                      return null;
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("within a call");
    assertThat(freed).hasValue(0);
    assertThat(handle.<Integer>use(pointer -> 1)).isEqualTo(1);
  }

  /** {@link ClosedWhileUsed}: every owner of a native object closed by two threads beside users. */
  @Test
  void noOwnerIsFreedUnderACall(@TempDir Path folder) throws Exception {
    ChildJvm.Output output = ChildJvm.run(folder, 2, List.of("-Xmx128m"), ClosedWhileUsed.class);
    assertThat(output.exit()).as(output.text()).isZero();
    assertThat(output.text()).contains("survived");
  }
}
