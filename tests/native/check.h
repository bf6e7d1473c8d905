// The test frame: CHECK counts and prints failures, run() names the case; main returns failures.
#pragma once
#include <cstdio>
#include <sstream>
#include <string>

inline int& failures() {
  static int count = 0;
  return count;
}

inline std::string& currentCase() {
  static std::string name;
  return name;
}

#define CHECK(condition, ...)                                                               \
  do {                                                                                      \
    if (!(condition)) {                                                                     \
      std::ostringstream message;                                                           \
      message << "" __VA_ARGS__;                                                            \
      if (failures()++ < 20) {                                                              \
        std::printf("FAILED %s:%d [%s] %s %s\n", __FILE__, __LINE__, currentCase().c_str(), \
                    #condition, message.str().c_str());                                     \
      }                                                                                     \
    }                                                                                       \
  } while (0)

inline int finish() {
  std::printf(failures() == 0 ? "passed\n" : "%d failed\n", failures());
  return failures() == 0 ? 0 : 1;
}
