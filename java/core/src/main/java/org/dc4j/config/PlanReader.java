package org.dc4j.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Reads plan records from a tree of values. The records themselves are the schema: their components
 * are the keys, so a new field needs no line here. Every problem is collected, then thrown at once.
 */
final class PlanReader {
  /** Fields that may be null; everything else must have a value. */
  private static final Set<String> NULLABLE =
      Set.of(
          "data",
          "encoder.weights",
          "augmentation.localCrops",
          "headOptimizer",
          "clustering",
          "evaluation.selectOn",
          "options");

  private final List<String> problems = new ArrayList<>();

  private PlanReader() {}

  /**
   * The plan in {@code tree}; what it leaves out comes from {@code base}, or is an error if null.
   */
  static TrainingPlan read(JsonNode tree, TrainingPlan base) {
    PlanReader reader = new PlanReader();
    Object plan = reader.readRecord(TrainingPlan.class, base, tree, "");
    if (!reader.problems.isEmpty()) {
      throw new InvalidPlanException(reader.problems);
    }
    return (TrainingPlan) plan;
  }

  /** A record that stands by itself at {@code path}; every key must be there. */
  static <T extends Record> T read(Class<T> type, JsonNode tree, String path) {
    PlanReader reader = new PlanReader();
    Object record = reader.readRecord(type, null, tree, path);
    if (!reader.problems.isEmpty()) {
      throw new InvalidPlanException(reader.problems);
    }
    return type.cast(record);
  }

  /** Component names of a plan record. */
  static List<String> keys(Class<?> type) {
    return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  static boolean nullable(String path) {
    return NULLABLE.contains(path);
  }

  private Object readRecord(Class<?> type, Object base, JsonNode node, String path) {
    if (!node.isObject()) {
      String keys = String.join(", ", keys(type));
      return problem(name(path), node, "a section with the keys " + keys);
    }
    node.fieldNames().forEachRemaining(key -> checkKnown(type, path, key));
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    boolean complete = true;
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = readComponent(components[i], base, node, path);
      complete &= values[i] != null || nullable(join(path, components[i].getName()));
    }
    return complete ? construct(type, types, values) : null;
  }

  private Object readComponent(RecordComponent component, Object base, JsonNode node, String path) {
    String here = join(path, component.getName());
    Object inherited = base == null ? null : invoke(component, base);
    if (node.has(component.getName())) {
      return readValue(component.getType(), inherited, node.get(component.getName()), here);
    }
    if (base == null && !nullable(here)) {
      problems.add(here + " is missing");
    }
    return inherited;
  }

  private Object readValue(Class<?> type, Object inherited, JsonNode node, String path) {
    if (node.isNull() && nullable(path)) {
      return null;
    }
    if (type == MethodOptions.class) {
      return readOptions((MethodOptions) inherited, node, path);
    }
    if (type.isRecord()) {
      return readRecord(type, inherited, node, path);
    }
    if (type == int.class) {
      return node.canConvertToInt() && node.isIntegralNumber()
          ? (Object) node.intValue()
          : problem(path, node, "a whole number below 2^31");
    }
    if (type == long.class) {
      return node.canConvertToLong() && node.isIntegralNumber()
          ? (Object) node.longValue()
          : problem(path, node, "a whole number below 2^63");
    }
    if (type == double.class) {
      Double number = number(node);
      return number != null ? number : problem(path, node, "a number");
    }
    if (type == boolean.class) {
      return node.isBoolean() ? (Object) node.booleanValue() : problem(path, node, "true or false");
    }
    if (type == String.class) {
      return node.isTextual() ? node.textValue() : problem(path, node, "text");
    }
    if (type == float[].class) {
      return floats(node, path);
    }
    throw new IllegalStateException("no reader for " + type + " at " + path);
  }

  /** Settings laid over those of the base; which keys there are is the method's business. */
  private Object readOptions(MethodOptions inherited, JsonNode node, String path) {
    if (!node.isObject()) {
      return problem(path, node, "a section with the method's keys");
    }
    ObjectNode merged =
        inherited == null ? JsonNodeFactory.instance.objectNode() : inherited.tree().deepCopy();
    merged.setAll((ObjectNode) node);
    return MethodOptions.of(merged);
  }

  private Object floats(JsonNode node, String path) {
    String accepted = "a list of numbers, for example [0.5]";
    if (!node.isArray()) {
      return problem(path, node, accepted);
    }
    float[] values = new float[node.size()];
    for (int i = 0; i < values.length; i++) {
      if (number(node.get(i)) == null) {
        return problem(path, node, accepted);
      }
      values[i] = Float.parseFloat(node.get(i).asText());
    }
    return values;
  }

  /** A number, also one that YAML 1.1 takes for text (1e-5 has no dot); null if it is none. */
  private static Double number(JsonNode node) {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    // Double.parseDouble would take "1d" and "0x1p3" too.
    if (node.isTextual() && node.textValue().matches("[-+]?[0-9]+(\\.[0-9]*)?([eE][-+]?[0-9]+)?")) {
      return Double.valueOf(node.textValue());
    }
    return null;
  }

  private void checkKnown(Class<?> type, String path, String key) {
    List<String> known = keys(type);
    if (!known.contains(key)) {
      problems.add(unknown(type, path, key));
    }
  }

  /** The error for a key that {@code type}, found at {@code path}, does not have. */
  static String unknown(Class<?> type, String path, String key) {
    List<String> known = keys(type);
    List<String> elsewhere = new ArrayList<>();
    for (RecordComponent section : TrainingPlan.class.getRecordComponents()) {
      if (section.getType().isRecord() && keys(section.getType()).contains(key)) {
        elsewhere.add(section.getName() + "." + key);
      }
    }
    String hint =
        NearestName.of(key, known)
            .map(near -> join(path, near))
            .or(() -> elsewhere.stream().findFirst())
            .map(near -> "; did you mean '" + near + "'?")
            .orElse(";");
    return "unknown key '%s'%s accepted%s: %s"
        .formatted(
            join(path, key), hint, path.isEmpty() ? "" : " in " + path, String.join(", ", known));
  }

  private Object problem(String path, JsonNode node, String accepted) {
    String value = node.isTextual() ? "'" + node.textValue() + "'" : node.toString();
    problems.add("%s is %s; accepted: %s".formatted(path, value, accepted));
    return null;
  }

  private static String name(String path) {
    return path.isEmpty() ? "the plan" : path;
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  static Object invoke(RecordComponent component, Object owner) {
    try {
      return component.getAccessor().invoke(owner);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("plan record without a public accessor: " + component, e);
    }
  }

  private static Object construct(Class<?> type, Class<?>[] types, Object[] values) {
    try {
      return type.getConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof InvalidPlanException invalid) {
        throw invalid; // a method's options check themselves
      }
      throw new IllegalStateException("plan record " + type, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("plan record without a public constructor: " + type, e);
    }
  }
}
