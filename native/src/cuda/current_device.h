// The calling thread's current device, changed for a while.
#pragma once

namespace dc4j {
namespace cuda {

/** Makes a device the current one. Returns which one to make current again, or -1: it was this
 * one, or one that the process does not use, which making it current would start up. Throws. */
int chooseDevice(int ordinal);
/** Makes the device that chooseDevice returned current again. */
void restoreDevice(int previous) noexcept;

class OnDevice {
 public:
  explicit OnDevice(int ordinal) : previous_(chooseDevice(ordinal)) {}
  ~OnDevice() { restoreDevice(previous_); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

 private:
  int previous_;
};

}  // namespace cuda
}  // namespace dc4j
