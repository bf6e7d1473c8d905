package org.dc4j.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Java tells some reasons by the class of an exception alone; people get them in words. */
class FileErrorsTest {
  @Test
  void theReasonIsAlwaysTold() {
    assertThat(FileErrors.describe(new AccessDeniedException("a/b")))
        .isEqualTo("a/b: permission denied");
    assertThat(FileErrors.describe(new NoSuchFileException("a/b"))).isEqualTo("a/b: no such file");
    assertThat(FileErrors.describe(new FileAlreadyExistsException("a/b")))
        .isEqualTo("a/b: exists already");
    assertThat(FileErrors.describe(new FileSystemException("a/b", null, "Too many links")))
        .isEqualTo("a/b: Too many links");
    assertThat(FileErrors.describe(new IOException("disk on fire"))).isEqualTo("disk on fire");
    assertThat(FileErrors.describe(new IOException())).isEqualTo("IOException");
  }

  @Test
  void aFileThatWasNamedIsNotNamedAgain() {
    IOException denied = new AccessDeniedException("a/b");
    assertThat(FileErrors.describe(Path.of("a/b"), denied)).isEqualTo("permission denied");
    assertThat(FileErrors.describe(Path.of("a"), denied)).isEqualTo("a/b: permission denied");
  }
}
