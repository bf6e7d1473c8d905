package org.dc4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanValidationTest {
  private static final TrainingPlan PLAN =
      PlanFiles.with(PlanFiles.preset("deepcluster-small"), "data", "fashion-mnist:x?split=train");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clustering.k              | 1          | clustering.k is 1; accepted: 2..2147483647",
        "clustering.iterations     | 0          | clustering.iterations is 0; accepted: 1..2147483647",
        "clustering.init           | kmeans     | clustering.init is 'kmeans'; accepted: random, kmeans++",
        "clustering.whiten         | 257        | clustering.whiten is 257; accepted: 0 (none), 1..256 (encoder.embedding)",
        "clustering.eigenvalueFloor| 1          | clustering.eigenvalueFloor is 1.0; accepted: 0 up to but below 1",
        "clustering.empty          | drop       | clustering.empty is 'drop'; accepted: faiss, farthest, keep",
        "clustering.everyEpochs    | 0          | clustering.everyEpochs is 0; accepted: 1..2147483647",
        "data                      | photos     | data is 'photos'; accepted: name:path[?split=train]",
        "device                    | gpu        | device is 'gpu'; accepted: auto, cpu, cuda[:i]",
        "threads                   | -1         | threads is -1; accepted: 0..1024",
        "image.channels            | 2          | image.channels is 2; accepted: 1, 3",
        "image.height              | 0          | image.height is 0; accepted: 1..4096",
        "image.resize              | 20         | image.resize is 20; accepted: 0, 28..16384",
        "image.fit                | contain    | image.fit is 'contain'; accepted: cover, stretch, stretch-crop",
        "image.fit                | stretch-crop | image.resize is 0; accepted: 28..16384 with image.fit stretch-crop",
        "image.fit                | stretch-crop | image.fit is 'stretch-crop'; accepted: cover, stretch with a random crop; minScale..maxRatio must be 1",
        "image.mean                | [.1, .2]   | image.mean is [0.1, 0.2]; accepted: 1 (image.channels) finite numbers",
        "image.deviation           | [0]        | image.deviation is [0.0]; accepted: 1 (image.channels) numbers > 0",
        "augmentation.minScale     | 0          | augmentation.minScale is 0.0; accepted: above 0, up to 1",
        "augmentation.maxScale     | 0.5        | augmentation.maxScale is 0.5; accepted: 0.6..1",
        "augmentation.flip         | 1.5        | augmentation.flip is 1.5; accepted: 0..1",
        "augmentation.rotation     | 200        | augmentation.rotation is 200.0; accepted: 0..180",
        "augmentation.hue          | 0.6        | augmentation.hue is 0.6; accepted: 0..0.5",
        "encoder.embedding         | 63         | clustering.whiten is 64; accepted: 0 (none), 1..63 (encoder.embedding)",
        "optimizer.kind            | lars       | optimizer.kind is 'lars'; accepted: sgd, adam, larc",
        "optimizer.momentum        | 1          | optimizer.momentum is 1.0; accepted: 0 up to but below 1",
        "headOptimizer.weightDecay | -1         | headOptimizer.weightDecay is -1.0; accepted: 0..1",
        "headOptimizer.decay       | linear     | headOptimizer.decay is 'linear'; accepted: constant, cosine, step",
        "headOptimizer.decay       | step       | headOptimizer.decayEpochs is 0; accepted: 1..2147483647",
        "schedule.epochs           | 0          | schedule.epochs is 0; accepted: 1..2147483647",
        "schedule.batchSize        | 1          | schedule.batchSize is 1; accepted: 2..1048576",
        "schedule.reassign         | 0          | schedule.reassign is 0.0; accepted: above 0, up to 100",
        "evaluation.neighbours     | 0          | evaluation.neighbours is 0; accepted: 1..2147483647",
        "evaluation.temperature    | 0          | evaluation.temperature is 0.0; accepted: above 0, up to 1000",
      })
  void refusesWithKeyValueAndRange(String path, String value, String expected) {
    TrainingPlan plan = PlanFiles.with(PLAN, path, value);
    assertThatThrownBy(() -> PlanValidation.validate(plan))
        .isInstanceOfSatisfying(
            InvalidPlanException.class, e -> assertThat(e.problems()).contains(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "clustering.k, 2",
    "clustering.whiten, 0",
    "clustering.whiten, 256",
    "device, cuda:3",
    "image.resize, 28",
    "augmentation.maxScale, 0.6",
    "optimizer.momentum, 0",
    "schedule.batchSize, 2"
  })
  void acceptsTheEdges(String path, String value) {
    TrainingPlan plan = PlanFiles.with(PLAN, path, value);
    assertThatCode(() -> PlanValidation.validate(plan)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void refusesWhatIsNotFinite(double value) {
    TrainingPlan plan =
        PlanFiles.merge(
            PLAN,
            Map.of(
                "augmentation", Map.of("maxRatio", value),
                "optimizer", Map.of("learningRate", value, "weightDecay", value),
                "clustering", Map.of("eigenvalueFloor", value)));
    assertThatThrownBy(() -> PlanValidation.validate(plan))
        .hasMessage(
            """
            augmentation.maxRatio is %1$s; accepted: 0.75..100
            optimizer.learningRate is %1$s; accepted: above 0, up to 1000
            optimizer.weightDecay is %1$s; accepted: 0..1
            clustering.eigenvalueFloor is %1$s; accepted: 0 up to but below 1"""
                .formatted(value));
  }

  @Test
  void allProblemsComeAtOnce() {
    TrainingPlan plan = PlanFiles.with(PlanFiles.with(PLAN, "clustering.k=1"), "seed=9");
    TrainingPlan worse = PlanFiles.with(plan, "schedule.epochs=0");
    assertThatThrownBy(() -> PlanValidation.validate(worse))
        .hasMessage(
            "clustering.k is 1; accepted: 2..2147483647\n"
                + "schedule.epochs is 0; accepted: 1..2147483647");
  }

  @Test
  void aPlanNeedsData() {
    assertThatThrownBy(() -> PlanValidation.validate(PlanFiles.preset("deepcluster")))
        .hasMessage("data is missing; accepted: name:path[?split=train]");
  }

  @ParameterizedTest
  @CsvSource({
    "abc, abc, 0",
    "abc, ABC, 0",
    "abc, acb, 1",
    "abc, abd, 1",
    "abc, ab, 1",
    "'', abc, 3",
    "kitten, sitting, 3"
  })
  void editDistance(String a, String b, int expected) {
    assertThat(NearestName.distance(a, b)).isEqualTo(expected);
    assertThat(NearestName.distance(b, a)).isEqualTo(expected);
  }
}
