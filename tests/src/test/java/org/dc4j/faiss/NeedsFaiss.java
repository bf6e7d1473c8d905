package org.dc4j.faiss;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that are skipped, with the reason, where the build has no FAISS; unless the environment
 * says that it must have one (DC4J_REQUIRE_FAISS=ON, as CMake understands it): then they run and
 * fail.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsFaiss.Condition.class)
public @interface NeedsFaiss {
  /** Decides. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      String required = System.getenv("DC4J_REQUIRE_FAISS");
      if (required != null && required.matches("(?i)1|on|yes|y|true")) {
        return ConditionEvaluationResult.enabled("DC4J_REQUIRE_FAISS is set");
      }
      return Faiss.isAvailable()
          ? ConditionEvaluationResult.enabled("FAISS " + Faiss.version())
          : ConditionEvaluationResult.disabled(Faiss.whyNot());
    }
  }
}
