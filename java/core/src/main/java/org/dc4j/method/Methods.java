package org.dc4j.method;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.dc4j.config.TrainingPlan;

/** The one place that lists the methods. */
public final class Methods {
  /** A method's options and how it is made. */
  private record Entry(Class<? extends Record> options, Function<MethodContext, Method> factory) {}

  private static final Map<String, Entry> ALL =
      new ConcurrentSkipListMap<>(
          Map.of(
              "cluster-contrast", new Entry(ClusterContrast.Options.class, ClusterContrast::of),
              "deepcluster", new Entry(DeepCluster.Options.class, DeepCluster::new),
              "deepcluster-v2", new Entry(DeepClusterV2.Options.class, DeepClusterV2::new),
              "ise", new Entry(ImplicitSampleExtension.Options.class, ImplicitSampleExtension::of),
              "odc", new Entry(Odc.Options.class, Odc::new),
              "pic", new Entry(DeepClusterPic.Options.class, DeepClusterPic::of),
              "ratio", new Entry(RatioClustering.Options.class, RatioClustering::new),
              "spcl", new Entry(SelfPacedContrast.Options.class, SelfPacedContrast::of)));

  private Methods() {}

  /** Names accepted by {@link #create}, sorted. */
  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /** A method that was added; close takes it away again. */
  public interface Added extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Adds a method of the caller's own, which plans then name like any other. Thread-safe.
   *
   * @param options record of the method's constants: its components are the keys of the plan's
   *     section "options"
   * @param factory makes the method for a run
   * @throws IllegalArgumentException if the name is taken
   */
  public static Added add(
      String name, Class<? extends Record> options, Function<MethodContext, Method> factory) {
    Entry entry = new Entry(options, factory);
    if (ALL.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException("there is a method '" + name + "' already");
    }
    return () -> ALL.remove(name, entry);
  }

  /**
   * Refuses a plan whose method is not listed or whose options are not the method's, before any
   * data is read.
   *
   * @throws IllegalArgumentException for an unknown name; the error lists the names
   * @throws org.dc4j.config.InvalidPlanException for options that are not the method's
   */
  public static void check(TrainingPlan plan) {
    plan.options().as(entry(plan).options());
  }

  /**
   * A method by the plan's name.
   *
   * @throws IllegalArgumentException for an unknown name, or a plan that the images cannot serve
   * @throws org.dc4j.config.InvalidPlanException for options that are not the method's
   */
  public static Method create(MethodContext context) {
    check(context.plan());
    return entry(context.plan()).factory().apply(context);
  }

  private static Entry entry(TrainingPlan plan) {
    Entry entry = ALL.get(plan.method());
    if (entry == null) {
      throw new IllegalArgumentException(
          "method '" + plan.method() + "'; accepted: " + String.join(", ", names()));
    }
    return entry;
  }
}
