package org.dc4j.nativecore;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The process environment as C libraries see it. Loaded before OpenBLAS, libgomp and libtorch,
 * which read their settings from it once, when they are loaded; Java's own environment is a copy
 * they never see. Call from one thread only, before those libraries are loaded.
 */
@Platform(include = "<stdlib.h>", library = "jnidc4jboot")
@NoException
public final class Environment {
  static {
    Loader.load();
  }

  private Environment() {}

  /** Sets a variable ({@code overwrite != 0}: even if it is set); 0 on success. */
  public static native int setenv(String name, String value, int overwrite);

  /** Removes a variable; 0 on success. */
  public static native int unsetenv(String name);
}
