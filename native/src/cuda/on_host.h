#pragma once

namespace dc4j {
namespace cuda {

/** Names of the slots that run the CPU backend's kernel, separated by blanks; static storage. */
const char* slotsOnHost();

}  // namespace cuda
}  // namespace dc4j
