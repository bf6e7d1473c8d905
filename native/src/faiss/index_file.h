// The file of an index: FAISS's bytes and a check sum behind them.
#pragma once
#include <faiss/Index.h>

#include <memory>
#include <string>

namespace dc4j {

/** Replaces or creates the file, or leaves what is there. */
void saveIndexFile(const ::faiss::Index& index, const std::string& path);

/** Throws if the file is not whole: FAISS would allocate and index by whatever it finds. */
std::unique_ptr<::faiss::Index> loadIndexFile(const std::string& path);

}  // namespace dc4j
