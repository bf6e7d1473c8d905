# libdc4j_faiss_gpu: FAISS's flat and IVF-flat indexes and its k-means on CUDA devices, which
# libdc4j_faiss opens at run time from its own folder. Made where FAISS itself has its GPU part
# (faiss/gpu in its include folder), or of a source tree of the same version that the user names;
# else it is absent. cuBLAS is found when it is first used, as by libdc4j_cuda.
#
# Of a tree the sources below are compiled, not the whole GPU part (no PQ, no binary indexes). FAISS
# 1.7.3, nvcc 13.0, sm_90 alone, two cores busy with other work: flat 38 files, 915 s of processor
# time, a library of 5.1 MB; with inverted lists 20 files and 1369 s more, of which
# IVFInterleaved2048 takes 372 s, and 16.9 MB.
set(DC4J_FAISS_GPU_SOURCE "" CACHE STRING
  "FAISS's source tree (absolute, or from the repository), of the version of the FAISS in use")
set(DC4J_FAISS_GPU_ARCHITECTURES "" CACHE STRING
  "Architectures FAISS's GPU part is compiled for; empty = DC4J_CUDA_ARCHITECTURES")
option(DC4J_FAISS_GPU_IVF "Inverted lists too; OFF: flat indexes and k-means alone" ON)
set(DC4J_FAISS_GPU_ROOT ${PROJECT_SOURCE_DIR}/src/faiss_gpu)

