package org.dc4j.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Names of images as texts that every reader takes the same way: one line of Unicode. What a file
 * name may hold beside that (bytes that are no UTF-8, line breaks and other control characters) is
 * written as \xNN or \\uNNNN.
 */
public final class ImageNames {
  private ImageNames() {}

  /** The name without line breaks and control characters: ids.txt has one name a line. */
  public static String oneLine(String name) {
    if (name.chars().noneMatch(ImageNames::breaksLines)) {
      return name;
    }
    StringBuilder text = new StringBuilder();
    for (char c : name.toCharArray()) {
      text.append(breaksLines(c) ? escaped(c) : Character.toString(c));
    }
    return text.toString();
  }

  /** A file name's bytes as Unicode, whatever the locale; one line. */
  public static String of(byte[] bytes) {
    try {
      return oneLine(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder();
      for (byte b : bytes) {
        text.append(b >= 0 ? Character.toString(b) : escaped((char) (b & 0xFF)));
      }
      return oneLine(text.toString());
    }
  }

  // Also what Python's splitlines() takes for the end of a line.
  private static boolean breaksLines(int c) {
    return Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
  }

  private static String escaped(char c) {
    return String.format(Locale.ROOT, c < 0x100 ? "\\x%02X" : "\\u%04X", (int) c);
  }
}
