// The factory strings that are passed on to FAISS.
#pragma once
#include <cstdint>
#include <string>

namespace dc4j {

/** Throws unless FAISS can make an index of rows of width `dims` from `description`: FAISS divides
 *  by the numbers in it, shifts by them and allocates by them without a look. */
void requireIndexDescription(const std::string& description, int64_t dims);

/** Of a description that requireIndexDescription took: 0 for "Flat", n for "IVF<n>,Flat"; throws
 * for the others, which FAISS-GPU does not have or this build leaves out. */
int32_t listsOnDevice(const std::string& description);

}  // namespace dc4j
