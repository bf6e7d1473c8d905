// Why CUDA is not usable, as one sentence: the first argument is part of what is expected. Without
// an argument any answer will do, if the functions agree about it. With a second one the device is
// usable but for what opening it says: then `auto` takes the CPU.
#include "backends.h"

static bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

static int busy(const char* expected) {
  dc4j_context* context = nullptr;
  dc4j_cuda_device device = {};
  CHECK(*dc4j_cuda_status() == 0);
  CHECK(dc4j_context_open("cuda", 1, &context) == DC4J_UNSUPPORTED);
  CHECK(has(dc4j_last_error(), "device 'cuda' cannot be used now: "), << dc4j_last_error());
  CHECK(has(dc4j_last_error(), expected), << dc4j_last_error());
  CHECK(dc4j_cuda_describe(0, &device) != DC4J_OK && has(dc4j_last_error(), expected));
  CHECK(dc4j_context_open("auto", 1, &context) == DC4J_OK, << dc4j_last_error());
  CHECK(std::string(dc4j_context_backend(context)) == "cpu");
  dc4j_context_close(context);
  return finish();
}

int main(int count, char** arguments) {
  if (count > 2) return busy(arguments[2]);
  const std::string reason = dc4j_cuda_status();
  std::printf("CUDA: %s\n", reason.empty() ? "usable" : reason.c_str());
  if (count > 1) CHECK(has(reason, arguments[1]), << reason << ", expected " << arguments[1]);
  dc4j_context* context = nullptr;
  dc4j_cuda_device device = {};
  const dc4j_status opened = dc4j_context_open("cuda", 1, &context);
  CHECK(opened == (reason.empty() ? DC4J_OK : DC4J_UNSUPPORTED), << dc4j_last_error());
  if (opened == DC4J_OK) {
    dc4j_context_close(context);
  } else {
    CHECK(has(dc4j_last_error(), "'cuda': " + reason), << dc4j_last_error());
    CHECK(dc4j_cuda_describe(0, &device) == DC4J_UNSUPPORTED);
    CHECK(dc4j_last_error() == reason);
  }
  CHECK(dc4j_context_open("auto", 1, &context) == DC4J_OK, << dc4j_last_error());
  CHECK(std::string(dc4j_context_backend(context)) == (reason.empty() ? "cuda" : "cpu"));
  dc4j_context_close(context);
  CHECK(dc4j_context_open("cpu", 1, &context) == DC4J_OK, << dc4j_last_error());
  dc4j_context_close(context);
  return finish();
}
