# libdc4j_faiss: the C interface of faiss.h over FAISS >= 1.7.3, if that is found in DC4J_FAISS_DIR
# (a folder as `make install` of FAISS fills it), in native/target/faiss (native/faiss-debian.sh) or
# in the system. A folder that is given must have it; "none" builds without. Nothing is cached, so
# that a FAISS that comes or goes is seen by the next run.
set(DC4J_FAISS_DIR "" CACHE STRING "Folder with include/faiss and lib/libfaiss.a or .so; or none")
option(DC4J_REQUIRE_FAISS "Fail if FAISS is not found (also by the environment)" OFF)
set(DC4J_FAISS_MINIMUM 1.7.3)
include(FaissGpu)

function(dc4j_faiss_absent why)
  if(DC4J_REQUIRE_FAISS OR "$ENV{DC4J_REQUIRE_FAISS}" OR DC4J_FAISS_DIR
      OR DC4J_FAISS_GPU_SOURCE)
    message(FATAL_ERROR "FAISS is asked for, but ${why}. native/faiss-debian.sh fetches it on Debian and "
      "Ubuntu; elsewhere install it and give -DDC4J_FAISS_DIR=<its prefix>")
  endif()
  message(STATUS "FAISS: ${why}; built without")
  # Else the library of an earlier run would be packed.
  file(REMOVE ${CMAKE_BINARY_DIR}/libdc4j_faiss.so ${CMAKE_BINARY_DIR}/libdc4j_faiss_gpu.so)
endfunction()

function(dc4j_add_faiss)
  if(DC4J_FAISS_DIR STREQUAL "none")
    set(DC4J_FAISS_DIR "")
    dc4j_faiss_absent("switched off")
    return()
  endif()
  if(DC4J_FAISS_DIR)
    set(hints HINTS ${DC4J_FAISS_DIR} NO_CACHE NO_DEFAULT_PATH)
    set(where ${DC4J_FAISS_DIR})
  else()
    set(hints HINTS ${PROJECT_SOURCE_DIR}/target/faiss/usr NO_CACHE)
    set(where "native/target/faiss or the system")
  endif()
  find_path(include faiss/Index.h ${hints} PATH_SUFFIXES include)
  # The static one first: it goes into libdc4j_faiss, so that no FAISS is needed where that runs.
  find_library(library NAMES libfaiss.a faiss ${hints}
    PATH_SUFFIXES lib lib64 lib/${CMAKE_LIBRARY_ARCHITECTURE})
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(NOT include OR NOT library)
    dc4j_faiss_absent("not found in ${where}")
    return()
  endif()
  if(NOT OpenMP_CXX_FOUND)
    dc4j_faiss_absent("the compiler has no OpenMP, which FAISS needs")
    return()
  endif()
  dc4j_faiss_version(${include} version)
  if(version VERSION_LESS DC4J_FAISS_MINIMUM)
    dc4j_faiss_absent("${include} holds ${version}, older than ${DC4J_FAISS_MINIMUM}")
    return()
  endif()
  message(STATUS "FAISS ${version}: ${library}")

  file(GLOB sources CONFIGURE_DEPENDS src/faiss/*.cpp)
  add_library(dc4j_faiss SHARED ${sources})
  target_include_directories(dc4j_faiss PRIVATE src PUBLIC include)
  target_include_directories(dc4j_faiss SYSTEM PRIVATE ${include})
  target_compile_definitions(dc4j_faiss PRIVATE DC4J_VERSION_TEXT="${PROJECT_VERSION}")
  target_link_libraries(dc4j_faiss PRIVATE ${library} dc4j_lapack OpenMP::OpenMP_CXX
    ${CMAKE_DL_LIBS})
  # FAISS is compiled with default visibility; only the C interface may be seen.
  set(exports ${PROJECT_SOURCE_DIR}/src/faiss/exports.map)
  target_link_options(dc4j_faiss PRIVATE -Wl,--no-undefined -Wl,--build-id=sha1
    -Wl,--version-script=${exports})
  set(rpath "$ORIGIN")
  if(DC4J_FAISS_DIR AND library MATCHES "\\.so$")
    # A shared FAISS outside the system's folders stays where it is and has to be found there.
    get_filename_component(folder ${library} DIRECTORY)
    list(APPEND rpath ${folder})
  endif()
  set_target_properties(dc4j_faiss PROPERTIES LINK_DEPENDS ${exports}
    BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${rpath}"
    DC4J_FAISS_INCLUDE ${include} DC4J_FAISS_LIBRARY ${library})
  dc4j_warnings(dc4j_faiss)
  dc4j_add_faiss_gpu(${include} ${library} ${version})
endfunction()
