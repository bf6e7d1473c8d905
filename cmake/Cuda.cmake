# libdc4j_cuda: the kernels of src/cuda, if nvcc is found (cuBLAS is looked for when it is first used:
# nothing of it is needed to build). The core opens it at run time from its own folder.
set(DC4J_CUDA "auto" CACHE STRING "auto: built if nvcc is found; on: fail without; off")
set(DC4J_CUDA_ARCHITECTURES "80-real;90-real;90-virtual")

# Whether nvcc works here, in the caller's scope as DC4J_CUDA_FOUND; enables the language.
macro(dc4j_find_cuda)
  set(DC4J_CUDA_FOUND OFF)
  if(DC4J_CUDA STREQUAL "off")
    message(STATUS "CUDA: switched off; built without")
  elseif(DC4J_SANITIZE)
    message(STATUS "CUDA: nvcc compiles without sanitizers; built without")
  else()
    include(CheckLanguage)
    if(NOT CMAKE_CUDA_ARCHITECTURES)
      set(CMAKE_CUDA_ARCHITECTURES ${DC4J_CUDA_ARCHITECTURES})
    endif()
    if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX} AND EXISTS /usr/local/cuda/bin/nvcc)
      set(ENV{CUDACXX} /usr/local/cuda/bin/nvcc)
    endif()
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
      enable_language(CUDA)
      set(DC4J_CUDA_FOUND ON)
    elseif(DC4J_CUDA STREQUAL "on")
      message(FATAL_ERROR "CUDA is asked for, but nvcc was not found or does not work; "
        "name it with -DCMAKE_CUDA_COMPILER=<path of nvcc>")
    else()
      message(STATUS "CUDA: nvcc was not found; built without")
    endif()
  endif()
  if(NOT DC4J_CUDA_FOUND)
    # Else the library of an earlier run would be packed.
    file(REMOVE ${CMAKE_BINARY_DIR}/libdc4j_cuda.so)
  endif()
endmacro()

# What the library is made of; tests/native builds it again for the CPU.
set(DC4J_CUDA_ROOT ${PROJECT_SOURCE_DIR}/src)
file(GLOB DC4J_CUDA_KERNELS CONFIGURE_DEPENDS ${DC4J_CUDA_ROOT}/cuda/*.cu)
file(GLOB DC4J_CUDA_HOST CONFIGURE_DEPENDS ${DC4J_CUDA_ROOT}/cuda/*.cpp)
list(APPEND DC4J_CUDA_HOST ${DC4J_CUDA_ROOT}/core/checks.cpp
  ${DC4J_CUDA_ROOT}/core/label_groups.cpp ${DC4J_CUDA_ROOT}/core/seeding.cpp
  ${DC4J_CUDA_ROOT}/core/empty_clusters.cpp ${DC4J_CUDA_ROOT}/core/workers.cpp)

# How sources of the library are compiled.
function(dc4j_cuda_sources target)
  target_include_directories(${target} PRIVATE src include)
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  target_compile_definitions(${target} PRIVATE DC4J_VERSION_TEXT="${PROJECT_VERSION}")
  # No contraction but where a kernel writes fma: sums are the reference's, and the emulation's.
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:--fmad=false -Xcompiler=-Wall,-Wextra,-Werror>
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Werror>)
  set_target_properties(${target} PROPERTIES CUDA_RUNTIME_LIBRARY Static CUDA_STANDARD 17
    CUDA_STANDARD_REQUIRED ON CUDA_VISIBILITY_PRESET hidden)
endfunction()

function(dc4j_add_cuda)
  if(NOT DC4J_CUDA_FOUND)
    return()
  endif()
  message(STATUS "CUDA ${CMAKE_CUDA_COMPILER_VERSION}: ${CMAKE_CUDA_COMPILER}")
  # Instructions of one architecture alone, in objects of their own; used where the device is one (CudaState::hopper).
  file(GLOB hopper CONFIGURE_DEPENDS ${DC4J_CUDA_ROOT}/cuda/hopper/*.cu)
  add_library(dc4j_cuda_hopper OBJECT ${hopper})
  add_library(dc4j_cuda SHARED ${DC4J_CUDA_KERNELS} ${DC4J_CUDA_HOST} $<TARGET_OBJECTS:dc4j_cuda_hopper>)
  set_target_properties(dc4j_cuda_hopper PROPERTIES CUDA_ARCHITECTURES 90a-real POSITION_INDEPENDENT_CODE ON)
  foreach(part dc4j_cuda_hopper dc4j_cuda)
    dc4j_cuda_sources(${part})
  endforeach()
  target_link_libraries(dc4j_cuda PRIVATE ${CMAKE_DL_LIBS} Threads::Threads rt)
  target_link_options(dc4j_cuda PRIVATE -Wl,--no-undefined -Wl,--build-id=sha1
    -Wl,--version-script=${DC4J_CUDA_ROOT}/cuda/exports.map)
  set_target_properties(dc4j_cuda PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN")
endfunction()
