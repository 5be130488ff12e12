// Pooling over the last one to three dimensions; what comes before them are planes, each pooled alone.
#include "../../checks/pooling.h"

#include <limits>
#include <vector>

#include "../contiguous.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

// With what each output sees, for each dimension.
struct Pooling : PoolingWindows {
  std::vector<PoolingRange> ranges[kPoolingDims];

  Pooling(const PoolingWindows& windows) : PoolingWindows(windows) {
    for (int d = 0; d < kPoolingDims; ++d)
      for (int64_t o = 0; o < output[d]; ++o) ranges[d].push_back(range(d, o));
  }
  int64_t rows() const { return output[0] * output[1]; }
};

// f(input row, kernel offset, first output, end of outputs, first input) for each row of the input that the windows of
// one output row see: there, output o sees input first + (o - first output) * stride.
template <class F>
void for_each_run(const Pooling& pool, int64_t oz, int64_t oy, F&& f) {
  const PoolingRange &z = pool.ranges[0][oz], &y = pool.ranges[1][oy];
  const int64_t stride = pool.stride[2], width = pool.output[2];
  for (int64_t iz = z.begin; iz < z.end; iz += pool.step[0])
    for (int64_t iy = y.begin; iy < y.end; iy += pool.step[1])
      for (int64_t kx = 0; kx < pool.kernel[2]; ++kx) {
        const int64_t x0 = kx * pool.step[2] - pool.padding[2];
        if (x0 >= pool.input[2]) break;
        const int64_t first = std::min(x0 < 0 ? (-x0 + stride - 1) / stride : 0, width);
        const int64_t last = std::clamp<int64_t>((pool.input[2] - 1 - x0) / stride + 1, first, width);
        f((iz * pool.input[1] + iy) * pool.input[2], first, last, x0 + first * stride);
      }
}

// f(input offset) for each input that output (oz, oy, ox) sees.
template <class F>
void for_each_input(const Pooling& pool, int64_t oz, int64_t oy, int64_t ox, F&& f) {
  const PoolingRange &z = pool.ranges[0][oz], &y = pool.ranges[1][oy], &x = pool.ranges[2][ox];
  for (int64_t iz = z.begin; iz < z.end; iz += pool.step[0])
    for (int64_t iy = y.begin; iy < y.end; iy += pool.step[1])
      for (int64_t ix = x.begin; ix < x.end; ix += pool.step[2]) f((iz * pool.input[1] + iy) * pool.input[2] + ix);
}

// The number of inputs that an output sees, or what it is divided by instead.
template <class T>
T divisor_of(const Pooling& pool, int64_t oz, int64_t oy, int64_t ox) {
  if (pool.divisor != 0) return static_cast<T>(pool.divisor);
  T product = 1;
  const int64_t at[kPoolingDims] = {oz, oy, ox};
  for (int d = 0; d < kPoolingDims; ++d) {
    const PoolingRange& range = pool.ranges[d][at[d]];
    product *= static_cast<T>(pool.count_padding ? range.length : range.end - range.begin);
  }
  return product;
}

// --- Maximum --------------------------------------------------------------------------------------------------------

// NaN wins, and the last of several; of equal numbers the first.
template <class T, int64_t fixed_stride>
void max_run(const T* in, int64_t position, int64_t count, int64_t stride, T* best, int64_t* where) {
  const int64_t by = fixed_stride ? fixed_stride : stride;
  for (int64_t i = 0; i < count; ++i) {
    const T value = in[i * by];
    const bool take = value > best[i] || value != value;
    best[i] = take ? value : best[i];
    where[i] = take ? position + i * by : where[i];
  }
}

// Windows of 2 by 2 side by side, none of which reaches beyond the input: what most networks have.
bool has_pairs(const Pooling& pool) {
  bool pairs = !pool.adaptive && pool.kernel[0] == 1;
  for (const int d : {1, 2})
    pairs &= pool.kernel[d] == 2 && pool.stride[d] == 2 && pool.step[d] == 1 && pool.padding[d] == 0 &&
             2 * pool.output[d] <= pool.input[d];
  return pairs;
}

