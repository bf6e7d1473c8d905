package org.dc4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.dc4j.data.source.DataSpec;

/** How data sets are written, for help and completion. */
final class DataForms extends ArrayList<String> {
  DataForms() {
    super(List.of(DataSpec.usages().split(", ")));
  }
}