# The kernels that select the k best are one file per k: 1 .. 2048.
set(DC4J_FAISS_GPU_FLAT_PARTS GpuIndex.cu GpuIndexFlat.cu GpuResources.cpp StandardGpuResources.cpp
  impl/BroadcastSum.cu impl/Distance.cu impl/FlatIndex.cu impl/IndexUtils.cu impl/L2Norm.cu
  impl/L2Select.cu impl/VectorResidual.cu utils/BlockSelectFloat.cu utils/DeviceUtils.cu
  utils/StackDeviceMemory.cpp utils/Timer.cpp utils/WarpSelectFloat.cu utils/blockselect/*.cu
  utils/warpselect/*.cu)
set(DC4J_FAISS_GPU_IVF_PARTS GpuIndexIVF.cu GpuIndexIVFFlat.cu impl/IVFAppend.cu impl/IVFBase.cu
  impl/IVFFlat.cu impl/IVFFlatScan.cu impl/IVFInterleaved.cu impl/IVFUtils.cu
  impl/IVFUtilsSelect1.cu impl/IVFUtilsSelect2.cu impl/InterleavedCodes.cpp impl/RemapIndices.cpp
  impl/scan/*.cu)

function(dc4j_faiss_version include out)
  file(STRINGS ${include}/faiss/Index.h lines REGEX "^#define FAISS_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX MATCHALL "[0-9]+" version "${lines}")
  list(JOIN version "." version)
  set(${out} ${version} PARENT_SCOPE)
endfunction()

function(dc4j_faiss_gpu_absent why)
  if(DC4J_FAISS_GPU_SOURCE)
    message(FATAL_ERROR "DC4J_FAISS_GPU_SOURCE is ${DC4J_FAISS_GPU_SOURCE}, but ${why}")
  endif()
  message(STATUS "FAISS-GPU: ${why}; built without")
  # Else the library of an earlier run would be packed.
  file(REMOVE ${CMAKE_BINARY_DIR}/libdc4j_faiss_gpu.so)
endfunction()

# The tree's sources as the object library dc4j_faiss_gpu_parts.
function(dc4j_faiss_gpu_parts include)
  set(tree ${DC4J_FAISS_GPU_SOURCE}/faiss/gpu)
  list(TRANSFORM DC4J_FAISS_GPU_FLAT_PARTS PREPEND ${tree}/ OUTPUT_VARIABLE flat)
  list(TRANSFORM DC4J_FAISS_GPU_IVF_PARTS PREPEND ${tree}/ OUTPUT_VARIABLE ivf)
  if(NOT DC4J_FAISS_GPU_IVF)
    set(ivf "")
  endif()
  file(GLOB sources ${flat} ${ivf})
  add_library(dc4j_faiss_gpu_parts OBJECT ${sources})
  # The headers of the library in use first: the tree is asked for faiss/gpu alone.
  target_include_directories(dc4j_faiss_gpu_parts SYSTEM PRIVATE ${DC4J_FAISS_GPU_ROOT}/cublas
    ${include} ${DC4J_FAISS_GPU_SOURCE} ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  # In sections, so that what nobody calls (copies of other kinds of index) can be left out.
  target_compile_options(dc4j_faiss_gpu_parts PRIVATE -w
    $<$<COMPILE_LANGUAGE:CUDA>:-Xfatbin=-compress-all -Xcompiler=-fopenmp,-ffunction-sections>
    $<$<COMPILE_LANGUAGE:CXX>:-fopenmp -ffunction-sections>)
  set_target_properties(dc4j_faiss_gpu_parts PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON
    CUDA_VISIBILITY_PRESET hidden CUDA_ARCHITECTURES "${DC4J_FAISS_GPU_ARCHITECTURES}")
endfunction()

# include, library, version: of the FAISS that libdc4j_faiss is made of.
function(dc4j_add_faiss_gpu include library version)
  if(DC4J_FAISS_GPU_SOURCE)
    get_filename_component(DC4J_FAISS_GPU_SOURCE ${DC4J_FAISS_GPU_SOURCE} ABSOLUTE
      BASE_DIR ${PROJECT_SOURCE_DIR}/..)
  endif()
  set(own OFF)
  if(EXISTS ${include}/faiss/gpu/GpuIndexFlat.h)
    set(own ON)
  endif()
  if(NOT own AND NOT DC4J_FAISS_GPU_SOURCE)
    dc4j_faiss_gpu_absent("FAISS has no GPU part and DC4J_FAISS_GPU_SOURCE names no source tree")
    return()
  endif()
  if(NOT DC4J_CUDA_FOUND)
    dc4j_faiss_gpu_absent("CUDA was not found")
    return()
  endif()
  if(NOT DC4J_FAISS_GPU_ARCHITECTURES)
    set(DC4J_FAISS_GPU_ARCHITECTURES ${CMAKE_CUDA_ARCHITECTURES})
  endif()
  if(NOT own)
    if(NOT EXISTS ${DC4J_FAISS_GPU_SOURCE}/faiss/gpu/GpuIndexFlat.cu)
      dc4j_faiss_gpu_absent("there is no faiss/gpu/GpuIndexFlat.cu in it")
    endif()
    dc4j_faiss_version(${DC4J_FAISS_GPU_SOURCE} tree_version)
    if(NOT tree_version VERSION_EQUAL version)
      dc4j_faiss_gpu_absent(
        "it holds FAISS ${tree_version}; accepted: ${version}, the version of ${library}")
    endif()
    dc4j_faiss_gpu_parts(${include})
  endif()
  dc4j_faiss_gpu_library(${include} ${library})
endfunction()

function(dc4j_faiss_gpu_library include library)
  set(native ${PROJECT_SOURCE_DIR}/src)
  file(GLOB sources CONFIGURE_DEPENDS ${DC4J_FAISS_GPU_ROOT}/*.cpp ${DC4J_FAISS_GPU_ROOT}/*.cu)
  foreach(name cublas current_device device_error usable)
    list(APPEND sources ${native}/cuda/${name}.cpp)
  endforeach()
  add_library(dc4j_faiss_gpu SHARED ${sources})
  target_include_directories(dc4j_faiss_gpu PRIVATE src include)
  set(shim ${DC4J_FAISS_GPU_ROOT}/cublas)
  target_include_directories(dc4j_faiss_gpu SYSTEM PRIVATE ${shim} ${include}
    ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  list(JOIN DC4J_FAISS_GPU_ARCHITECTURES ", " architectures)
  target_compile_definitions(dc4j_faiss_gpu PRIVATE DC4J_VERSION_TEXT="${PROJECT_VERSION}"
    DC4J_FAISS_GPU_ARCHITECTURES_TEXT="${architectures}")
  target_compile_options(dc4j_faiss_gpu PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:--fmad=false -Xcompiler=-Wall,-Wextra,-Werror>
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Werror -ffunction-sections>)
  if(DC4J_FAISS_GPU_IVF)
    target_compile_definitions(dc4j_faiss_gpu PRIVATE DC4J_FAISS_GPU_IVF)
  endif()
  if(TARGET dc4j_faiss_gpu_parts)
    target_sources(dc4j_faiss_gpu PRIVATE $<TARGET_OBJECTS:dc4j_faiss_gpu_parts>)
    target_include_directories(dc4j_faiss_gpu SYSTEM PRIVATE ${DC4J_FAISS_GPU_SOURCE})
    target_compile_definitions(dc4j_faiss_gpu PRIVATE DC4J_FAISS_GPU_PARTS)
  endif()
  target_link_libraries(dc4j_faiss_gpu PRIVATE ${library} dc4j_lapack OpenMP::OpenMP_CXX
    ${CMAKE_DL_LIBS} Threads::Threads rt)
  target_link_options(dc4j_faiss_gpu PRIVATE -Wl,--no-undefined -Wl,--gc-sections
    -Wl,--build-id=sha1 -Wl,--version-script=${DC4J_FAISS_GPU_ROOT}/exports.map)
  set_target_properties(dc4j_faiss_gpu PROPERTIES CUDA_RUNTIME_LIBRARY Static CUDA_STANDARD 17
    CUDA_STANDARD_REQUIRED ON CUDA_VISIBILITY_PRESET hidden BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$ORIGIN" CUDA_ARCHITECTURES "${DC4J_FAISS_GPU_ARCHITECTURES}"
    LINK_DEPENDS ${DC4J_FAISS_GPU_ROOT}/exports.map)
  message(STATUS "FAISS-GPU for ${architectures}")
endfunction()
