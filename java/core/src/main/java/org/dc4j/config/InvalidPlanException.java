package org.dc4j.config;

import java.util.List;

/** A plan that cannot be run; the message has one line for each problem. */
public final class InvalidPlanException extends IllegalArgumentException {
  private final transient List<String> problems;

  public InvalidPlanException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  public InvalidPlanException(String problem) {
    this(List.of(problem));
  }

  /** Every problem, for example "clustering.k is 1; accepted: 2..2147483647". */
  public List<String> problems() {
    return problems;
  }
}
