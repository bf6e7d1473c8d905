package org.dc4j.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * A method's own constants: the section {@code options} of a plan, whose keys are the components of
 * a record that the method declares. The plan carries the section as it was written, so that a new
 * method needs no change here; {@link #as} turns it into the record, with the same errors as for
 * any other key. Immutable.
 *
 * @param json the section as one JSON object, for example {"temperature":0.05}
 */
public record MethodOptions(String json) {
  /** No options: what a method without constants of its own takes. */
  public static final MethodOptions NONE = new MethodOptions("{}");

  private static final String SECTION = "options";

  static MethodOptions of(JsonNode section) {
    return new MethodOptions(section.toString());
  }

  JsonNode tree() {
    try {
      return JsonMapper.builder().build().readTree(json);
    } catch (JsonProcessingException e) {
      throw new InvalidPlanException(SECTION + " is '" + json + "'; accepted: a JSON object");
    }
  }

  /**
   * The section as a record of the method's.
   *
   * @throws InvalidPlanException for unknown or missing keys and values of a wrong type
   */
  public <T extends Record> T as(Class<T> type) {
    return PlanReader.read(type, tree(), SECTION);
  }
}