template <class T>
void max_row_of_pairs(const T* upper, int64_t position, int64_t row_size, int64_t width, T* best, int64_t* where) {
  // As wide as T, so that both take the same lanes.
  using Place = std::conditional_t<sizeof(T) == sizeof(int32_t), int32_t, int64_t>;
  const T* lower = upper + row_size;
  const auto below = static_cast<Place>(row_size);
  // Of few lanes, since rows are short: those of the last layers have 4 to 12 outputs.
#pragma omp simd simdlen(4)
  for (int64_t ox = 0; ox < width; ++ox) {
    T value = upper[2 * ox];
    Place place = 0;
    const auto take = [&](T other, Place at) {
      const bool wins = (other > value) | (other != other);
      value = wins ? other : value;
      place = wins ? at : place;
    };
    take(upper[2 * ox + 1], 1);
    take(lower[2 * ox], below);
    take(lower[2 * ox + 1], below + 1);
    best[ox] = value;
    where[ox] = position + 2 * ox + place;
  }
}

template <class T>
void max_row(const Pooling& pool, const T* plane, int64_t oz, int64_t oy, T* best, int64_t* where) {
  const int64_t width = pool.output[2], stride = pool.stride[2];
  const int64_t start = (pool.ranges[0][oz].begin * pool.input[1] + pool.ranges[1][oy].begin) * pool.input[2];
  for (int64_t ox = 0; ox < width; ++ox) {
    best[ox] = -std::numeric_limits<T>::infinity();
    where[ox] = start + pool.ranges[2][ox].begin;
  }
  const auto take = [&](T value, int64_t position, int64_t ox) {
    if (value > best[ox] || value != value) best[ox] = value, where[ox] = position;
  };
  if (pool.adaptive) {
    for (int64_t ox = 0; ox < width; ++ox)
      for_each_input(pool, oz, oy, ox, [&](int64_t position) { take(plane[position], position, ox); });
    return;
  }
  for_each_run(pool, oz, oy, [&](int64_t row, int64_t first, int64_t last, int64_t x) {
    const auto run = stride == 1 ? max_run<T, 1> : stride == 2 ? max_run<T, 2> : max_run<T, 0>;
    run(plane + row + x, row + x, last - first, stride, best + first, where + first);
  });
}

template <class T>
void run_max(const Pooling& pool, Operand* operands) {
  if (operands[0].numel == 0) return;
  const Input<T> self(operands[2]);
  const Output<T> out(operands[0]);
  const Output<int64_t> indices(operands[1]);
  const int64_t rows = pool.rows(), width = pool.output[2];
  const bool pairs = has_pairs(pool);
  parallel_for(pool.planes * rows, std::max<int64_t>(kGrain / 8 / width, 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T* best = out.data() + row * width;
      int64_t* where = indices.data() + row * width;
      const T* plane = self.data() + row / rows * pool.input_size();
      const int64_t oz = row % rows / pool.output[1], oy = row % pool.output[1];
      if (pairs) {
        const int64_t position = (pool.ranges[0][oz].begin * pool.input[1] + 2 * oy) * pool.input[2];
        max_row_of_pairs(plane + position, position, pool.input[2], width, best, where);
      } else {
        max_row(pool, plane, oz, oy, best, where);
      }
    }
  });
  out.finish();
  indices.finish();
}

// maxPool(out, indices, self; kernelSize[], stride[], padding[], dilation[]): indices count within a plane.
template <class T>
void max_pool(Operand* operands, int count, Params& params) {
  check_max_pooling(operands, count);
  run_max<compute_t<T>>(read_pooling(operands[2], operands[0], params, true), operands);
}

// adaptiveMaxPool(out, indices, self; spatialDims)
template <class T>
void adaptive_max_pool(Operand* operands, int count, Params& params) {
  check_max_pooling(operands, count);
  const int spatial = read_spatial_dims(params);
  run_max<compute_t<T>>(adaptive_pooling(operands[2], operands[0], spatial), operands);
}

