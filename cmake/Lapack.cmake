# dc4j_lapack: dsyevr for the PCA solve. From the unpacked OpenBLAS jar (linked by path: it has no
# unversioned name; its SONAME is satisfied at run time by the copy JavaCPP loads), else the system's.
add_library(dc4j_lapack INTERFACE)
if(DC4J_OPENBLAS_DIR)
  target_link_libraries(dc4j_lapack INTERFACE ${DC4J_OPENBLAS_DIR}/libopenblas.so.0)
  target_link_options(dc4j_lapack INTERFACE "LINKER:-rpath-link,${DC4J_OPENBLAS_DIR}")
else()
  find_package(LAPACK REQUIRED)
  target_link_libraries(dc4j_lapack INTERFACE LAPACK::LAPACK)
endif()
