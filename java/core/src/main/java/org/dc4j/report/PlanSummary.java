package org.dc4j.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The few settings of plan.yaml that identify a run; what is not there is left out. */
final class PlanSummary {
  /** Name on the page, then the path in the plan, outermost key first. */
  private static final List<List<String>> SETTINGS =
      List.of(
          List.of("method", "method"),
          List.of("data", "data"),
          List.of("backbone", "encoder", "backbone"),
          List.of("embedding width", "encoder", "embedding"),
          List.of("clusters asked for", "clustering", "k"),
          List.of("epochs", "schedule", "epochs"),
          List.of("batch size", "schedule", "batchSize"),
          List.of("device", "device"),
          List.of("seed", "seed"),
          List.of("weights chosen by the labels of", "evaluation", "selectOn"));

  private PlanSummary() {}

  /** Settings by name, in reading order; empty if the text is not YAML. */
  static Map<String, String> of(String plan) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(plan);
    } catch (JsonProcessingException e) {
      return Map.of(); // the text itself is on the page
    }
    Map<String, String> found = new LinkedHashMap<>();
    for (List<String> setting : SETTINGS) {
      JsonNode node = root;
      for (String key : setting.subList(1, setting.size())) {
        node = node.path(key);
      }
      if (node.isValueNode() && !node.isNull()) {
        found.put(setting.get(0), node.asText());
      }
    }
    return found;
  }
}
