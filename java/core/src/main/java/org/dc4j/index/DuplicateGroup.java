package org.dc4j.index;

import java.util.List;

/**
 * Images joined by a chain of near-duplicate pairs.
 *
 * @param rows their rows in the index, ascending, at least two
 * @param names their names, in the order of rows
 * @param lowestSimilarity least cosine among the pairs that joined them
 */
public record DuplicateGroup(List<Long> rows, List<String> names, double lowestSimilarity) {
  public DuplicateGroup {
    rows = List.copyOf(rows);
    names = List.copyOf(names);
  }
}