// For each element of each plane of `from`: move(value, place in the plane of `to`), after a check of its index.
template <class T, class Move>
void scatter_planes(const Operand& to_operand, const Operand& from_operand, const Operand& index_operand, int spatial,
                    Move move) {
  const PoolingWindows pool = read_planes(to_operand, from_operand, index_operand, spatial);
  if (to_operand.numel == 0) return;
  const Input<T> from(from_operand);
  const Input<int64_t> indices(index_operand);
  const Output<T> to(to_operand);
  const int64_t to_size = pool.input_size(), from_size = pool.output_size();
  parallel_for(pool.planes, std::max<int64_t>(kGrain / (from_size + to_size), 1), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      T* target = to.data() + plane * to_size;
      std::fill_n(target, to_size, T(0));
      for (int64_t i = plane * from_size; i < (plane + 1) * from_size; ++i) {
        const int64_t index = indices.data()[i];
        require(index >= 0 && index < to_size, ErrorKind::Index, "index ", index, " is outside of a plane of ", to_size,
                " elements");
        move(target[index], from.data()[i]);
      }
    }
  });
  to.finish();
}

// maxPoolBackward(gradInput, gradOutput, indices; spatialDims): each gradient goes to where the maximum came from.
template <class T>
void max_pool_backward(Operand* operands, int count, Params& params) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  const int spatial = read_spatial_dims(params);
  scatter_planes<compute_t<T>>(operands[0], operands[1], operands[2], spatial,
                               [](compute_t<T>& to, compute_t<T> value) { to += value; });
}

// maxUnpool(out, self, indices; spatialDims)
template <class T>
void max_unpool(Operand* operands, int count, Params& params) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  const int spatial = read_spatial_dims(params);
  scatter_planes<compute_t<T>>(operands[0], operands[1], operands[2], spatial,
                               [](compute_t<T>& to, compute_t<T> value) { to = value; });
}

// maxPoolGather(out, self, indices; spatialDims): the element of its plane that each index names.
template <class T>
void max_pool_gather(Operand* operands, int count, Params& params) {
  using Compute = compute_t<T>;
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  const Operand &out_operand = operands[0], &index_operand = operands[2];
  const PoolingWindows pool = read_planes(operands[1], out_operand, index_operand, read_spatial_dims(params));
  if (out_operand.numel == 0) return;
  const Input<Compute> self(operands[1]);
  const Input<int64_t> indices(index_operand);
  const Output<Compute> out(out_operand);
  const int64_t size = pool.input_size(), out_size = pool.output_size();
  parallel_for(out_operand.numel, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t index = indices.data()[i];
      require(index >= 0 && index < size, ErrorKind::Index, "index ", index, " is outside of a plane of ", size,
              " elements");
      out.data()[i] = self.data()[i / out_size * size + index];
    }
  });
  out.finish();
}

// --- Average --------------------------------------------------------------------------------------------------------

template <class T>
void average_row(const Pooling& pool, const T* plane, int64_t oz, int64_t oy, T* out) {
  const int64_t width = pool.output[2], stride = pool.stride[2];
  std::fill_n(out, width, T(0));
  if (pool.adaptive) {
    for (int64_t ox = 0; ox < width; ++ox)
      for_each_input(pool, oz, oy, ox, [&](int64_t position) { out[ox] += plane[position]; });
  } else {
    for_each_run(pool, oz, oy, [&](int64_t row, int64_t first, int64_t last, int64_t x) {
      const T* in = plane + row + x;
      for (int64_t ox = first; ox < last; ++ox) out[ox] += in[(ox - first) * stride];
    });
  }
  for (int64_t ox = 0; ox < width; ++ox) out[ox] /= divisor_of<T>(pool, oz, oy, ox);
}

