// What the tests of the emulation itself need.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "cuda/platform.h"

namespace dc4j {
namespace cuda {
// launch() throws; here the code is looked at. Once in a program.
void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  throw Error(DC4J_INTERNAL, what);
}
}  // namespace cuda
}  // namespace dc4j

/** Whether what is queued fails. */
template <typename Work>
bool fails(const Work& work) {
  try {
    work();
    return false;
  } catch (const dc4j::Error&) {
    return true;
  }
}

/** Whether the program ends badly, tried in a child. */
template <typename Body>
bool crashes(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

inline int* deviceInts(int count) {
  void* memory = nullptr;
  CHECK(cudaMalloc(&memory, size_t(count) * sizeof(int)) == cudaSuccess);
  return static_cast<int*>(memory);
}
