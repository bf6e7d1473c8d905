// The one exception type of the core; src/abi/guard.h turns it into a status code.
#pragma once
#include <dc4j/status.h>

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

namespace dc4j {

class Error : public std::runtime_error {
 public:
  Error(dc4j_status status, const std::string& text) : std::runtime_error(text), status_(status) {}
  dc4j_status status() const { return status_; }

 private:
  dc4j_status status_;
};

/** Joins its arguments into one text. */
template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

[[noreturn]] inline void invalid(const std::string& what) {
  throw Error(DC4J_INVALID_ARGUMENT, what);
}

[[noreturn]] inline void notFinite(const char* matrix, int64_t row) {
  throw Error(DC4J_NOT_FINITE, text(matrix, " holds NaN or infinity, first in row ", row));
}

}  // namespace dc4j
