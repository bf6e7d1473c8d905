# libdc4j_cuda_emulated.so (and a cuBLAS of plain loops), and the tests of DC4J_CUDA_TESTS once more:
# NAME_cuda_emulated on these, and NAME_cuda on the GPU where libdc4j_cuda is built.
include(${PROJECT_SOURCE_DIR}/../cmake/Cuda.cmake)
option(DC4J_RACE_CHECK "Look for races in the emulated CUDA kernels: twice as slow" ON)
# The compiler's calls at every access, answered by race_hooks.cpp; its sanitizer is not linked.
set(race_options -fsanitize=thread --param=tsan-instrument-func-entry-exit=0
  --param=tsan-distinguish-volatile=1)
include(CheckCXXSourceCompiles)
list(JOIN race_options " " CMAKE_REQUIRED_FLAGS)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
check_cxx_source_compiles("int one() { return 1; }" DC4J_HAS_RACE_HOOKS)  # GCC 11 and later
unset(CMAKE_TRY_COMPILE_TARGET_TYPE)
unset(CMAKE_REQUIRED_FLAGS)
if(DC4J_SANITIZE OR NOT DC4J_HAS_RACE_HOOKS)
  set(DC4J_RACE_CHECK OFF)
endif()
set(emulation ${CMAKE_CURRENT_SOURCE_DIR}/cuda_emulation)
set(emulated_folder ${CMAKE_CURRENT_BINARY_DIR}/cuda_emulated)

