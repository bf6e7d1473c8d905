# -DDC4J_SANITIZE=address,undefined or =thread, for the native tests (no JVM).
set(DC4J_SANITIZE "" CACHE STRING "Sanitizers to compile with, as -fsanitize takes them")
if(DC4J_SANITIZE)
  add_compile_options(-fsanitize=${DC4J_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
  add_link_options(-fsanitize=${DC4J_SANITIZE})
endif()
