package org.dc4j.method;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The one place that lists the methods. */
public final class Methods {
  private static final Map<String, Function<MethodContext, Method>> ALL =
      new TreeMap<>(
          Map.of(
              "cluster-contrast", ClusterContrast::of,
              "deepcluster", DeepCluster::new,
              "deepcluster-v2", DeepClusterV2::new,
              "odc", Odc::new,
              "pic", DeepClusterPic::of,
              "ratio", RatioClustering::new));

  private Methods() {}

  /** Names accepted by {@link #create}, sorted. */
  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /**
   * A method by the plan's name; the error lists the names.
   *
   * @throws IllegalArgumentException for an unknown name, or a plan that the images cannot serve
   * @throws org.dc4j.config.InvalidPlanException for options that are not the method's
   */
  public static Method create(MethodContext context) {
    String name = context.plan().method();
    Function<MethodContext, Method> factory = ALL.get(name);
    if (factory == null) {
      throw new IllegalArgumentException(
          "method '" + name + "'; accepted: " + String.join(", ", names()));
    }
    return factory.apply(context);
  }
}
