package org.dc4j.bench.peers;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Spark MLlib's Lloyd k-means in one process, from random centroids, with products of blocks of
 * rows (its faster solver at these sizes). The rows are cached in memory before the clock starts.
 */
final class SparkKMeans implements KMeansPeer.Library {
  private static final StructType SCHEMA =
      new StructType(
          new StructField[] {
            StructField.apply("features", SQLDataTypes.VectorType(), false, Metadata.empty())
          });

  private final SparkSession session;
  private final int threads;

  SparkKMeans(int threads) {
    this.threads = threads;
    session =
        SparkSession.builder()
            .master("local[" + threads + "]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
  }

  @Override
  public double[][] train(double[][] rows, int k, int iterations, KMeansPeer.Clock clock) {
    List<Row> list = new ArrayList<>();
    for (double[] row : rows) {
      list.add(RowFactory.create(Vectors.dense(row)));
    }
    Dataset<Row> data = session.createDataFrame(list, SCHEMA).repartition(2 * threads).cache();
    data.count();
    KMeans kmeans =
        new KMeans()
            .setK(k)
            .setMaxIter(iterations)
            .setTol(0)
            .setInitMode("random")
            .setSolver("block")
            .setSeed(1);
    clock.start();
    KMeansModel model = kmeans.fit(data);
    clock.stop();
    data.unpersist(true);
    double[][] centroids = new double[k][];
    for (int j = 0; j < k; j++) {
      centroids[j] = model.clusterCenters()[j].toArray();
    }
    return centroids;
  }

  @Override
  public String version() {
    return session.version();
  }

  @Override
  public void close() {
    session.stop();
  }
}
