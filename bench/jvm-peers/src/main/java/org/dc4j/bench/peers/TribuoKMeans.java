package org.dc4j.bench.peers;

import org.tribuo.MutableDataset;
import org.tribuo.clustering.ClusterID;
import org.tribuo.clustering.ClusteringFactory;
import org.tribuo.clustering.kmeans.KMeansModel;
import org.tribuo.clustering.kmeans.KMeansTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.distance.L2Distance;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Tribuo's Lloyd k-means from random centroids. The data set is built before the clock starts. */
final class TribuoKMeans implements KMeansPeer.Library {
  private final int threads;

  TribuoKMeans(int threads) {
    this.threads = threads;
  }

  @Override
  public double[][] train(double[][] rows, int k, int iterations, KMeansPeer.Clock clock) {
    ClusteringFactory factory = new ClusteringFactory();
    MutableDataset<ClusterID> data =
        new MutableDataset<>(new SimpleDataSourceProvenance("rows", factory), factory);
    String[] names = new String[rows[0].length];
    for (int t = 0; t < names.length; t++) {
      names[t] = "%05d".formatted(t); // the library sorts features by name
    }
    for (double[] row : rows) {
      data.add(new ArrayExample<>(ClusteringFactory.UNASSIGNED_CLUSTER_ID, names, row));
    }
    KMeansTrainer trainer =
        new KMeansTrainer(
            k, iterations, new L2Distance(), KMeansTrainer.Initialisation.RANDOM, threads, 1);
    clock.start();
    KMeansModel model = trainer.train(data);
    clock.stop();
    double[][] centroids = new double[k][];
    for (int j = 0; j < k; j++) {
      centroids[j] = model.getCentroidVectors()[j].toArray();
    }
    return centroids;
  }

  @Override
  public String version() {
    return org.tribuo.Tribuo.VERSION;
  }

  @Override
  public void close() {}
}
