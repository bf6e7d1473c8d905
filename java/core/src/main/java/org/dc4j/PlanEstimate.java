package org.dc4j;

import org.dc4j.config.TrainingPlan;

/**
 * What a plan will cost on its data set and this machine, from real steps that were timed.
 *
 * @param plan the plan
 * @param images images in the data set, unreadable ones included
 * @param parameters of the encoder
 * @param times seconds by stage
 * @param memory bytes by cause
 * @param device where kernels run, and how much they take there at once
 */
public record PlanEstimate(
    TrainingPlan plan, int images, long parameters, Times times, Memory memory, Device device) {

  /**
   * The kernels' device.
   *
   * @param name backend, ISA tier and threads
   * @param embeddingRows of the network's output [N x d] that whitening takes there at once: N on
   *     the CPU; on CUDA at most as many, chosen from the memory that was free
   * @param featureRows of the table [N x d] that clustering takes there at once, N where all of it
   *     may stay on the device; kernels that keep something for every row take fewer
   */
  public record Device(String name, long embeddingRows, long featureRows) {}

  /**
   * Seconds by stage.
   *
   * @param scan one look at every image before the first epoch
   * @param embed one forward pass over the data set
   * @param cluster whitening and k-means, once
   * @param train the steps of one epoch
   * @param select one forward pass over the data that choose the epoch to keep, 0 = the last one
   */
  public record Times(double scan, double embed, double cluster, double train, double select) {}

  /**
   * Resident bytes by cause.
   *
   * @param measured by this process after its steps: program, data set, encoder, batches
   * @param features table of features for k-means [N x d] and what whitening holds beside it
   * @param assignments labels and distances in native and Java memory
   * @param heap what the Java heap may still grow by
   */
  public record Memory(long measured, long features, long assignments, long heap) {
    /** Predicted peak. */
    public long peak() {
      return measured + features + assignments + heap;
    }
  }

  /**
   * Passes in which the data set is embedded and clustered, the last one after training included.
   */
  public int clusterings() {
    int every = plan.clustering() == null ? 1 : plan.clustering().everyEpochs();
    return (plan.schedule().epochs() + every - 1) / every + 1;
  }

  /** Seconds of an epoch that clusters. */
  public double epochSeconds() {
    return times.embed() + times.cluster() + times.train() + times.select();
  }

  /** Seconds after the last epoch: clustering once more, and the embeddings that are written. */
  public double finalSeconds() {
    return 2 * times.embed() + times.cluster();
  }

  /** Seconds of the whole run. */
  public double totalSeconds() {
    return times.scan()
        + (clusterings() - 1) * (times.embed() + times.cluster())
        + plan.schedule().epochs() * (times.train() + times.select())
        + finalSeconds();
  }
}
