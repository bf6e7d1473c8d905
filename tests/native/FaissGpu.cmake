# FAISS on a CUDA device: the code around FAISS's GPU part on the emulated device, with FAISS's
# indexes of the CPU in the place of those of the GPU; all of it on a GPU where one is.
function(dc4j_add_faiss_gpu_test name)
  dc4j_add_test(faiss_gpu/${name}.cpp dc4j_faiss)
  target_link_libraries(${name} PRIVATE dc4j ${CMAKE_DL_LIBS})
endfunction()
dc4j_add_faiss_gpu_test(faiss_gpu_status_test)
dc4j_add_faiss_gpu_test(faiss_gpu_test)
set_tests_properties(faiss_gpu_test PROPERTIES SKIP_RETURN_CODE 77)

function(dc4j_add_faiss_gpu_status name expected)
  add_test(NAME faiss_gpu_status_${name} COMMAND faiss_gpu_status_test "${expected}")
  set_tests_properties(faiss_gpu_status_${name} PROPERTIES ENVIRONMENT "${ARGN}")
endfunction()
dc4j_add_faiss_gpu_status(no_library "which cannot be read"
  DC4J_FAISS_GPU_LIBRARY=/nowhere/libdc4j_faiss_gpu.so)
dc4j_add_faiss_gpu_status(other_library "is not FAISS-GPU of dc4j"
  DC4J_FAISS_GPU_LIBRARY=$<TARGET_FILE:dc4j>)
if(NOT TARGET dc4j_faiss_gpu)
  dc4j_add_faiss_gpu_status(without "FAISS-GPU is absent: built without; configure with -DDC4J_FAISS_GPU_SOURCE="
    DC4J_FAISS_GPU_LIBRARY=)
endif()
if(NOT TARGET dc4j_cuda_emulated)
  return()
endif()

set(root ${PROJECT_SOURCE_DIR}/src)
set_source_files_properties(${root}/faiss_gpu/device_rows.cu PROPERTIES LANGUAGE CXX)
get_target_property(include dc4j_faiss DC4J_FAISS_INCLUDE)
get_target_property(library dc4j_faiss DC4J_FAISS_LIBRARY)
add_library(dc4j_faiss_gpu_emulated SHARED faiss_gpu/indexes_emulated.cpp
  ${root}/faiss_gpu/device_rows.cu ${root}/faiss_gpu/library.cpp ${root}/cuda/cublas.cpp
  ${root}/cuda/current_device.cpp ${root}/cuda/device_error.cpp ${root}/cuda/usable.cpp)
target_include_directories(dc4j_faiss_gpu_emulated PRIVATE ${emulation} ${root}
  ${PROJECT_SOURCE_DIR}/include)
target_include_directories(dc4j_faiss_gpu_emulated SYSTEM PRIVATE ${include})
target_compile_definitions(dc4j_faiss_gpu_emulated PRIVATE DC4J_VERSION_TEXT="${PROJECT_VERSION}")
target_compile_options(dc4j_faiss_gpu_emulated PRIVATE ${emulation_options})
if(DC4J_RACE_CHECK)
  target_compile_definitions(dc4j_faiss_gpu_emulated PRIVATE DC4J_RACE_CHECK)
  set_source_files_properties(${root}/faiss_gpu/device_rows.cu PROPERTIES COMPILE_OPTIONS
    "${race_options}")
endif()
target_link_libraries(dc4j_faiss_gpu_emulated PRIVATE dc4j_cuda_emulated ${library} dc4j_lapack
  OpenMP::OpenMP_CXX ${CMAKE_DL_LIBS})
target_link_options(dc4j_faiss_gpu_emulated PRIVATE -Wl,--no-undefined
  -Wl,--version-script=${root}/faiss_gpu/exports.map)
dc4j_warnings(dc4j_faiss_gpu_emulated)
# Found by its name among the libraries of the process, as the driver is.
add_library(dc4j_driver_emulated SHARED faiss_gpu/driver_emulated.cpp)
target_include_directories(dc4j_driver_emulated PRIVATE ${emulation})
target_link_libraries(dc4j_driver_emulated PRIVATE dc4j_cuda_emulated)
dc4j_warnings(dc4j_driver_emulated)
set_target_properties(dc4j_driver_emulated PROPERTIES OUTPUT_NAME cuda SUFFIX .so.1)
set_target_properties(dc4j_faiss_gpu_emulated dc4j_driver_emulated PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY ${emulated_folder} BUILD_RPATH "$ORIGIN;${DC4J_OPENBLAS_DIR}")

set(faiss_emulated_environment ${emulated_environment} OMP_WAIT_POLICY=PASSIVE
  DC4J_FAISS_GPU_LIBRARY=$<TARGET_FILE:dc4j_faiss_gpu_emulated>)
add_test(NAME faiss_gpu_test_emulated COMMAND faiss_gpu_test
  $<TARGET_FILE:dc4j_driver_emulated>)
set_tests_properties(faiss_gpu_test_emulated PROPERTIES ENVIRONMENT "${faiss_emulated_environment}")
dc4j_add_faiss_gpu_status(usable "" ${faiss_emulated_environment})
dc4j_add_faiss_gpu_status(no_driver "no CUDA driver: libcuda.so.1 was not found"
  ${faiss_emulated_environment} DC4J_EMULATED_DRIVER=0)
dc4j_add_faiss_gpu_status(no_device "no CUDA device" ${faiss_emulated_environment}
  DC4J_EMULATED_DEVICES=0)
dc4j_add_faiss_gpu_status(no_cublas "libcublas.so.13 was not found (looked in /nowhere)"
  ${faiss_emulated_environment} DC4J_CUBLAS_DIR=/nowhere)
