package org.dc4j;

import java.util.ArrayList;
import java.util.List;
import org.dc4j.train.TrainingListener;

/** A listener that keeps a run's messages. */
class RecordedMessages implements TrainingListener {
  final List<String> messages = new ArrayList<>();

  @Override
  public void message(String text) {
    messages.add(text);
  }
}
