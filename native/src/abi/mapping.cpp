#include <dc4j/matrix.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "abi/guard.h"

namespace {

/** An open file, closed with its block; a mapping outlives it. What is no file, a pipe that nobody
 * writes to, is opened at once and refused then. */
class File {
 public:
  explicit File(const char* path) : file_(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (file_ < 0) dc4j::invalid(dc4j::text("cannot open ", path, ": ", std::strerror(errno)));
  }
  ~File() { close(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int number() const { return file_; }
  int64_t size() const {
    struct stat status;
    return fstat(file_, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
  }

 private:
  int file_;
};

/** What lies between the page the mapping starts at and the byte asked for. */
int64_t lead(int64_t offset) { return offset % sysconf(_SC_PAGESIZE); }

}  // namespace

extern "C" {

dc4j_status dc4j_map_file(const char* path, int64_t offset, int64_t bytes, void** out) {
  return dc4j::guard([&] {
    dc4j::requirePointer(out, "out");
    *out = nullptr;
    dc4j::requirePointer(path, "path");
    if (offset < 0 || offset % 64 != 0) {
      dc4j::invalid(dc4j::text("offset is ", offset, "; accepted: multiples of 64, >= 0"));
    }
    if (bytes < 0) dc4j::invalid(dc4j::text("bytes is ", bytes, "; accepted: >= 0"));
    const File file(path);
    const int64_t size = file.size();
    if (size < 0) dc4j::invalid(dc4j::text(path, " is not a file that can be mapped"));
    if (offset > size || bytes > size - offset) {
      dc4j::invalid(dc4j::text(path, " has ", size, " bytes; ", bytes, " from byte ", offset,
                               " were asked for"));
    }
    if (bytes == 0) return;
    const int64_t before = lead(offset);
    void* start = mmap(nullptr, static_cast<size_t>(bytes + before), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_NORESERVE, file.number(), offset - before);
    if (start == MAP_FAILED) {
      throw dc4j::Error(DC4J_OUT_OF_MEMORY, dc4j::text("cannot map ", bytes, " bytes of ", path,
                                                       ": ", std::strerror(errno)));
    }
    *out = static_cast<char*>(start) + before;
  });
}

void dc4j_unmap(void* memory, int64_t offset, int64_t bytes) {
  if (memory == nullptr) return;
  const int64_t before = lead(offset);
  munmap(static_cast<char*>(memory) - before, static_cast<size_t>(bytes + before));
}

}  // extern "C"
