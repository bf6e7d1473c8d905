package org.dc4j.train;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dc4j.cluster.Assignments;
import org.dc4j.config.TrainingPlan;
import org.dc4j.config.TrainingPlan.OptimizerPlan;
import org.dc4j.data.ImageBatch;
import org.dc4j.data.UnreadableImageException;
import org.dc4j.data.batch.BatchLoader;
import org.dc4j.data.view.ViewPlan;
import org.dc4j.encoder.Encoder;
import org.dc4j.format.StateDict;
import org.dc4j.kernels.NotFiniteException;
import org.dc4j.method.Method;
import org.dc4j.train.Checkpoint.Position;

/**
 * The order of steps, the same for every method:
 *
 * <pre>
 * for each epoch:
 *   ids = method.beginEpoch            (cluster, if the method's schedule says so)
 *   for each batch of ids: method.step (forward, loss, backward, optimiser)
 *   measure, write the epoch's row, save a checkpoint
 * </pre>
 *
 * It does no arithmetic of its own but the mean loss. A stop request or the step interval saves a
 * checkpoint between two steps; {@link #resume} goes on from one as if nothing had happened.
 */
public final class EpochLoop {
  /** Views for the training batches of an epoch. */
  public interface EpochViews {
    ViewPlan of(int epoch);
  }

  /** What a run is made of; the loop owns none of it. */
  public record Parts(
      TrainingPlan plan,
      Method method,
      Encoder encoder,
      BatchLoader loader,
      EpochViews views,
      EmbeddingPass embedding,
      BestEpoch best,
      RunFolder folder,
      Probe probe,
      Probe.Network network,
      TrainingListener listener,
      StopSignal stop,
      boolean failOnCollapse,
      String fingerprint) {}

  private final Parts run;
  private final LearningRate learningRate;
  private final LearningRate headLearningRate; // null = the method has no head

  // Where the run stands.
  private int epoch;
  private int batch;
  private long step;
  private double lossSum;
  private int[] ids; // of the running epoch, null between epochs
  private Map<String, Object> row = new LinkedHashMap<>();

  public EpochLoop(Parts run) {
    this.run = run;
    int epochs = run.plan().schedule().epochs();
    OptimizerPlan head = run.plan().headOptimizer();
    this.learningRate = new LearningRate(run.plan().optimizer(), epochs);
    this.headLearningRate = head == null ? null : new LearningRate(head, epochs);
  }

  /** Runs what is left of the plan's epochs. */
  public void run() {
    while (epoch < run.plan().schedule().epochs()) {
      long started = System.nanoTime();
      if (ids == null) {
        beginEpoch();
      }
      trainBatches();
      endEpoch(started);
    }
  }

