package org.dc4j.nativecore.presets;

import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * What JavaCPP parses: the C ABI of native/include/dc4j and nothing else. C functions throw
 * nothing, hence {@link NoException}. OpenBLAS is not inherited (that parses all of LAPACKE);
 * whoever loads this library loads {@code openblas_nolapack} before it, which satisfies its
 * libopenblas.so.0 by SONAME.
 */
@Properties(
    value =
        @Platform(
            include = {
              "dc4j/status.h",
              "dc4j/version.h",
              "dc4j/matrix.h",
              "dc4j/context.h",
              "dc4j/device.h",
              "dc4j/kernels.h",
              "dc4j/losses.h",
              "dc4j/images.h",
              "dc4j/graph.h"
            },
            link = "dc4j",
            library = "jnidc4j"),
    target = "org.dc4j.nativecore",
    global = "org.dc4j.nativecore.global.dc4j")
@NoException
public class dc4j implements InfoMapper {
  @Override
  public void map(InfoMap map) {
    map.put(new Info("DC4J_API").cppTypes().annotations())
        .put(new Info("dc4j_context").pointerTypes("ContextHandle"))
        .put(new Info("dc4j_cuda_device").pointerTypes("CudaDevice"))
        .put(
            new Info("dc4j_device_allocate")
                .pointerTypes("DeviceAllocate")
                .valueTypes("DeviceAllocate"))
        .put(
            new Info("dc4j_device_release")
                .pointerTypes("DeviceRelease")
                .valueTypes("DeviceRelease"))
        .put(new Info("dc4j_pca").pointerTypes("PcaHandle"))
        .put(new Info("dc4j_graph").pointerTypes("GraphHandle"))
        .put(new Info("dc4j_pic_options").pointerTypes("PicParameters"))
        .put(new Info("dc4j_kmeans_sums").pointerTypes("KMeansSumsHandle"))
        .put(new Info("dc4j_matrix").pointerTypes("MatrixView"))
        .put(new Info("dc4j_image").pointerTypes("ImageView"))
        .put(new Info("dc4j_image_view").pointerTypes("ImageViewParameters"))
        .put(new Info("dc4j_image_output").pointerTypes("ImageOutput"));
  }
}
