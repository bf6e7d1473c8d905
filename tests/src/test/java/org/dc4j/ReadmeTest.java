package org.dc4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows is what was tested. */
class ReadmeTest {
  private static final Path README = Path.of("../README.md");
  private static final Path EXAMPLE = Path.of("src/test/java/org/dc4j/examples/FirstExample.java");

  @Test
  void theFirstExampleIsTheTestedOne() throws IOException {
    String source = Files.readString(EXAMPLE);
    String shown = between(source, "// README begin\n", "// README end\n");
    assertThat(shown.lines().count()).isLessThan(40);
    assumeTrue(Files.exists(README), "no README.md");
    Matcher block =
        Pattern.compile("^```java\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(Files.readString(README));
    assertThat(block.find()).as("README.md has a block of Java").isTrue();
    assertThat(block.group(1)).isEqualTo(shown);
  }

  private static String between(String text, String begin, String end) {
    assertThat(text).containsOnlyOnce(begin).containsOnlyOnce(end);
    return text.substring(text.indexOf(begin) + begin.length(), text.indexOf(end));
  }
}
