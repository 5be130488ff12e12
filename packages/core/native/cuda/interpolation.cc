// Resizing of the last one to three dimensions. Tables of each dimension's taps are made on the device; a thread makes
// an element of the output, or of the gradient, so that no two write to one place.
#include "../checks/interpolation.h"

#include "contiguous.h"
#include "places.h"

namespace tt::cuda {
namespace {

// Of each dimension: output o has the taps [o * width, (o + 1) * width), and input i is seen by the outputs
// [first[i], last[i]].
struct Taps {
  int64_t width;
  int64_t* index;
  double* weight;
  int64_t *first, *last;
};
struct ResizeTables {
  Taps taps[kResizeDims];
};

__global__ void make_taps(int64_t n, ResizeAxis axis, Taps taps) {
  for (int64_t o = first_element(); o < n; o += grid_stride())
    axis.taps(o, taps.index + o * taps.width, taps.weight + o * taps.width);
}

// The outputs are found by bisection: both ends of their taps only move forward.
__global__ void find_outputs(int64_t n, int64_t outputs, Taps taps) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    int64_t low = 0, high = outputs;
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (taps.index[middle * taps.width + taps.width - 1] < i) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    taps.first[i] = low;
    high = outputs;
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (taps.index[middle * taps.width] <= i) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    taps.last[i] = low - 1;
  }
}

class Tables {
 public:
  Tables(const ResizePlanes& resize, bool backward) : memory_(bytes(resize)) {
    char* next = memory_.as<char>();
    const auto take = [&](int64_t count) {
      char* taken = next;
      next += count * 8;
      return taken;
    };
    for (int d = 0; d < kResizeDims; ++d) {
      const ResizeAxis& axis = resize.axes[d];
      Taps& taps = tables.taps[d];
      taps.width = axis.width();
      taps.index = reinterpret_cast<int64_t*>(take(axis.output * taps.width));
      taps.weight = reinterpret_cast<double*>(take(axis.output * taps.width));
      taps.first = reinterpret_cast<int64_t*>(take(axis.input));
      taps.last = reinterpret_cast<int64_t*>(take(axis.input));
      TT_RUN_ELEMENTS(axis.output, make_taps, axis.output, axis, taps);
      if (backward) TT_RUN_ELEMENTS(axis.input, find_outputs, axis.input, axis.output, taps);
    }
  }
  ResizeTables tables;

 private:
  static size_t bytes(const ResizePlanes& resize) {
    int64_t count = 0;
    for (const ResizeAxis& axis : resize.axes) count += 2 * (axis.output * axis.width() + axis.input);
    return static_cast<size_t>(count) * 8;
  }
  Workspace memory_;
};

template <class T>
__global__ void resize_planes(int64_t n, ResizePlanes resize, ResizeTables tables, Places outputs, const T* self,
                              T* out) {
  using Compute = compute_t<T>;
  const Taps &z = tables.taps[0], &y = tables.taps[1], &x = tables.taps[2];
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const Place place = outputs.find(static_cast<uint32_t>(i));
    const T* plane = self + place.outer * resize.input_size();
    Compute sum = 0;
    for (int64_t a = place.at[0] * z.width; a < (place.at[0] + 1) * z.width; ++a)
      for (int64_t b = place.at[1] * y.width; b < (place.at[1] + 1) * y.width; ++b) {
        const auto row_weight = static_cast<Compute>(z.weight[a] * y.weight[b]);
        // Inputs without weight are not read: they may be infinite.
        if (row_weight == 0) continue;
        const T* row = plane + (z.index[a] * resize.axes[1].input + y.index[b]) * resize.axes[2].input;
        for (int64_t c = place.at[2] * x.width; c < (place.at[2] + 1) * x.width; ++c) {
          const auto weight = static_cast<Compute>(x.weight[c]);
          if (weight != 0) sum += row_weight * weight * static_cast<Compute>(row[x.index[c]]);
        }
      }
    out[i] = static_cast<T>(sum);
  }
}

