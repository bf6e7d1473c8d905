// dc4j_map_file: the file's bytes at any offset, private writes, refusals.
#include <unistd.h>

#include <cstdio>

#include "plain.h"

static std::string temporaryFile(const std::vector<char>& bytes) {
  char name[] = "/tmp/dc4j_mapping_XXXXXX";
  const int file = mkstemp(name);
  CHECK(file >= 0);
  CHECK(write(file, bytes.data(), bytes.size()) == ssize_t(bytes.size()));
  close(file);
  return name;
}

static void values() {
  std::vector<char> bytes(50'000);
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = char(i * 7919 >> 3);
  const std::string file = temporaryFile(bytes);
  for (int64_t offset : {0, 64, 128, 4032, 4096, 4160, 49'984}) {
    const int64_t left = int64_t(bytes.size()) - offset;
    for (int64_t count : {int64_t(1), left / 2 + 1, left}) {
      void* memory = nullptr;
      CHECK(dc4j_map_file(file.c_str(), offset, count, &memory) == DC4J_OK, << dc4j_last_error());
      CHECK(reinterpret_cast<uintptr_t>(memory) % 64 == 0);
      CHECK(std::memcmp(memory, bytes.data() + offset, size_t(count)) == 0, << offset);
      static_cast<char*>(memory)[count - 1] ^= 1;  // ours alone
      dc4j_unmap(memory, offset, count);
    }
  }
  void* memory = &memory;
  CHECK(dc4j_map_file(file.c_str(), 64, 0, &memory) == DC4J_OK && memory == nullptr);
  dc4j_unmap(nullptr, 0, 0);
  const auto refused = [&](const char* path, int64_t offset, int64_t count, const char* part) {
    CHECK(dc4j_map_file(path, offset, count, &memory) == DC4J_INVALID_ARGUMENT);
    CHECK(memory == nullptr && errorHas(part), << dc4j_last_error());
  };
  refused(file.c_str(), 8, 10, "offset is 8");
  refused(file.c_str(), -64, 10, "offset is -64");
  refused(file.c_str(), 0, -1, "bytes is -1");
  refused(file.c_str(), 64, 49'937, "has 50000 bytes");
  refused(file.c_str(), INT64_MAX - 63, INT64_MAX, "has 50000 bytes");
  refused(nullptr, 0, 10, "path");
  refused("/", 0, 10, "not a file");
  CHECK(dc4j_map_file(file.c_str(), 0, 10, nullptr) == DC4J_INVALID_ARGUMENT);
  std::remove(file.c_str());
  refused(file.c_str(), 0, 10, "cannot open");
}

int main() {
  values();
  return finish();
}
