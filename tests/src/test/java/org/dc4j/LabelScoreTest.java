package org.dc4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.source.DataSet;
import org.dc4j.data.source.DataSets;
import org.dc4j.data.source.DataSpec;
import org.dc4j.kernels.UnsupportedDeviceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelScoreTest {
  @TempDir Path folder;

  /** Told by a device that no machine has. */
  @Test
  void scoresOnThePlansDevice() throws Exception {
    DataSet set = DataSets.open(DataSpec.parse("idx:" + TinyPictures.write(folder, 8)));
    TrainingPlan plan = PlanFiles.with(TinyPictures.plan(folder, 1), "device", "cuda:9999");
    assertThatThrownBy(() -> new LabelScore(plan, set, set).close())
        .isInstanceOf(UnsupportedDeviceException.class)
        .hasMessageContaining("cuda:9999");
  }
}
