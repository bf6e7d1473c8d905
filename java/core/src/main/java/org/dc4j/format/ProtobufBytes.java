package org.dc4j.format;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A protobuf message being written, field by field (protobuf.dev/programming-guides/encoding). */
final class ProtobufBytes {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  ProtobufBytes varint(int field, long value) {
    key(field, VARINT);
    raw(value);
    return this;
  }

  ProtobufBytes fixed64(int field, double value) {
    key(field, FIXED64);
    littleEndian(Double.doubleToRawLongBits(value), 8);
    return this;
  }

  ProtobufBytes fixed32(int field, float value) {
    key(field, FIXED32);
    littleEndian(Float.floatToRawIntBits(value), 4);
    return this;
  }

  ProtobufBytes text(int field, String value) {
    return delimited(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtobufBytes message(int field, ProtobufBytes message) {
    return delimited(field, message.toArray());
  }

  ProtobufBytes packed(int field, double[] values) {
    key(field, LENGTH_DELIMITED);
    raw(values.length * 8L);
    for (double value : values) {
      littleEndian(Double.doubleToRawLongBits(value), 8);
    }
    return this;
  }

  /** Adds the fields of {@code other}. */
  ProtobufBytes append(ProtobufBytes other) {
    bytes.writeBytes(other.toArray());
    return this;
  }

  byte[] toArray() {
    return bytes.toByteArray();
  }

  private ProtobufBytes delimited(int field, byte[] content) {
    key(field, LENGTH_DELIMITED);
    raw(content.length);
    bytes.writeBytes(content);
    return this;
  }

  private void key(int field, int wireType) {
    raw((long) field << 3 | wireType);
  }

  private void raw(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  private void littleEndian(long value, int count) {
    for (int i = 0; i < count; i++) {
      bytes.write((int) (value >>> (8 * i)));
    }
  }
}