  private void beginEpoch() {
    row = new LinkedHashMap<>();
    row.put("event", "epoch");
    row.put("epoch", epoch + 1);
    Assignments before = run.method().assignments();
    long started = System.nanoTime();
    try {
      ids = run.method().beginEpoch(epoch, row);
    } catch (NotFiniteException e) {
      throw TrainingDivergedException.of("epoch %d, clustering".formatted(epoch + 1), e);
    } catch (UnreadableImageException e) {
      throw gone(e, "The last checkpoint stands");
    } catch (IllegalArgumentException e) {
      // No clustering of equal rows serves a sampler; its advice on settings would mislead.
      run.embedding().takeFigures(row);
      String collapse = ClusterWatch.equalEmbeddings(run.embedding().size(), row);
      throw collapse == null ? e : new TrainingCollapsedException(collapse(collapse), e);
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    EmbeddingPass.Figures embedding = run.embedding().takeFigures(row);
    row.put("cluster_seconds", Math.max(0, seconds - embedding.seconds()));
    watch(before, run.method().assignments(), embedding.eigenvalues());
    batch = 0;
    lossSum = 0;
  }

  private void watch(Assignments before, Assignments now, int eigenvalues) {
    if (now == null || now == before) {
      return;
    }
    ClusterWatch.measure(before, now, row);
    String collapse = ClusterWatch.collapse(now, row, eigenvalues);
    if (collapse != null && run.failOnCollapse()) {
      throw new TrainingCollapsedException(collapse(collapse));
    }
    if (collapse != null) {
      run.listener().message(collapse(collapse));
    }
  }

  private String collapse(String what) {
    return "epoch %d: %s".formatted(epoch + 1, what);
  }

  private void trainBatches() {
    long started = System.nanoTime();
    int size = run.plan().schedule().batchSize();
    int count = ids.length / size; // a last batch that is not full is dropped
    int used = count * size;
    run.listener().start("epoch %d/%d".formatted(epoch + 1, run.plan().schedule().epochs()), used);
    run.listener().advance((long) batch * size);
    int[] rest = Arrays.copyOfRange(ids, Math.min(batch * size, ids.length), ids.length);
    Iterator<ImageBatch> batches = run.loader().batches(rest, run.views().of(epoch));
    while (batches.hasNext()) {
      try (ImageBatch images = next(batches)) {
        train(images, count);
      }
      step++;
      batch++;
      run.listener().advance((long) batch * size);
      checkpointIfDue();
    }
    run.listener().finish();
    row.put("train_seconds", (System.nanoTime() - started) / 1e9);
  }

  private ImageBatch next(Iterator<ImageBatch> batches) {
    try {
      return batches.next();
    } catch (UnreadableImageException e) {
      save(); // between two steps, as when asked to stop
      throw gone(e, "The steps so far are saved");
    }
  }

  private static UnreadableImageException gone(UnreadableImageException e, String kept) {
    return new UnreadableImageException(
        "%s; it could be read when the run began. %s: put the image back, --resume continues"
            .formatted(e.getMessage(), kept),
        e);
  }

  private void train(ImageBatch images, int count) {
    double rate = learningRate.at(epoch, batch, count);
    run.encoder().setLearningRate(rate);
    if (headLearningRate != null) {
      run.method().setHeadLearningRate(headLearningRate.at(epoch, batch, count));
    }
    try {
      lossSum += run.method().step(images, step);
    } catch (NotFiniteException e) {
      String where = "epoch %d, step %d, learning rate %s".formatted(epoch + 1, step + 1, rate);
      throw TrainingDivergedException.of(where, e);
    }
  }

  private void checkpointIfDue() {
    int every = run.plan().schedule().checkpointSteps();
    if (run.stop().isRequested()) {
      save();
      throw new TrainingInterruptedException(
          "stopped at epoch %d, step %d; --resume continues".formatted(epoch + 1, step));
    }
    if (every > 0 && step % every == 0) {
      save();
    }
  }

  private void endEpoch(long started) {
    if (run.best().chooses()) {
      save(); // scoring reads other files, which may have gone: the epoch's steps stay done
    }
    row.put("loss", batch == 0 ? Double.NaN : lossSum / batch);
    row.put("learning_rate", learningRate.at(epoch, Math.max(0, batch - 1), Math.max(1, batch)));
    run.method().endEpoch(epoch, row);
    row.putAll(run.probe().measure(epoch + 1, run.method().assignments(), run.network()));
    run.best().consider(epoch + 1, run.encoder(), run.network(), row);
    row.put("epoch_seconds", (System.nanoTime() - started) / 1e9);
    run.folder().appendRow(row, epoch + 1);
    run.listener().epoch(epoch + 1, run.plan().schedule().epochs(), row);
    epoch++;
    batch = 0;
    lossSum = 0;
    ids = null;
    row = new LinkedHashMap<>();
    save();
    if (run.stop().isRequested() && epoch < run.plan().schedule().epochs()) {
      throw new TrainingInterruptedException(
          "stopped after epoch %d; --resume continues".formatted(epoch));
    }
  }

  private void save() {
    StateDict state =
        new StateDict()
            .putAll("encoder.", run.encoder().weights())
            .putAll("optimizer.", run.encoder().optimizerState())
            .putAll("method.", run.method().state())
            .putAll("best.", run.best().state());
    new Checkpoint(
            new Position(
                epoch, batch, step, lossSum, run.folder().metricsBytes(), row, run.fingerprint()),
            state)
        .save(run.folder().checkpoints());
  }

  /** Takes over a checkpoint's state; {@link #run} goes on from there. */
  public void resume(Checkpoint checkpoint) {
    Position position = checkpoint.position();
    run.encoder().loadWeights(checkpoint.state().subset("encoder."));
    run.encoder().loadOptimizerState(checkpoint.state().subset("optimizer."));
    run.best().restore(checkpoint.state().subset("best."));
    run.folder().goBack(position.metricsBytes(), position.epoch());
    epoch = position.epoch();
    batch = position.batch();
    step = position.step();
    lossSum = position.lossSum();
    row = position.pending();
    StateDict held = checkpoint.state().subset("method.");
    if (batch > 0) {
      ids = run.method().resumeEpoch(epoch, held);
    } else {
      run.method().restore(held);
    }
  }
}
