// The factory strings that are passed on to FAISS.
#pragma once
#include <cstdint>
#include <string>

namespace dc4j {

/** Throws unless FAISS can make an index of rows of width `dims` from `description`: FAISS divides
 *  by the numbers in it, shifts by them and allocates by them without a look. */
void requireIndexDescription(const std::string& description, int64_t dims);

}  // namespace dc4j
