// The places of elements in arrays of one to three dimensions, split into coordinates without divisions.
#pragma once
#include "../checks/windows.h"
#include "offsets.h"

namespace tt::cuda {

struct Place {
  uint32_t outer;  // which of the arrays
  int at[kSpatial];
};

struct Places {
  Divider volume, plane, width;

  Places() = default;
  explicit Places(const int64_t* sizes)
      : volume(divider(sizes[0] * sizes[1] * sizes[2])),
        plane(divider(sizes[1] * sizes[2])),
        width(divider(sizes[2])) {}

  TT_D Place find(uint32_t i) const {
    Place place;
    place.outer = volume.quotient(i);
    uint32_t rest = i - place.outer * volume.divisor;
    const uint32_t z = plane.quotient(rest);
    rest -= z * plane.divisor;
    const uint32_t y = width.quotient(rest);
    place.at[0] = static_cast<int>(z);
    place.at[1] = static_cast<int>(y);
    place.at[2] = static_cast<int>(rest - y * width.divisor);
    return place;
  }

 private:
  // Empty arrays have no places.
  static Divider divider(int64_t size) { return Divider(static_cast<uint32_t>(std::max<int64_t>(size, 1))); }
};

}  // namespace tt::cuda
