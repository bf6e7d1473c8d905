package org.dc4j.nativecore.presets;

import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * The C interface over FAISS. The declarations are always generated, the native library only where
 * the build found FAISS. libgomp comes out of the pytorch jar if that is on the class path: JavaCPP
 * gives libtorch the same file, so that a process has one OpenMP runtime whichever is loaded first.
 * Without that jar it is the system's.
 */
@Properties(
    value =
        @Platform(
            include = {"dc4j/status.h", "dc4j/faiss.h"},
            link = "dc4j_faiss",
            preload = "gomp@.1",
            preloadresource = "/org/bytedeco/pytorch/",
            library = "jnidc4j_faiss"),
    target = "org.dc4j.nativecore.faiss",
    global = "org.dc4j.nativecore.faiss.global.dc4j_faiss")
@NoException
public class dc4j_faiss implements InfoMapper {
  @Override
  public void map(InfoMap map) {
    map.put(new Info("DC4J_API").cppTypes().annotations())
        // Functions of libdc4j, whose codes alone are meant here.
        .put(new Info("dc4j_last_error", "dc4j_status_name").skip())
        .put(new Info("dc4j_faiss_index").pointerTypes("FaissIndexHandle"))
        .put(new Info("dc4j_faiss_pca").pointerTypes("FaissPcaHandle"))
        .put(new Info("dc4j_faiss_kmeans_options").pointerTypes("FaissKMeansOptions"));
  }
}