// f(output, weight) for each tap of an output that is the input i of this dimension.
template <class F>
TT_D void for_each_tap_of(const Taps& taps, int64_t i, F&& f) {
  for (int64_t o = taps.first[i]; o <= taps.last[i]; ++o)
    for (int64_t k = o * taps.width; k < (o + 1) * taps.width; ++k)
      if (taps.index[k] == i) f(o, taps.weight[k]);
}

template <class T>
__global__ void resize_back(int64_t n, ResizePlanes resize, ResizeTables tables, Places inputs, const T* gradient,
                            T* out) {
  using Compute = compute_t<T>;
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const Place place = inputs.find(static_cast<uint32_t>(i));
    const T* plane = gradient + place.outer * resize.output_size();
    Compute sum = 0;
    for_each_tap_of(tables.taps[0], place.at[0], [&](int64_t oz, double z_weight) {
      for_each_tap_of(tables.taps[1], place.at[1], [&](int64_t oy, double y_weight) {
        const T* row = plane + (oz * resize.axes[1].output + oy) * resize.axes[2].output;
        const auto row_weight = static_cast<Compute>(z_weight * y_weight);
        for_each_tap_of(tables.taps[2], place.at[2], [&](int64_t ox, double x_weight) {
          sum += row_weight * static_cast<Compute>(x_weight) * static_cast<Compute>(row[ox]);
        });
      });
    });
    out[i] = static_cast<T>(sum);
  }
}

// f(first plane, planes) for parts whose elements kernels can number.
template <class F>
void each_part_of_planes(const ResizePlanes& resize, F&& f) {
  const int64_t size = std::max({resize.input_size(), resize.output_size(), int64_t{1}});
  require(size <= kMostElements, ErrorKind::Shape, "planes are limited to ", kMostElements, " elements, got ", size);
  const int64_t most = kMostElements / size;
  for (int64_t first = 0; first < resize.planes; first += most) f(first, std::min(most, resize.planes - first));
}

// interpolate(out, self; mode, alignCorners, antialias, scales[]): modes nearest, linear, cubic, nearest-exact
template <class T>
void interpolate(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  const ResizePlanes resize = read_resize(operands[1], operands[0], params);
  if (operands[0].numel == 0) return;
  const Tables tables(resize, false);
  const PackedInput self(operands[1]);
  const PackedOutput out(operands[0]);
  const int64_t sizes[] = {resize.axes[0].output, resize.axes[1].output, resize.axes[2].output};
  each_part_of_planes(resize, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * resize.output_size();
    TT_RUN_ELEMENTS(n, resize_planes<T>, n, resize, tables.tables, Places(sizes),
                    self.as<T>() + first * resize.input_size(), out.as<T>() + first * resize.output_size());
  });
  out.finish();
}

// interpolateBackward(gradInput, gradOutput; mode, alignCorners, antialias, scales[])
template <class T>
void interpolate_backward(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  const ResizePlanes resize = read_resize(operands[0], operands[1], params);
  if (operands[0].numel == 0) return;
  const Tables tables(resize, true);
  const PackedInput gradient(operands[1]);
  const PackedOutput out(operands[0]);
  const int64_t sizes[] = {resize.axes[0].input, resize.axes[1].input, resize.axes[2].input};
  each_part_of_planes(resize, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * resize.input_size();
    TT_RUN_ELEMENTS(n, resize_back<T>, n, resize, tables.tables, Places(sizes),
                    gradient.as<T>() + first * resize.output_size(), out.as<T>() + first * resize.input_size());
  });
  out.finish();
}

}  // namespace

void register_interpolation() {
  register_for<Floating>("interpolate", 1, []<class T>() -> Kernel { return interpolate<T>; });
  register_for<Floating>("interpolateBackward", 1, []<class T>() -> Kernel { return interpolate_backward<T>; });
}

}  // namespace tt::cuda
