#include "faiss/guard.h"

#include <faiss/Index.h>

#define DC4J_TEXT_OF(value) #value
#define DC4J_TEXT(value) DC4J_TEXT_OF(value)

namespace dc4j {
namespace {
thread_local std::string last_error;
}

void setFaissError(const std::string& text) noexcept {
  try {
    last_error = text;
  } catch (...) {
    last_error.clear();
  }
}

std::string faissReason(const std::string& message) {
  for (const char* mark : {"failed: ", "Error: "}) {
    const size_t at = message.rfind(mark);
    if (at == std::string::npos) continue;
    const std::string reason = message.substr(at + std::string(mark).size());
    if (!reason.empty()) return reason;
  }
  return message;
}

}  // namespace dc4j

extern "C" {

int32_t dc4j_faiss_abi_version(void) { return DC4J_FAISS_ABI_VERSION; }

const char* dc4j_faiss_version(void) {
  return DC4J_TEXT(FAISS_VERSION_MAJOR) "." DC4J_TEXT(FAISS_VERSION_MINOR) "." DC4J_TEXT(
      FAISS_VERSION_PATCH);
}

const char* dc4j_faiss_last_error(void) { return dc4j::last_error.c_str(); }

}  // extern "C"
