package org.dc4j.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;

/** Files are parsed with TensorFlow's own messages and a bitwise CRC. */
class TensorBoardWriterTest {
  @TempDir Path folder;

  private static List<Event> events(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] prefix = new byte[8];
      bytes.get(bytes.position(), prefix);
      byte[] payload = new byte[Math.toIntExact(bytes.getLong())];
      assertThat(bytes.getInt()).isEqualTo(masked(crc32c(prefix)));
      bytes.get(payload);
      assertThat(bytes.getInt()).isEqualTo(masked(crc32c(payload)));
      events.add(Event.parseFrom(payload));
    }
    return events;
  }

  /** CRC-32C bit by bit: reflected polynomial 0x82f63b78. */
  private static int crc32c(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 1 ? 0x82f63b78 : 0);
      }
    }
    return ~crc;
  }

  private static int masked(int crc) {
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  @Test
  void theChecksumOfTheTestIsTheStandardOne() {
    assertThat(crc32c("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(0xe3069283); // RFC 3720's check value
  }

  @Test
  void writesScalars() throws IOException {
    Instant time = Instant.parse("2024-05-06T07:08:09.5Z");
    Path file;
    try (TensorBoardWriter writer =
        TensorBoardWriter.open(folder, Clock.fixed(time, ZoneOffset.UTC))) {
      writer.scalar("train/loss", 0, 2.5);
      writer.scalar("nmi/größe", 3_000_000_000L, -0.125);
      file = writer.file();
      assertThat(events(file)).hasSize(3); // nothing waits for close
    }
    assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.1714979289.");
    List<Event> events = events(file);
    assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
    assertThat(events.get(0).getWallTime()).isEqualTo(1714979289.5);
    Event first = events.get(1);
    assertThat(first.getStep()).isZero();
    assertThat(first.getWallTime()).isEqualTo(1714979289.5);
    assertThat(first.getSummary().getValueCount()).isEqualTo(1);
    assertThat(first.getSummary().getValue(0).getTag()).isEqualTo("train/loss");
    assertThat(first.getSummary().getValue(0).getSimpleValue()).isEqualTo(2.5f);
    Summary.Value second = events.get(2).getSummary().getValue(0);
    assertThat(events.get(2).getStep()).isEqualTo(3_000_000_000L);
    assertThat(second.getTag()).isEqualTo("nmi/größe");
    assertThat(second.getSimpleValue()).isEqualTo(-0.125f);
    assertThat(second.getUnknownFields().asMap()).isEmpty();
  }

  @Test
  void writesHistograms() throws IOException {
    try (TensorBoardWriter writer = TensorBoardWriter.open(folder)) {
      writer.histogram("sizes", 4, new double[] {1, 1, 2, 31});
      writer.histogram("equal", 4, new double[] {5, 5});
      assertThatThrownBy(() -> writer.histogram("none", 4, new double[0]))
          .isInstanceOf(IllegalArgumentException.class);
      List<Event> events = events(writer.file());
      HistogramProto sizes = events.get(1).getSummary().getValue(0).getHisto();
      assertThat(sizes.getMin()).isEqualTo(1);
      assertThat(sizes.getMax()).isEqualTo(31);
      assertThat(sizes.getNum()).isEqualTo(4);
      assertThat(sizes.getSum()).isEqualTo(35);
      assertThat(sizes.getSumSquares()).isEqualTo(967);
      assertThat(sizes.getBucketLimitCount()).isEqualTo(30);
      assertThat(sizes.getBucketLimit(29)).isEqualTo(31);
      assertThat(sizes.getBucketList()).startsWith(2.0, 1.0, 0.0).endsWith(0.0, 1.0);
      HistogramProto equal = events.get(2).getSummary().getValue(0).getHisto();
      assertThat(equal.getBucketList()).containsExactly(2.0);
    }
  }

  @Test
  void aResumedRunStartsItsOwnFile() throws IOException {
    TensorBoardWriter first = TensorBoardWriter.open(folder);
    first.scalar("loss", 1, 1);
    first.close();
    first.close();
    assertThatThrownBy(() -> first.scalar("loss", 2, 1)).isInstanceOf(IllegalStateException.class);
    try (TensorBoardWriter second = TensorBoardWriter.resume(folder, 2)) {
      assertThat(second.file()).isNotEqualTo(first.file());
      List<Event> events = events(second.file());
      assertThat(events).hasSize(2);
      assertThat(events.get(1).getStep()).isEqualTo(2);
      assertThat(events.get(1).getSessionLog().getStatus())
          .isEqualTo(SessionLog.SessionStatus.START);
    }
  }
}
