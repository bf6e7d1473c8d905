package org.dc4j.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Plans as YAML: presets, a user's file, single settings. Keys are the names of the plan records'
 * components ("clustering.everyEpochs"). Unknown keys and values of a wrong type throw {@link
 * InvalidPlanException}; whether values make sense is {@link PlanValidation}'s question. Stateless.
 */
public final class PlanFiles {
  private static final List<String> PRESETS =
      List.of(
          "cluster-contrast",
          "cluster-contrast-msmt17",
          "cluster-contrast-small",
          "deepcluster",
          "deepcluster-small",
          "deepcluster-v2",
          "deepcluster-v2-small",
          "demo",
          "ise",
          "ise-msmt17",
          "ise-small",
          "odc",
          "odc-small",
          "pic",
          "pic-small",
          "ratio",
          "ratio-small",
          "spcl",
          "spcl-msmt17",
          "spcl-small");
  private static final YAMLMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private PlanFiles() {}

  /** Names accepted by {@link #preset}. */
  public static List<String> presets() {
    return PRESETS;
  }

  /** A plan that ships with the library, complete but for its data set. */
  public static TrainingPlan preset(String name) {
    if (!PRESETS.contains(name)) {
      throw new IllegalArgumentException(
          "unknown preset '%s'%s accepted: %s"
              .formatted(
                  name,
                  NearestName.of(name, PRESETS).map(n -> "; did you mean '" + n + "'?").orElse(";"),
                  String.join(", ", PRESETS)));
    }
    try (InputStream in = PlanFiles.class.getResourceAsStream("presets/" + name + ".yaml")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks presets/" + name + ".yaml");
      }
      return fromYaml(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("the jar's presets/" + name + ".yaml is unreadable", e);
    }
  }

  /** {@code base} with the settings of a YAML text laid over it; an empty text changes nothing. */
  public static TrainingPlan merge(TrainingPlan base, String yaml) {
    JsonNode tree = parse(yaml, "the plan");
    return tree.isMissingNode() || tree.isNull() ? base : PlanReader.read(tree, base);
  }

  /** {@code base} with nested settings laid over it. */
  public static TrainingPlan merge(TrainingPlan base, Map<String, ?> settings) {
    return PlanReader.read(YAML.valueToTree(settings), base);
  }

  /**
   * {@code base} with the settings of a YAML file laid over it; problems name the file.
   *
   * @throws IOException if it cannot be read
   */
  public static TrainingPlan mergeFile(TrainingPlan base, Path file) throws IOException {
    return inFile(file, text -> merge(base, text));
  }

  /**
   * The complete plan in a file, for example a run's plan.yaml, every field in range; problems name
   * the file.
   *
   * @throws IOException if it cannot be read
   */
  public static TrainingPlan readFile(Path file) throws IOException {
    return inFile(file, text -> PlanValidation.validate(fromYaml(text)));
  }

  private static TrainingPlan inFile(Path file, Function<String, TrainingPlan> reading)
      throws IOException {
    if (Files.isDirectory(file)) {
      throw new InvalidPlanException(file + " is a folder; accepted: a YAML file");
    }
    try {
      return reading.apply(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new InvalidPlanException(file + " is not UTF-8 text; accepted: a YAML file");
    } catch (InvalidPlanException e) {
      throw new InvalidPlanException(
          e.problems().stream().map(problem -> file + ": " + problem).toList());
    }
  }

  /**
   * {@code plan} with one setting changed.
   *
   * @param path key, for example "clustering.k"
   * @param value as in YAML: "300", "[0.5, 0.5]", "true"; for text fields the text itself, "null"
   *     where nothing is allowed
   */
  public static TrainingPlan with(TrainingPlan plan, String path, String value) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode node = root;
    Class<?> type = TrainingPlan.class;
    String[] keys = path.split("\\.", -1);
    for (int i = 0; ; i++) {
      RecordComponent component = component(type, keys, i);
      if (component.getType() == MethodOptions.class && i == keys.length - 2) {
        node.putObject(keys[i]).set(keys[i + 1], value(null, path, value));
        return PlanReader.read(root, plan);
      }
      if (i == keys.length - 1) {
        node.set(keys[i], value(component.getType(), path, value));
        return PlanReader.read(root, plan);
      }
      if (!component.getType().isRecord() || component.getType() == MethodOptions.class) {
        String leaf = String.join(".", List.of(keys).subList(0, i + 1));
        throw new InvalidPlanException(
            "unknown key '%s'; '%s' has no keys of its own".formatted(path, leaf));
      }
      node = node.putObject(keys[i]);
      type = component.getType();
    }
  }

  /** {@link #with(TrainingPlan, String, String)} for "clustering.k=300". */
  public static TrainingPlan with(TrainingPlan plan, String assignment) {
    int equals = assignment.indexOf('=');
    if (equals <= 0) {
      throw new InvalidPlanException(
          "setting '%s'; accepted: key=value, for example clustering.k=300".formatted(assignment));
    }
    return with(
        plan, assignment.substring(0, equals).strip(), assignment.substring(equals + 1).strip());
  }

  /** The whole plan as YAML; {@link #fromYaml} gives an equal plan back. */
  public static String toYaml(TrainingPlan plan) {
    try {
      return YAML.writeValueAsString(tree(plan));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a plan that cannot be written: " + plan, e);
    }
  }

  /** A complete plan; a missing key is an error. */
  public static TrainingPlan fromYaml(String yaml) {
    return PlanReader.read(parse(yaml, "the plan"), null);
  }

  private static RecordComponent component(Class<?> type, String[] keys, int at) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getName().equals(keys[at])) {
        return component;
      }
    }
    String parent = String.join(".", List.of(keys).subList(0, at));
    throw new InvalidPlanException(PlanReader.unknown(type, parent, keys[at]));
  }

  private static JsonNode value(Class<?> type, String path, String value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (type == String.class) {
      boolean nothing = PlanReader.nullable(path) && value.equals("null");
      return nothing ? nodes.nullNode() : nodes.textNode(value);
    }
    JsonNode node = parse(value, path);
    return node.isMissingNode() ? nodes.textNode("") : node;
  }

  private static JsonNode parse(String yaml, String what) {
    try {
      return YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
      String reason = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new InvalidPlanException("%s is not YAML%s: %s".formatted(what, where, reason));
    }
  }

  private static ObjectNode tree(Record record) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = PlanReader.invoke(component, record);
      if (value instanceof MethodOptions options) {
        node.set(component.getName(), options.tree());
      } else if (value instanceof Record nested) {
        node.set(component.getName(), tree(nested));
      } else {
        node.set(component.getName(), YAML.valueToTree(value));
      }
    }
    return node;
  }
}
