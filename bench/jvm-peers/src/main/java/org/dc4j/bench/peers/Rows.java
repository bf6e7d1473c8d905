package org.dc4j.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rows of a C-ordered float32 .npy file, as doubles: what these libraries take. */
final class Rows {
  private static final Pattern SHAPE = Pattern.compile("\\((\\d+), (\\d+)\\)");

  private Rows() {}

  static double[][] read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer start = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(start);
      ByteBuffer header = ByteBuffer.allocate(start.getShort(8));
      channel.read(header);
      String text = new String(header.array(), StandardCharsets.US_ASCII);
      Matcher shape = SHAPE.matcher(text);
      if (!text.contains("'<f4'") || text.contains("True") || !shape.find()) {
        throw new IOException(file + " is not a C-ordered float32 matrix: " + text);
      }
      int n = Integer.parseInt(shape.group(1));
      int d = Integer.parseInt(shape.group(2));
      double[][] rows = new double[n][d];
      ByteBuffer row = ByteBuffer.allocate(4 * d).order(ByteOrder.LITTLE_ENDIAN);
      for (double[] to : rows) {
        row.clear();
        while (row.hasRemaining() && channel.read(row) >= 0) {}
        for (int t = 0; t < d; t++) {
          to[t] = row.getFloat(4 * t);
        }
      }
      return rows;
    }
  }

  /** Float64, row after row, without a header. */
  static void write(Path file, double[][] rows) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(rows.length * rows[0].length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (double[] row : rows) {
      for (double value : row) {
        bytes.putDouble(value);
      }
    }
    Files.write(file, bytes.array(), StandardOpenOption.CREATE);
  }
}
