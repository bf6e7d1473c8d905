package org.dc4j.nativecore;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;

/** The program that this process runs. */
@Platform(include = "<unistd.h>", library = "jnidc4jboot")
@NoException
public final class Program {
  static {
    Loader.load();
  }

  private Program() {}

  /**
   * execv(3): the process goes on as another program, with the same id, environment and open files.
   * Returns, with -1, only if that fails. {@code arguments} ends with a null pointer.
   */
  public static native int execv(String path, @Cast("char* const*") PointerPointer<?> arguments);

  /** _exit(2): the process ends now; no exit handler and no destructor of a library runs. */
  public static native void _exit(int status);
}
