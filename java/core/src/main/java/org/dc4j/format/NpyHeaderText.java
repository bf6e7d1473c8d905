package org.dc4j.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The text of an npy header: a Python dict literal such as {@code {'descr': '<f4', 'fortran_order':
 * False, 'shape': (3, 4), }}. Parses strings, booleans and tuples of integers, which is all that a
 * plain array needs.
 */
final class NpyHeaderText {
  private final Path file;
  private final String text;
  private int at;
  private String descr;
  private Boolean fortranOrder;
  private long[] shape;

  private NpyHeaderText(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /** Shape and element type; {@code dataOffset} is passed on. */
  static NpyFile.Header parse(Path file, String text, long dataOffset) {
    NpyHeaderText header = new NpyHeaderText(file, text);
    header.dict();
    if (header.descr == null || header.fortranOrder == null || header.shape == null) {
      throw header.bad("lacks 'descr', 'fortran_order' or 'shape'");
    }
    NpyFile.ElementType type = NpyFile.ElementType.of(file, header.descr);
    if (header.fortranOrder) {
      throw new FormatException(
          file,
          "the array is in Fortran (column-major) order; accepted is C order"
              + " (numpy.ascontiguousarray)");
    }
    return new NpyFile.Header(type, header.shape, dataOffset);
  }

  private void dict() {
    expect('{');
    while (peek() != '}') {
      String key = string();
      expect(':');
      value(key);
      if (peek() == ',') {
        at++;
      } else if (peek() != '}') {
        throw bad("expected ',' or '}'");
      }
    }
    at++;
    if (!text.substring(at).isBlank()) {
      throw bad("goes on after '}'");
    }
  }

  private void value(String key) {
    switch (key) {
      case "descr" -> {
        if (peek() == '[') {
          throw new FormatException(
              file,
              "the array is structured; accepted are arrays of " + NpyFile.ElementType.ACCEPTED);
        }
        descr = string();
      }
      case "fortran_order" -> fortranOrder = bool();
      case "shape" -> shape = tuple();
      default -> throw bad("has the unknown key '" + key + "'");
    }
  }

  private String string() {
    char quote = peek();
    if (quote != '\'' && quote != '"') {
      throw bad("expected a string");
    }
    int end = text.indexOf(quote, at + 1);
    if (end < 0) {
      throw bad("has a string without end");
    }
    String value = text.substring(at + 1, end);
    at = end + 1;
    return value;
  }

  private boolean bool() {
    peek();
    for (boolean value : new boolean[] {true, false}) {
      String literal = value ? "True" : "False";
      if (text.startsWith(literal, at)) {
        at += literal.length();
        return value;
      }
    }
    throw bad("expected True or False");
  }

  private long[] tuple() {
    expect('(');
    List<Long> sizes = new ArrayList<>();
    while (peek() != ')') {
      sizes.add(size());
      if (peek() == ',') {
        at++;
      } else if (peek() != ')') {
        throw bad("expected ',' or ')'");
      }
    }
    at++;
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  private long size() {
    int start = at;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    try {
      long value = Long.parseLong(text, start, at, 10);
      if (at < text.length() && text.charAt(at) == 'L') { // Python 2 wrote long integers so
        at++;
      }
      return value;
    } catch (NumberFormatException e) {
      throw bad("expected a size >= 0 below 2^63");
    }
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw bad("expected '" + wanted + "'");
    }
    at++;
  }

  /** The next character that is not a blank. */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      throw bad("ends too early");
    }
    return text.charAt(at);
  }

  private FormatException bad(String problem) {
    String shown = text.length() <= 200 ? text.strip() : text.substring(0, 200) + "...";
    return new FormatException(
        file, "npy header " + problem + " at character " + at + ": \"" + shown + "\"");
  }
}