template <class T>
void run_average(const Pooling& pool, Operand* operands) {
  require(operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected an output of the input's dtype");
  if (operands[0].numel == 0) return;
  const Input<T> self(operands[1]);
  const Output<T> out(operands[0]);
  const int64_t rows = pool.rows(), width = pool.output[2];
  const int64_t work = std::max<int64_t>(pool.input_size() / rows, width);
  parallel_for(pool.planes * rows, std::max<int64_t>(kGrain / 4 / work, 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      average_row(pool, self.data() + row / rows * pool.input_size(), row % rows / pool.output[1], row % pool.output[1],
                  out.data() + row * width);
  });
  out.finish();
}

template <class T>
void spread_row(const Pooling& pool, const T* gradient, int64_t oz, int64_t oy, T* plane) {
  const int64_t width = pool.output[2], stride = pool.stride[2];
  std::vector<T> shares(width);
  for (int64_t ox = 0; ox < width; ++ox) shares[ox] = gradient[ox] / divisor_of<T>(pool, oz, oy, ox);
  if (pool.adaptive) {
    for (int64_t ox = 0; ox < width; ++ox)
      for_each_input(pool, oz, oy, ox, [&](int64_t position) { plane[position] += shares[ox]; });
    return;
  }
  for_each_run(pool, oz, oy, [&](int64_t row, int64_t first, int64_t last, int64_t x) {
    T* in = plane + row + x;
    for (int64_t ox = first; ox < last; ++ox) in[(ox - first) * stride] += shares[ox];
  });
}

template <class T>
void run_average_backward(const Pooling& pool, Operand* operands) {
  require(operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected gradients of one dtype");
  if (operands[0].numel == 0) return;
  const Input<T> gradient(operands[1]);
  const Output<T> out(operands[0]);
  const int64_t size = pool.input_size();
  parallel_for(pool.planes, std::max<int64_t>(kGrain / 4 / size, 1), [&](int64_t begin, int64_t end) {
    std::fill(out.data() + begin * size, out.data() + end * size, T(0));
    for (int64_t row = begin * pool.rows(); row < end * pool.rows(); ++row)
      spread_row(pool, gradient.data() + row * pool.output[2], row % pool.rows() / pool.output[1], row % pool.output[1],
                 out.data() + row / pool.rows() * size);
  });
  out.finish();
}

// avgPool(out, self; kernelSize[], stride[], padding[], countIncludePad, divisorOverride or 0)
template <class T>
void avg_pool(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  run_average<computed_t<T>>(read_average_pooling(operands[1], operands[0], params), operands);
}

// avgPoolBackward(gradInput, gradOutput; kernelSize[], stride[], padding[], countIncludePad, divisorOverride or 0)
template <class T>
void avg_pool_backward(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  run_average_backward<compute_t<T>>(read_average_pooling(operands[0], operands[1], params), operands);
}

// adaptiveAvgPool(out, self; spatialDims)
template <class T>
void adaptive_avg_pool(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  const int spatial = read_spatial_dims(params);
  run_average<compute_t<T>>(adaptive_pooling(operands[1], operands[0], spatial), operands);
}

// adaptiveAvgPoolBackward(gradInput, gradOutput; spatialDims)
template <class T>
void adaptive_avg_pool_backward(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  const int spatial = read_spatial_dims(params);
  run_average_backward<compute_t<T>>(adaptive_pooling(operands[0], operands[1], spatial), operands);
}

}  // namespace

void register_pooling() {
  register_for<Floating>("maxPool", 2, []<class T>() -> Kernel { return max_pool<T>; });
  register_for<Floating>("adaptiveMaxPool", 2, []<class T>() -> Kernel { return adaptive_max_pool<T>; });
  register_for<Floating>("maxPoolBackward", 1, []<class T>() -> Kernel { return max_pool_backward<T>; });
  register_for<Floating>("maxPoolGather", 1, []<class T>() -> Kernel { return max_pool_gather<T>; });
  register_for<Floating>("maxUnpool", 1, []<class T>() -> Kernel { return max_unpool<T>; });
  register_for<decltype(Floating{} + TypeList<int64_t>{})>("avgPool", 1,
                                                           []<class T>() -> Kernel { return avg_pool<T>; });
  register_for<Floating>("avgPoolBackward", 1, []<class T>() -> Kernel { return avg_pool_backward<T>; });
  register_for<Floating>("adaptiveAvgPool", 1, []<class T>() -> Kernel { return adaptive_avg_pool<T>; });
  register_for<Floating>("adaptiveAvgPoolBackward", 1,
                         []<class T>() -> Kernel { return adaptive_avg_pool_backward<T>; });
}

}  // namespace tt::TT_INSTRUCTION_SET
