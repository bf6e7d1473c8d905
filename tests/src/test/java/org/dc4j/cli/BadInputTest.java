package org.dc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.dc4j.TinyPictures;
import org.dc4j.Training;
import org.dc4j.TrainingOptions;
import org.dc4j.cli.CommandLineTest.Outcome;
import org.dc4j.config.PlanFiles;
import org.dc4j.config.TrainingPlan;
import org.dc4j.data.ImageFilesFixture;
import org.dc4j.format.NpyFile;
import org.dc4j.format.SafetensorsFile;
import org.dc4j.format.StateDict;
import org.dc4j.format.TensorData;
import org.dc4j.kernels.FloatMatrix;
import org.dc4j.kernels.UnsupportedDeviceException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input ends with one line that names the cause, and its exit code; nothing is lost. */
class BadInputTest {
  private static final int PICTURES = 48;

  @TempDir static Path folder;
  private static Path plan;
  private static Path run;

  @BeforeAll
  static void trainSmall() throws IOException {
    Path pictures = TinyPictures.write(folder.resolve("pictures"), PICTURES);
    plan = folder.resolve("small.yaml");
    Files.writeString(plan, PlanFiles.toYaml(TinyPictures.plan(pictures, 1)));
    run = folder.resolve("run");
    Training.run(TinyPictures.plan(pictures, 1), run, TrainingOptions.defaults());
    try (FloatMatrix x = FloatMatrix.allocate(20, 3)) {
      x.set(7, 1, 1);
      NpyFile.writeFloatMatrix(folder.resolve("x.npy"), x);
      x.set(11, 2, Float.POSITIVE_INFINITY);
      NpyFile.writeFloatMatrix(folder.resolve("infinite.npy"), x);
      x.set(4, 0, Float.NaN);
      NpyFile.writeFloatMatrix(folder.resolve("nan.npy"), x);
    }
    NpyFile.writeInts(folder.resolve("y.npy"), new int[20]);
    NpyFile.writeInts(folder.resolve("y19.npy"), new int[19]);
    byte[] whole = Files.readAllBytes(folder.resolve("x.npy"));
    Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, whole.length - 8));
    Files.writeString(folder.resolve("text.npy"), "not numbers at all");
  }

  /** Runs a line in which "@name" stands for a file of the folder; it must fail as told. */
  private static void fails(int exitCode, String line, String... messages) {
    List<String> args = new ArrayList<>();
    for (String word : line.split(" ")) {
      args.add(word.replace("@", folder + "/"));
    }
    Outcome outcome = CommandLineTest.run(args.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(line + "\n" + outcome.err()).isEqualTo(exitCode);
    assertThat(outcome.err()).as(line).startsWith("dc4j: ").contains(messages);
    assertThat(outcome.err().lines().filter(text -> text.startsWith("\tat "))).isEmpty();
    assertThat(outcome.out()).isEmpty();
  }

  private static void trainFails(int exitCode, String options, String... messages) {
    fails(exitCode, "train --config=@small.yaml --out=@refused " + options, messages);
    assertThat(folder.resolve("refused/plan.yaml")).doesNotExist();
    assertThat(folder.resolve("refused/model.safetensors")).doesNotExist();
  }

  @Test
  void dataThatIsNotThere() throws IOException {
    trainFails(3, "--data=folder:@nowhere", "nowhere");
    trainFails(3, "--data=idx:@nowhere", "nowhere");
    trainFails(3, "--data=npy:@nowhere.npy", "nowhere.npy");
    trainFails(3, "--data=list:@nowhere.txt", "nowhere.txt");
    trainFails(3, "--data=picture:@pictures", "names no known kind", "accepted: fashion-mnist:DIR");
    Files.createDirectories(folder.resolve("empty"));
    trainFails(3, "--data=folder:@empty", "empty");
    fails(2, "train --preset=deepcluster-small --out=@refused", "data");
  }

  @Test
  void picturesThatCannotBeRead() throws IOException {
    Path broken = Files.createDirectories(folder.resolve("broken"));
    Files.writeString(broken.resolve("a.png"), "no picture");
    Files.writeString(broken.resolve("b.jpg"), "");
    trainFails(3, "--data=folder:@broken", "2 of 2 images cannot be read, first ", "a.png");
  }

  @Test
  void oneUnreadablePictureIsSkippedAndListed() throws IOException {
    Path mixed = Files.createDirectories(folder.resolve("mixed"));
    for (int i = 0; i < PICTURES; i++) {
      byte[] png = ImageFilesFixture.halves("png", 16, 16, 0x050505 * i, 0xFFFFFF - 0x050505 * i);
      Files.write(mixed.resolve("p%02d.png".formatted(i)), png);
    }
    Files.writeString(mixed.resolve("p10b.png"), "no picture");
    trainFails(3, "--data=folder:@mixed --strict", "1 of 49 images cannot be read", "p10b.png");
    Outcome outcome =
        CommandLineTest.run(
            "train",
            "--config=" + plan,
            "--data=folder:" + mixed,
            "--out=" + folder.resolve("skipping"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("skipped: 1 of 49 images", "skipped.csv");
    assertThat(Files.readString(folder.resolve("skipping/skipped.csv"))).contains("p10b.png");
    assertThat(Files.readAllLines(folder.resolve("skipping/ids.txt")))
        .hasSize(PICTURES)
        .doesNotContain("p10b.png");
  }

  @Test
  void aPlanThatTheDataCannotCarry() {
    trainFails(2, "--k=49", "clustering.k is 49", "48 readable images", "accepted: 2..48");
    trainFails(2, "--batch-size=49", "schedule.batchSize is 49", "accepted: 2..48");
    trainFails(
        2,
        "--set=encoder.embedding=64 --set=clustering.whiten=48",
        "clustering.whiten is 48",
        "accepted: 0..47");
    trainFails(2, "--set=clustering.whiten=17", "clustering.whiten is 17");
  }

  @Test
  void featuresThatAreNoMatrixOfNumbers() {
    fails(3, "cluster --features=@nan.npy --k=2 --out=@l.npy", "row 4");
    fails(3, "cluster --features=@infinite.npy --k=2 --out=@l.npy", "row 11");
    fails(3, "cluster --features=@cut.npy --k=2 --out=@l.npy", "cut.npy");
    fails(3, "cluster --features=@text.npy --k=2 --out=@l.npy", "text.npy: is not an npy file");
    fails(3, "cluster --features=@y.npy --k=2 --out=@l.npy", "y.npy", "accepted is a matrix");
    fails(2, "cluster --features=@x.npy --k=21 --out=@l.npy", "k is 21; accepted: 1..20");
    fails(2, "cluster --features=@x.npy --k=2 --whiten=4 --out=@l.npy", "--whiten is 4", "0..3");
    fails(3, "eval --embeddings=@x.npy --labels=@y19.npy", "y19.npy: 19 labels for the 20 rows");
    assertThat(folder.resolve("l.npy")).doesNotExist();
  }

  @Test
  void aRunFolderIsNeverOverwritten() throws IOException {
    byte[] before = Files.readAllBytes(run.resolve("model.safetensors"));
    fails(2, "train --config=@small.yaml --out=@run", "holds a run already", "--resume");
    assertThat(run.resolve("model.safetensors")).hasBinaryContent(before);
  }

  @Test
  void aCheckpointOfAnotherPlan() throws IOException {
    Path copy = folder.resolve("edited");
    Path step = copy.resolve("checkpoints");
    Files.createDirectories(step);
    try (var files = Files.walk(run.resolve("checkpoints"))) {
      for (Path file : files.skip(1).toList()) {
        Files.copy(file, step.resolve(run.resolve("checkpoints").relativize(file).toString()));
      }
    }
    String edited = Files.readString(run.resolve("plan.yaml")).replace("k: 8", "k: 9");
    Files.writeString(copy.resolve("plan.yaml"), edited);
    fails(2, "train --resume --out=@edited", "the checkpoint belongs to another run", "plan.yaml");
    Files.writeString(copy.resolve("plan.yaml"), edited.replace("iterations", "iteratons"));
    fails(2, "train --resume --out=@edited", "edited/plan.yaml: ", "iteratons");
  }

  @Test
  void aDamagedCheckpointOrModel() throws IOException {
    Path copy = folder.resolve("damaged");
    Files.createDirectories(copy.resolve("checkpoints/step-0000000003"));
    Files.copy(run.resolve("plan.yaml"), copy.resolve("plan.yaml"));
    Files.write(copy.resolve("model.safetensors"), new byte[] {1, 2, 3});
    Files.write(copy.resolve("checkpoints/step-0000000003/state.safetensors"), new byte[9]);
    fails(3, "train --resume --out=@damaged", "state.safetensors");
    fails(3, "embed --model=@damaged --data=idx:@pictures --out=@e.npy", "model.safetensors");
    Files.writeString(copy.resolve("plan.yaml"), "image: {height: 100000000}");
    fails(3, "embed --model=@damaged --data=idx:@pictures --out=@e.npy", "damaged/plan.yaml: ");
    fails(
        3,
        "eval --model=@damaged --data=idx:@pictures --test=idx:@pictures",
        "damaged/plan.yaml: ");
  }

  @Test
  void whatIsInTheWayIsFoundBeforeTheImagesAreRead() {
    TrainingPlan small = TinyPictures.plan(folder.resolve("pictures"), 1);
    TrainingPlan elsewhere = PlanFiles.with(small, "device", "cuda:99");
    assertThatThrownBy(
            () -> Training.run(small, TinyPictures.unread(9), run, TrainingOptions.defaults()))
        .hasMessageContaining("holds a run already");
    assertThatThrownBy(
            () ->
                Training.run(
                    elsewhere,
                    TinyPictures.unread(9),
                    folder.resolve("refused"),
                    TrainingOptions.defaults()))
        .isInstanceOf(UnsupportedDeviceException.class);
  }

  @Test
  void weightsThatDoNotFitLeaveNoRunBehind() throws IOException {
    String line = "train --config=@small.yaml --out=@begun --quiet";
    fails(3, line + " --weights=@text.npy", "text.npy: ");
    Path foreign = folder.resolve("foreign.safetensors");
    StateDict one = new StateDict().put("conv9.weight", TensorData.of(new float[3], 3));
    SafetensorsFile.write(foreign, one, Map.of());
    fails(3, line + " --weights=@foreign.safetensors", "foreign.safetensors: ");
    Outcome corrected = CommandLineTest.run(line.replace("@", folder + "/").split(" "));
    assertThat(corrected.exitCode()).as(corrected.err()).isZero();
  }

  @Test
  void aDeviceThatIsNotThere() {
    trainFails(4, "--device=cuda", "cuda");
    fails(4, "cluster --features=@x.npy --k=2 --device=cuda:3 --out=@l.npy", "cuda");
    trainFails(2, "--device=gpu", "gpu", "accepted");
  }

  @Test
  void namesThatNobodyKnows() {
    trainFails(2, "--method=deepclster", "did you mean 'deepcluster'?");
    trainFails(2, "--backbone=resnet19", "resnet19", "resnet18");
    trainFails(
        2, "--preset=deepcluster-tiny", "deepcluster-tiny", "accepted: ", "deepcluster-small, ");
    trainFails(2, "--epoch=3", "unknown option '--epoch'; did you mean '--epochs'?");
    trainFails(2, "--set=clustering.kk=3", "clustering.kk", "clustering.k");
    trainFails(2, "--epochs=many", "schedule.epochs", "many");
    fails(3, "train --config=@none.yaml --out=@refused", "none.yaml: no such file");
    fails(2, "train --config=@pictures --out=@refused", "pictures is a folder; accepted: a YAML");
    fails(2, "train --config=@x.npy --out=@refused", "x.npy is not UTF-8 text; accepted: a YAML");
  }

  @Test
  void placesThatCannotBeWritten() {
    fails(3, "train --config=@small.yaml --out=@x.npy/run", "x.npy");
    fails(3, "train --config=@small.yaml --out=@x.npy", "x.npy");
    fails(3, "cluster --features=@x.npy --k=2 --out=@x.npy/l.npy", "x.npy");
    fails(3, "cluster --features=@x.npy --k=2 --out=@missing/l.npy", "missing");
    assertThat(folder.resolve("x.npy")).isRegularFile();
  }
}
