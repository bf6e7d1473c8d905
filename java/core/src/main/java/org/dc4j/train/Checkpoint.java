package org.dc4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.dc4j.format.AtomicFiles;
import org.dc4j.format.FileErrors;
import org.dc4j.format.FormatException;
import org.dc4j.format.SafetensorsFile;
import org.dc4j.format.StateDict;

/**
 * Everything a run needs to go on from a step as if it had never stopped.
 *
 * @param position where the run stands
 * @param state tensors: "encoder.", "optimizer.", "method."
 */
public record Checkpoint(Position position, StateDict state) {
  private static final int KEPT = 3;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Where a run stands: {@code batch} batches of epoch {@code epoch} are done.
   *
   * @param epoch epoch that is running or begins next
   * @param batch batches of it done; 0 = it begins next
   * @param step batches done in the whole run
   * @param lossSum sum of the epoch's batch losses so far
   * @param metricsBytes length of metrics.jsonl at this point
   * @param pending the running epoch's figures so far
   * @param fingerprint of plan and data; a checkpoint of another run is refused
   */
  public record Position(
      int epoch,
      int batch,
      long step,
      double lossSum,
      long metricsBytes,
      Map<String, Object> pending,
      String fingerprint) {}

  /** Writes it into {@code folder} atomically and drops all but the last three. */
  public void save(Path folder) {
    AtomicFiles.writeFolder(
        folder.resolve(String.format(Locale.ROOT, "step-%010d", position.step())),
        temporary -> {
          SafetensorsFile.write(temporary.resolve("state.safetensors"), state, Map.of());
          Files.writeString(temporary.resolve("position.json"), JSON.writeValueAsString(position));
        });
    List<Path> all = list(folder);
    for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      AtomicFiles.deleteFolder(old);
    }
  }

  /** The newest checkpoint of a folder, if there is one. */
  public static Optional<Checkpoint> latest(Path folder) {
    return latest(folder, text -> {});
  }

  /**
   * The newest checkpoint of a folder that can be read, if there is one at all.
   *
   * @param warning told of each damaged one that is passed over
   * @throws RuntimeException what is wrong with the newest, if none can be read
   */
  public static Optional<Checkpoint> latest(Path folder, Consumer<String> warning) {
    List<Path> all = Files.isDirectory(folder) ? list(folder) : List.of();
    RuntimeException ofNewest = null;
    for (int i = all.size() - 1; i >= 0; i--) {
      try {
        Checkpoint found = read(all.get(i));
        return Optional.of(found);
      } catch (FormatException | UncheckedIOException e) {
        ofNewest = ofNewest == null ? e : ofNewest;
        if (i > 0) {
          String what = "checkpoint %s cannot be read, going back to %s: %s";
          warning.accept(what.formatted(all.get(i), all.get(i - 1).getFileName(), e.getMessage()));
        }
      }
    }
    if (ofNewest != null) {
      throw ofNewest;
    }
    return Optional.empty();
  }

  private static Checkpoint read(Path folder) {
    StateDict state = SafetensorsFile.read(folder.resolve("state.safetensors")).tensors();
    return new Checkpoint(position(folder.resolve("position.json")), state);
  }

  /** Reads a position; a field that is missing or unknown is as bad as no JSON. */
  private static Position position(Path file) {
    try {
      Position position = JSON.readValue(Files.readAllBytes(file), Position.class);
      if (position == null || position.pending() == null || position.fingerprint() == null) {
        throw new FormatException(file, "is damaged: it tells no position of a run");
      }
      return position;
    } catch (JsonProcessingException | CharConversionException e) {
      String reason = e.getMessage().lines().findFirst().orElse("");
      throw new FormatException(file, "is damaged: " + reason, e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read " + file + ": " + FileErrors.describe(file, e), e);
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> path.getFileName().toString().matches("step-\\d{10}"))
          .sorted(Comparator.comparing(Path::toString))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "checkpoints in " + folder + ": " + FileErrors.describe(folder, e), e);
    }
  }
}
