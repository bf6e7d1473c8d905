package org.dc4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dc4j.format.FormatException;
import org.dc4j.format.StateDict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint whose position.json was cut or edited is refused by the name of that file. */
class DamagedPositionTest {
  @TempDir Path folder;
  private Path file;
  private String sound;

  @BeforeEach
  void save() throws IOException {
    new Checkpoint(
            new Checkpoint.Position(1, 2, 3, 0.5, 40, Map.of("loss", 1.5), "plan 1"),
            new StateDict())
        .save(folder);
    file = folder.resolve("step-0000000003/position.json");
    sound = Files.readString(file);
    assertThat(Checkpoint.latest(folder).orElseThrow().position().step()).isEqualTo(3);
  }

  private void refused(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    assertThatThrownBy(() -> Checkpoint.latest(folder))
        .as(new String(bytes, StandardCharsets.ISO_8859_1))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ": is damaged: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void isRefused() throws IOException {
    for (String text :
        new String[] {
          "",
          "null",
          "[]",
          "{}",
          "{\"epoch\": 1}",
          sound.substring(0, sound.length() / 2),
          sound + sound,
          sound.replace("\"step\"", "\"stop\""),
          sound.replace("\"step\":3", "\"step\":null"),
          sound.replace("\"step\":3,", ""),
          sound.replace("\"step\":3", "\"step\":3,\"more\":1"),
          sound.replace("\"plan 1\"", "null"),
          sound.replaceFirst("\"pending\":\\{[^}]*}", "\"pending\":null")
        }) {
      assertThat(text).isNotEqualTo(sound);
      refused(text.getBytes(StandardCharsets.UTF_8));
    }
    refused(new byte[] {'"', (byte) 0xff, (byte) 0xfe, '"'});
  }
}