file(GLOB hopper CONFIGURE_DEPENDS ${DC4J_CUDA_ROOT}/cuda/hopper/*.cu)
set(emulated_kernels ${DC4J_CUDA_KERNELS} ${hopper})
set_source_files_properties(${emulated_kernels} PROPERTIES LANGUAGE CXX)
# Its runtime is there for other libraries on the same device (FaissGpu.cmake).
set(emulated_runtime ${emulation}/emulation.cpp ${emulation}/fiber.cpp ${emulation}/memory.cpp
  ${emulation}/runtime.cpp ${emulation}/hopper_copies.cpp ${emulation}/hopper_products.cpp)
set_source_files_properties(${emulated_runtime} ${emulation}/race_hooks.cpp PROPERTIES
  COMPILE_OPTIONS -fvisibility=default)
add_library(dc4j_cuda_emulated SHARED ${emulated_kernels} ${DC4J_CUDA_HOST} ${emulated_runtime}
  ${emulation}/race_check.cpp ${emulation}/race_hooks.cpp)
target_include_directories(dc4j_cuda_emulated PRIVATE ${emulation} ${PROJECT_SOURCE_DIR}/src
  ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(dc4j_cuda_emulated PRIVATE DC4J_VERSION_TEXT="${PROJECT_VERSION}")
# With the instructions of this processor for fp16 where it has them: the libraries run here alone.
include(CheckCXXSourceRuns)
set(emulation_options -ffp-contract=off)
check_cxx_source_runs("int main() { return __builtin_cpu_supports(\"avx2\") &&
  __builtin_cpu_supports(\"fma\") && __builtin_cpu_supports(\"f16c\") ? 0 : 1; }" DC4J_HAS_F16C)
if(DC4J_HAS_F16C)
  list(APPEND emulation_options -mavx2 -mfma -mf16c)
endif()
target_compile_options(dc4j_cuda_emulated PRIVATE ${emulation_options})
if(DC4J_RACE_CHECK)
  target_compile_definitions(dc4j_cuda_emulated PRIVATE DC4J_RACE_CHECK)
  set_source_files_properties(${emulated_kernels} PROPERTIES COMPILE_OPTIONS "${race_options}")
endif()
target_link_libraries(dc4j_cuda_emulated PRIVATE ${CMAKE_DL_LIBS})
target_link_options(dc4j_cuda_emulated PRIVATE -Wl,--no-undefined)
dc4j_warnings(dc4j_cuda_emulated)
# Under the name that the backend looks for.
add_library(dc4j_cublas_emulated SHARED ${emulation}/cublas.cpp)
target_link_libraries(dc4j_cublas_emulated PRIVATE dc4j_cuda_emulated)
target_compile_options(dc4j_cublas_emulated PRIVATE ${emulation_options})
dc4j_warnings(dc4j_cublas_emulated)
set_target_properties(dc4j_cublas_emulated PROPERTIES OUTPUT_NAME cublas SUFFIX .so.13)
set_target_properties(dc4j_cuda_emulated dc4j_cublas_emulated PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${emulated_folder} BUILD_RPATH "$ORIGIN")

set(emulated_environment DC4J_CUDA_LIBRARY=$<TARGET_FILE:dc4j_cuda_emulated>
  DC4J_CUBLAS_DIR=${emulated_folder})
# Of these tests every case runs on the CUDA backend too.
set(DC4J_CUDA_TESTS cross_entropy_test extend_rows_test info_nce_test jaccard_test kmeans_assign_test
  kmeans_fill_empty_test kmeans_follow_test kmeans_seed_test kmeans_sums_test kmeans_update_test
  label_preserving_loss_test memory_update_test nearest_self_test nearest_test normalize_rows_test
  pca_test pic_test dbscan_test ratio_loss_test fuzz_test cuda_test cuda_copies_test
  cuda_failures_test)
# NAME_EMULATED on the emulation and NAME_GPU on the GPU, with variables of their environment.
function(dc4j_add_cuda_test name emulated gpu)
  add_test(NAME ${name}_${emulated} COMMAND ${name})
  set_tests_properties(${name}_${emulated} PROPERTIES ENVIRONMENT
    "DC4J_TEST_DEVICES=cuda;${emulated_environment};${ARGN}")
  if(TARGET dc4j_cuda)
    add_test(NAME ${name}_${gpu} COMMAND ${name})
    set_tests_properties(${name}_${gpu} PROPERTIES ENVIRONMENT "DC4J_TEST_DEVICES=cuda;${ARGN}"
      SKIP_RETURN_CODE 77)
  endif()
endfunction()
foreach(name ${DC4J_CUDA_TESTS})
  dc4j_add_cuda_test(${name} cuda_emulated cuda)
endforeach()

# Hopper has kernels of its own, in the emulation too; here it uses those of every device.
foreach(name kmeans_assign_test kmeans_follow_test nearest_self_test nearest_test)
  dc4j_add_cuda_test(${name} cuda_emulated_sm_80 cuda_sm_80 DC4J_CUDA_MAX_ISA=sm_80)
endforeach()

# Every reason why CUDA cannot be used, in its own words.
function(dc4j_add_cuda_status name expected)
  add_test(NAME cuda_status_${name} COMMAND cuda_status_test "${expected}")
  set_tests_properties(cuda_status_${name} PROPERTIES ENVIRONMENT "${ARGN}")
endfunction()
dc4j_add_cuda_status(usable "" ${emulated_environment})
dc4j_add_cuda_status(no_driver "no CUDA driver: libcuda.so.1 was not found"
  ${emulated_environment} DC4J_EMULATED_DRIVER=0)
dc4j_add_cuda_status(old_driver "the driver supports CUDA <= 12.4, this build needs 13.0"
  ${emulated_environment} DC4J_EMULATED_DRIVER=12040)
dc4j_add_cuda_status(no_device "no CUDA device" ${emulated_environment} DC4J_EMULATED_DEVICES=0)
dc4j_add_cuda_status(old_device "compute capability 7.5, this build needs 8.0"
  ${emulated_environment} DC4J_EMULATED_CAPABILITY=75)
add_test(NAME cuda_status_busy COMMAND cuda_status_test "" "busy or unavailable")
set_tests_properties(cuda_status_busy PROPERTIES ENVIRONMENT
  "${emulated_environment};DC4J_EMULATED_BUSY=0")
dc4j_add_cuda_status(no_cublas "libcublas.so.13 was not found (looked in /nowhere)"
  ${emulated_environment} DC4J_CUBLAS_DIR=/nowhere)
dc4j_add_cuda_status(no_library "which cannot be read" DC4J_CUDA_LIBRARY=/nowhere/libdc4j_cuda.so)
dc4j_add_cuda_status(other_library "is not a CUDA backend of dc4j"
  DC4J_CUDA_LIBRARY=$<TARGET_FILE:dc4j>)

# Of two devices the one that is asked for is used, and no other.
add_test(NAME cuda_second_device_test_emulated COMMAND cuda_second_device_test)
set_tests_properties(cuda_second_device_test_emulated PROPERTIES ENVIRONMENT
  "${emulated_environment};DC4J_EMULATED_DEVICES=2")

# Little memory to use: matrices go through in many chunks and pieces. A MiB for what takes minutes
# with less: info_nce's blocks of the memory are a share of it, and nearest_test has long rows.
function(dc4j_add_cuda_chunks bytes)
  # Matrices' rows are shorter, what lies in one piece is not. Hopper's blocks are large for a few rows: emulated,
  # another device takes them.
  set(options DC4J_EMULATED_PITCH=300000 DC4J_EMULATED_CAPABILITY=80)
  foreach(name ${ARGN})
    dc4j_add_cuda_test(${name} cuda_chunks cuda_gpu_chunks DC4J_CUDA_MEMORY=${bytes} ${options})
  endforeach()
endfunction()
dc4j_add_cuda_chunks(65536 cross_entropy_test cuda_copies_test kmeans_assign_test kmeans_seed_test
  kmeans_sums_test kmeans_update_test normalize_rows_test nearest_pieces_test pca_test
  ratio_loss_test)
dc4j_add_cuda_chunks(1048576 info_nce_test nearest_test)

# What the emulation says of kernels that are wrong, and its race check.
set(DC4J_EMULATION_TESTS self hopper)
if(DC4J_RACE_CHECK)
  list(APPEND DC4J_EMULATION_TESTS race)
  set_source_files_properties(${emulation}/race_test.cpp ${emulation}/hopper_test.cpp
    PROPERTIES COMPILE_OPTIONS "${race_options}")
endif()
foreach(name ${DC4J_EMULATION_TESTS})
  set(test cuda_emulation_${name}_test)
  add_executable(${test} ${emulation}/${name}_test.cpp ${emulated_runtime}
    ${emulation}/race_check.cpp ${emulation}/race_hooks.cpp)
  target_include_directories(${test} PRIVATE ${emulation} ${CMAKE_CURRENT_SOURCE_DIR}
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  dc4j_warnings(${test})
  add_test(NAME ${test} COMMAND ${test})
endforeach()
# With the tensor maps that the library makes.
target_sources(cuda_emulation_hopper_test PRIVATE ${DC4J_CUDA_ROOT}/cuda/hopper/tensor_map.cu)
if(DC4J_RACE_CHECK)
  foreach(name hopper race)
    target_compile_definitions(cuda_emulation_${name}_test PRIVATE DC4J_RACE_CHECK)
  endforeach()
endif()
