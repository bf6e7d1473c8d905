#include "faiss/index_file.h"

#include <faiss/impl/FaissAssert.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "faiss/remote_index.h"

namespace dc4j {
namespace {

constexpr char kMagic[8] = {'D', 'C', '4', 'J', 'F', 'A', 'I', 'S'};
constexpr uint64_t kFormat = 1;

struct Trailer {
  char magic[8];
  uint64_t format;
  uint64_t bytes;
  uint64_t sum;
};
static_assert(sizeof(Trailer) == 32, "written as it lies in memory");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "FAISS's own files are little-endian too");

/** The sum of faiss.h. Each step is a bijection of h and of w, so damage within one word shows. */
class CheckSum {
 public:
  void add(const void* bytes, size_t count) {
    const char* from = static_cast<const char*>(bytes);
    total_ += count;
    while (count > 0) {
      const size_t part = std::min(count, sizeof word_ - filled_);
      std::memcpy(reinterpret_cast<char*>(&word_) + filled_, from, part);
      filled_ += part;
      from += part;
      count -= part;
      if (filled_ == sizeof word_) step();
    }
  }
  uint64_t total() const { return total_; }
  uint64_t finish() {
    if (filled_ > 0) step();
    return state_;
  }

 private:
  void step() {
    state_ = (state_ ^ word_) * 0x9e3779b97f4a7c15u;
    state_ ^= state_ >> 32;
    word_ = 0;
    filled_ = 0;
  }
  uint64_t state_ = 0xcbf29ce484222325u, word_ = 0, total_ = 0;
  size_t filled_ = 0;
};

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

[[noreturn]] void failed(const std::string& path, const char* what) {
  invalid(text(path, ": ", what, ": ", std::strerror(errno)));
}

struct SummingWriter : ::faiss::IOWriter {
  explicit SummingWriter(std::FILE* to) : file(to) {}
  size_t operator()(const void* bytes, size_t size, size_t items) override {
    if (size == 0 || items == 0) return items;  // of an empty vector, whose bytes may be NULL
    const size_t written = std::fwrite(bytes, size, items, file);
    sum.add(bytes, written * size);
    return written;
  }
  std::FILE* file;
  CheckSum sum;
};

/** Ends where FAISS's bytes end. */
struct BoundedReader : ::faiss::IOReader {
  BoundedReader(std::FILE* from, uint64_t bytes) : file(from), left(bytes) {}
  size_t operator()(void* bytes, size_t size, size_t items) override {
    if (size == 0 || items == 0) return items;
    const size_t read = std::fread(bytes, size, std::min<uint64_t>(items, left / size), file);
    left -= read * size;
    return read;
  }
  std::FILE* file;
  uint64_t left;
};

/** Deletes the unfinished file unless it was renamed. */
struct Pending {
  std::string path;
  bool kept = false;
  ~Pending() {
    if (!kept) ::unlink(path.c_str());
  }
};

std::string unusedName(const std::string& path) {
  static std::atomic<int> count{0};
  return text(path, ".", ::getpid(), "-", count.fetch_add(1), ".tmp");
}

void writeBytes(const ::faiss::Index& index, SummingWriter& writer) {
  const auto* remote = dynamic_cast<const RemoteIndex*>(&index);
  if (remote == nullptr) return ::faiss::write_index(&index, &writer);
  const std::vector<uint8_t> bytes = remote->remote().serialised();
  FAISS_THROW_IF_NOT(writer(bytes.data(), 1, bytes.size()) == bytes.size());
}

void writeIndex(const ::faiss::Index& index, std::FILE* file, const std::string& path) {
  SummingWriter writer(file);
  errno = 0;
  try {
    writeBytes(index, writer);
  } catch (const ::faiss::FaissException&) {
    if (errno != 0) failed(path, "cannot write");
    throw;
  }
  Trailer trailer;
  std::memcpy(trailer.magic, kMagic, sizeof kMagic);
  trailer.format = kFormat;
  trailer.bytes = writer.sum.total();
  trailer.sum = writer.sum.finish();
  if (std::fwrite(&trailer, sizeof trailer, 1, file) != 1 || std::fflush(file) != 0 ||
      ::fsync(::fileno(file)) != 0) {
    failed(path, "cannot write");
  }
}

Trailer readTrailer(std::FILE* file, const std::string& path) {
  struct stat status;
  if (::fstat(::fileno(file), &status) != 0) failed(path, "cannot read");
  if (!S_ISREG(status.st_mode)) invalid(path + ": is not a regular file");
  Trailer trailer{};
  const bool whole = status.st_size >= static_cast<off_t>(sizeof trailer) &&
                     ::fseeko(file, -static_cast<off_t>(sizeof trailer), SEEK_END) == 0 &&
                     std::fread(&trailer, sizeof trailer, 1, file) == 1 &&
                     std::memcmp(trailer.magic, kMagic, sizeof kMagic) == 0;
  if (!whole) {
    invalid(path +
            ": does not end as an index saved by dc4j ends; it is cut off, or another"
            " program wrote it");
  }
  if (trailer.format != kFormat) {
    invalid(text(path, ": format ", trailer.format, "; accepted: ", kFormat));
  }
  if (trailer.bytes != static_cast<uint64_t>(status.st_size) - sizeof trailer) {
    invalid(text(path, ": ", status.st_size, " bytes; it was saved with ",
                 trailer.bytes + sizeof trailer));
  }
  return trailer;
}

void requireSum(std::FILE* file, const Trailer& trailer, const std::string& path) {
  CheckSum sum;
  std::vector<char> block(1 << 16);
  std::rewind(file);
  for (uint64_t left = trailer.bytes; left > 0;) {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(left, block.size()));
    if (std::fread(block.data(), 1, wanted, file) != wanted) failed(path, "cannot read");
    sum.add(block.data(), wanted);
    left -= wanted;
  }
  if (sum.finish() != trailer.sum) invalid(path + ": damaged, its check sum does not fit");
}

}  // namespace

void saveIndexFile(const ::faiss::Index& index, const std::string& path) {
  Pending pending{unusedName(path)};
  File file(std::fopen(pending.path.c_str(), "wbx"));
  if (file == nullptr) {
    pending.kept = true;  // not ours
    failed(path, "cannot write");
  }
  writeIndex(index, file.get(), path);
  if (std::fclose(file.release()) != 0 || std::rename(pending.path.c_str(), path.c_str()) != 0) {
    failed(path, "cannot write");
  }
  pending.kept = true;
}

std::unique_ptr<::faiss::Index> loadIndexFile(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) failed(path, "cannot read");
  const Trailer trailer = readTrailer(file.get(), path);
  requireSum(file.get(), trailer, path);
  std::rewind(file.get());
  BoundedReader reader(file.get(), trailer.bytes);
  reader.name = path;
  return std::unique_ptr<::faiss::Index>(::faiss::read_index(&reader));
}

}  // namespace dc4j
