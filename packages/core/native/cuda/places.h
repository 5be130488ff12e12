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

// Windows and what they see, by their places. Offsets within one image fit 31 bits.
struct WindowPlaces {
  Places input, output, kernel;
  int input_sizes[kSpatial], output_sizes[kSpatial];
  int stride[kSpatial], padding[kSpatial], dilation[kSpatial];
  Divider strides[kSpatial];
  int64_t input_size, output_size, kernel_size;

  explicit WindowPlaces(const Windows& w)
      : input(w.input),
        output(w.output),
        kernel(w.kernel),
        input_size(w.input_size()),
        output_size(w.output_size()),
        kernel_size(w.kernel_size()) {
    for (int d = 0; d < kSpatial; ++d) {
      input_sizes[d] = static_cast<int>(w.input[d]);
      output_sizes[d] = static_cast<int>(w.output[d]);
      stride[d] = static_cast<int>(w.stride[d]);
      padding[d] = static_cast<int>(w.padding[d]);
      dilation[d] = static_cast<int>(w.dilation[d]);
      strides[d] = Divider(static_cast<uint32_t>(w.stride[d]));
    }
  }

  // Where in an image the element `in_window` of the window `at` lies; -1: in the padding.
  TT_D int64_t input_offset(const Place& at, const Place& in_window) const {
    int64_t offset = 0;
    TT_UNROLL
    for (int d = 0; d < kSpatial; ++d) {
      const int64_t i = int64_t{at.at[d]} * stride[d] - padding[d] + int64_t{in_window.at[d]} * dilation[d];
      if (i < 0 || i >= input_sizes[d]) return -1;
      offset = offset * input_sizes[d] + i;
    }
    return offset;
  }
  // The window whose element `in_window` is the input `at`; -1: there is none.
  TT_D int64_t output_offset(const Place& at, const Place& in_window) const {
    int64_t offset = 0;
    TT_UNROLL
    for (int d = 0; d < kSpatial; ++d) {
      const int64_t reach = int64_t{at.at[d]} + padding[d] - int64_t{in_window.at[d]} * dilation[d];
      if (reach < 0 || reach >= int64_t{1} << 31) return -1;
      const uint32_t o = strides[d].quotient(static_cast<uint32_t>(reach));
      if (o * strides[d].divisor != static_cast<uint32_t>(reach) || o >= static_cast<uint32_t>(output_sizes[d]))
        return -1;
      offset = offset * output_sizes[d] + o;
    }
    return offset;
  }
};

}  // namespace tt::cuda
