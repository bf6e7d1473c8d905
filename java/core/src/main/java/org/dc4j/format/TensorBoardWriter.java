package org.dc4j.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file: scalars and histograms over steps. Each process writes a new file in
 * the same folder; one that resumes says from which step on, and TensorBoard drops what earlier
 * files hold from there. Every record is written at once, so a kill loses none before it. Owns the
 * open file. Not thread-safe.
 *
 * <p>File: TFRecords (length, masked CRC32C of it, payload, masked CRC32C of that) of {@code
 * tensorflow.Event} messages, tensorflow/core/util/event.proto.
 */
public final class TensorBoardWriter implements AutoCloseable {
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION_LOG = 7;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_HISTOGRAM = 5;
  private static final int SESSION_LOG_STATUS = 1;
  private static final int SESSION_START = 1;
  private static final int HISTOGRAM_BUCKETS = 30;

  private final Path file;
  private final FileChannel channel;
  private final Clock clock;

  private TensorBoardWriter(Path file, FileChannel channel, Clock clock) {
    this.file = file;
    this.channel = channel;
    this.clock = clock;
  }

  /** Starts a new event file in {@code folder}, which is created if need be. */
  public static TensorBoardWriter open(Path folder) {
    return open(folder, Clock.systemUTC());
  }

  /** As {@link #open(Path)}, with the times of {@code clock}. */
  public static TensorBoardWriter open(Path folder, Clock clock) {
    TensorBoardWriter[] writer = new TensorBoardWriter[1];
    FileErrors.writing(
        folder,
        () -> {
          Files.createDirectories(folder);
          writer[0] = createFile(folder, clock);
        });
    writer[0].write(new ProtobufBytes().text(EVENT_FILE_VERSION, "brain.Event:2"));
    return writer[0];
  }

  /** As {@link #open(Path)}; what earlier files hold at {@code step} and after is not shown. */
  public static TensorBoardWriter resume(Path folder, long step) {
    TensorBoardWriter writer = open(folder);
    writer.write(
        new ProtobufBytes()
            .varint(EVENT_STEP, step)
            .message(
                EVENT_SESSION_LOG, new ProtobufBytes().varint(SESSION_LOG_STATUS, SESSION_START)));
    return writer;
  }

  private static TensorBoardWriter createFile(Path folder, Clock clock) throws IOException {
    long process = ProcessHandle.current().pid();
    for (int number = 0; ; number++) {
      String name =
          String.format(
              Locale.ROOT,
              "events.out.tfevents.%010d.dc4j.%d.%d",
              clock.instant().getEpochSecond(),
              process,
              number);
      Path file = folder.resolve(name);
      try {
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new TensorBoardWriter(file, channel, clock);
      } catch (FileAlreadyExistsException taken) {
        continue; // a writer of this process in the same second: next number
      }
    }
  }

  /** The event file. */
  public Path file() {
    return file;
  }

  /** Writes one point of the curve {@code tag}. TensorBoard keeps it as fp32. */
  public void scalar(String tag, long step, double value) {
    ProtobufBytes point =
        new ProtobufBytes().text(VALUE_TAG, tag).fixed32(VALUE_SIMPLE, (float) value);
    writeSummary(step, point);
  }

  /**
   * Writes the distribution of {@code values} (finite, at least one) in buckets of equal width, for
   * example cluster sizes.
   */
  public void histogram(String tag, long step, double[] values) {
    ProtobufBytes point =
        new ProtobufBytes().text(VALUE_TAG, tag).message(VALUE_HISTOGRAM, histogram(tag, values));
    writeSummary(step, point);
  }

  private static ProtobufBytes histogram(String tag, double[] values) {
    double min = Arrays.stream(values).min().orElse(Double.NaN);
    double max = Arrays.stream(values).max().orElse(Double.NaN);
    if (!Double.isFinite(min) || !Double.isFinite(max)) {
      throw new IllegalArgumentException(
          "histogram '" + tag + "' needs at least one value, all finite");
    }
    int buckets = max > min ? HISTOGRAM_BUCKETS : 1;
    double width = (max - min) / buckets;
    double[] limits = new double[buckets];
    double[] counts = new double[buckets];
    for (int i = 0; i < buckets; i++) {
      limits[i] = i == buckets - 1 ? max : min + (i + 1) * width;
    }
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      int bucket = width > 0 ? (int) ((value - min) / width) : 0;
      counts[Math.min(bucket, buckets - 1)]++;
      sum += value;
      squares += value * value;
    }
    return new ProtobufBytes()
        .fixed64(1, min)
        .fixed64(2, max)
        .fixed64(3, values.length)
        .fixed64(4, sum)
        .fixed64(5, squares)
        .packed(6, limits)
        .packed(7, counts);
  }

  private void writeSummary(long step, ProtobufBytes point) {
    write(
        new ProtobufBytes()
            .varint(EVENT_STEP, step)
            .message(EVENT_SUMMARY, new ProtobufBytes().message(SUMMARY_VALUE, point)));
  }

  private void write(ProtobufBytes rest) {
    if (!channel.isOpen()) {
      throw new IllegalStateException("event file used after close");
    }
    Instant now = clock.instant();
    double seconds = now.getEpochSecond() + now.getNano() * 1e-9;
    byte[] event = new ProtobufBytes().fixed64(EVENT_WALL_TIME, seconds).append(rest).toArray();
    ByteBuffer record = ByteBuffer.allocate(event.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(event.length);
    record.putInt(maskedCrc(record.array(), 0, 8));
    record.put(event);
    record.putInt(maskedCrc(record.array(), 12, event.length));
    FileErrors.writing(file, () -> ChannelBytes.write(channel, record.flip()));
  }

  /** CRC32C, rotated and shifted as TFRecord demands (tensorflow/core/lib/hash/crc32c.h). */
  private static int maskedCrc(byte[] bytes, int from, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, count);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  @Override
  public void close() {
    FileErrors.writing(file, channel::close);
  }
}
