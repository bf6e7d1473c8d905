package org.dc4j.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.dc4j.data.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataSpecTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fashion-mnist:/data/fm",
        "idx:some/dir?split=train",
        "folder:C:/photos of 2020",
        "folder:what?",
        "list:a.txt",
        "npy:x.npy"
      })
  void writesWhatItReads(String text) {
    assertThat(DataSpec.parse(text).toString()).isEqualTo(text);
  }

  @Test
  void partsAreTakenApart() {
    DataSpec spec = DataSpec.parse("idx:a/b?c?split=t10k");
    assertThat(spec.kind()).isEqualTo(DataSpec.Kind.IDX);
    assertThat(spec.path()).isEqualTo(Path.of("a/b?c"));
    assertThat(spec.split()).isEqualTo("t10k");
    assertThat(DataSpec.parse("idx:a").split()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "photos", "zip:photos", ":x", "Folder:x"})
  void unknownKindsListTheKnownOnes(String text) {
    assertThatThrownBy(() -> DataSpec.parse(text))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("\"" + text + "\"")
        .hasMessageContaining(
            "fashion-mnist:DIR[?split=train], idx:DIR[?split=train], folder:DIR, list:FILE,"
                + " npy:FILE");
  }

  @Test
  void aBarePathGetsAHint(@TempDir Path folder) {
    assertThatThrownBy(() -> DataSpec.parse(folder.toString()))
        .hasMessageContaining("write folder:" + folder);
  }

  @Test
  void badOptionsAndPathsAreNamed() {
    assertThatThrownBy(() -> DataSpec.parse("idx:x?spilt=train"))
        .hasMessageContaining("option spilt=train")
        .hasMessageContaining("accepted: idx:DIR[?split=train]");
    assertThatThrownBy(() -> DataSpec.parse("idx:x?split=")).hasMessageContaining("option split=");
    assertThatThrownBy(() -> DataSpec.parse("folder:x?split=train"))
        .hasMessageContaining("folder data has no splits");
    assertThatThrownBy(() -> DataSpec.parse("folder:")).hasMessageContaining("has no path");
    assertThatThrownBy(() -> DataSpec.parse("folder:a\0b")).hasMessageContaining("not a path");
  }
}
