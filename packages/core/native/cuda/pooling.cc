// Pooling over the last one to three dimensions. A thread makes an element of the output, or of the gradient: but for
// the maximum's gradient, which goes to where the indices say, no two write to one place.
#include "../checks/pooling.h"

#include "../functors/math.h"
#include "contiguous.h"
#include "places.h"

namespace tt::cuda {
namespace {

// What floating-point kernels compute T in, as on the CPU: int64 in double.
template <class T>
using computed_t = std::conditional_t<std::is_same_v<T, int64_t>, double, compute_t<T>>;

// f(offset within the plane) for each input that the output at `place` sees.
template <class F>
TT_D void for_each_input(const PoolingWindows& pool, const Place& place, F&& f) {
  const PoolingRange z = pool.range(0, place.at[0]), y = pool.range(1, place.at[1]), x = pool.range(2, place.at[2]);
  for (int64_t iz = z.begin; iz < z.end; iz += pool.step[0])
    for (int64_t iy = y.begin; iy < y.end; iy += pool.step[1])
      for (int64_t ix = x.begin; ix < x.end; ix += pool.step[2]) f((iz * pool.input[1] + iy) * pool.input[2] + ix);
}

// f(first plane, planes) for parts whose elements kernels can number.
template <class F>
void each_part_of_planes(const PoolingWindows& pool, F&& f) {
  const int64_t size = std::max({pool.input_size(), pool.output_size(), int64_t{1}});
  require(size <= kMostElements, ErrorKind::Shape, "planes are limited to ", kMostElements, " elements, got ", size);
  const int64_t most = kMostElements / size;
  for (int64_t first = 0; first < pool.planes; first += most) f(first, std::min(most, pool.planes - first));
}

// --- Maximum ---------------------------------------------------------------------------------------------------------

// NaN wins, and the last of several; of equal numbers the first.
template <class T>
__global__ void max_of_windows(int64_t n, PoolingWindows pool, Places outputs, const T* self, T* out,
                               int64_t* indices) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const Place place = outputs.find(static_cast<uint32_t>(i));
    const T* plane = self + place.outer * pool.input_size();
    compute_t<T> best = -math::kInfinity<compute_t<T>>;
    int64_t where = 0;
    for (int d = 0; d < kPoolingDims; ++d) where = where * pool.input[d] + pool.range(d, place.at[d]).begin;
    for_each_input(pool, place, [&](int64_t offset) {
      const auto value = static_cast<compute_t<T>>(plane[offset]);
      if (value > best || value != value) best = value, where = offset;
    });
    out[i] = static_cast<T>(best);
    indices[i] = where;
  }
}

template <class T>
void run_max(const PoolingWindows& pool, Operand* operands) {
  if (operands[0].numel == 0) return;
  const PackedInput self(operands[2]);
  const PackedOutput out(operands[0]), indices(operands[1]);
  each_part_of_planes(pool, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * pool.output_size(), start = first * pool.output_size();
    TT_RUN_ELEMENTS(n, max_of_windows<T>, n, pool, Places(pool.output), self.as<T>() + first * pool.input_size(),
                    out.as<T>() + start, indices.as<int64_t>() + start);
  });
  out.finish();
  indices.finish();
}

// maxPool(out, indices, self; kernelSize[], stride[], padding[], dilation[]): indices count within a plane.
template <class T>
void max_pool(Operand* operands, int count, Params& params) {
  check_max_pooling(operands, count);
  run_max<T>(read_pooling(operands[2], operands[0], params, true), operands);
}

// adaptiveMaxPool(out, indices, self; spatialDims)
template <class T>
void adaptive_max_pool(Operand* operands, int count, Params& params) {
  check_max_pooling(operands, count);
  run_max<T>(adaptive_pooling(operands[2], operands[0], read_spatial_dims(params)), operands);
}

// --- By indices ------------------------------------------------------------------------------------------------------

// The element of its plane that the i-th index names; false, and reported, where there is none.
TT_D bool find_indexed(const Reporter& reporter, const int64_t* indices, int64_t i, int64_t plane_size,
                       const Divider& per_plane, int64_t& element) {
  const int64_t index = indices[i];
  if (index < 0 || index >= plane_size) {
    reporter.report(KernelError::OutsideOfPlane, index, plane_size);
    return false;
  }
  element = per_plane.quotient(static_cast<uint32_t>(i)) * plane_size + index;
  return true;
}

template <class T, class Sum>
__global__ void add_at_indices(int64_t n, Divider per_plane, int64_t plane_size, const T* from, const int64_t* indices,
                               Sum* to, Reporter reporter) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    int64_t element;
    if (find_indexed(reporter, indices, i, plane_size, per_plane, element)) atomicAdd(to + element, Sum(from[i]));
  }
}

template <class T>
__global__ void put_at_indices(int64_t n, Divider per_plane, int64_t plane_size, const T* from, const int64_t* indices,
                               T* to, Reporter reporter) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    int64_t element;
    if (find_indexed(reporter, indices, i, plane_size, per_plane, element)) to[element] = from[i];
  }
}

template <class T>
__global__ void get_at_indices(int64_t n, Divider per_plane, int64_t plane_size, const T* from, const int64_t* indices,
                               T* to, Reporter reporter) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    int64_t element;
    if (find_indexed(reporter, indices, i, plane_size, per_plane, element)) to[i] = from[element];
  }
}

template <class T, class Sum>
__global__ void round_sums(int64_t n, const Sum* sums, T* to) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) to[i] = static_cast<T>(sums[i]);
}

void write_zeros(void* to, int64_t bytes) {
  check(cudaMemsetAsync(to, 0, static_cast<size_t>(bytes), current_stream()), "writing zeros");
}

// maxPoolBackward(gradInput, gradOutput, indices; spatialDims): each gradient goes to where the maximum came from.
template <class T>
void max_pool_backward(Operand* operands, int count, Params& params) {
  using Sum = compute_t<T>;
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  const PoolingWindows pool = read_planes(operands[0], operands[1], operands[2], read_spatial_dims(params));
  const int64_t numel = operands[0].numel;
  if (numel == 0) return;
  const PackedInput from(operands[1]), indices(operands[2]);
  const PackedOutput out(operands[0]);
  std::optional<Workspace> wide;
  if constexpr (!std::is_same_v<T, Sum>) wide.emplace(static_cast<size_t>(numel) * sizeof(Sum));
  Sum* sums = wide ? wide->as<Sum>() : reinterpret_cast<Sum*>(out.as<char>());
  // By names: GCC 12 does not parse the arguments within the macro's, nor what a lambda has captured.
  static constexpr auto add = add_at_indices<T, Sum>;
  [[maybe_unused]] static constexpr auto round = round_sums<T, Sum>;
  write_zeros(sums, numel * static_cast<int64_t>(sizeof(Sum)));
  each_part_of_planes(pool, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * pool.output_size(), start = first * pool.output_size();
    TT_RUN_ELEMENTS(n, add, n, Divider(static_cast<uint32_t>(std::max<int64_t>(pool.output_size(), 1))),
                    pool.input_size(), from.as<T>() + start, indices.as<int64_t>() + start,
                    sums + first * pool.input_size(), reporter());
  });
  if constexpr (!std::is_same_v<T, Sum>) {
    TT_RUN_ELEMENTS(numel, round, numel, sums, out.as<T>());
  }
  out.finish();
}

// maxUnpool(out, self, indices; spatialDims)
template <class T>
void max_unpool(Operand* operands, int count, Params& params) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  const PoolingWindows pool = read_planes(operands[0], operands[1], operands[2], read_spatial_dims(params));
  if (operands[0].numel == 0) return;
  const PackedInput from(operands[1]), indices(operands[2]);
  const PackedOutput out(operands[0]);
  write_zeros(out.as<char>(), operands[0].numel * static_cast<int64_t>(sizeof(T)));
  each_part_of_planes(pool, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * pool.output_size(), start = first * pool.output_size();
    TT_RUN_ELEMENTS(n, put_at_indices<T>, n, Divider(static_cast<uint32_t>(std::max<int64_t>(pool.output_size(), 1))),
                    pool.input_size(), from.as<T>() + start, indices.as<int64_t>() + start,
                    out.as<T>() + first * pool.input_size(), reporter());
  });
  out.finish();
}

// maxPoolGather(out, self, indices; spatialDims): the element of its plane that each index names.
template <class T>
void max_pool_gather(Operand* operands, int count, Params& params) {
  require(count == 3, ErrorKind::Internal, "expected 3 operands");
  const PoolingWindows pool = read_planes(operands[1], operands[0], operands[2], read_spatial_dims(params));
  if (operands[0].numel == 0) return;
  const PackedInput from(operands[1]), indices(operands[2]);
  const PackedOutput out(operands[0]);
  each_part_of_planes(pool, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * pool.output_size(), start = first * pool.output_size();
    TT_RUN_ELEMENTS(n, get_at_indices<T>, n, Divider(static_cast<uint32_t>(pool.output_size())), pool.input_size(),
                    from.as<T>() + first * pool.input_size(), indices.as<int64_t>() + start, out.as<T>() + start,
                    reporter());
  });
  out.finish();
}

// --- Average ---------------------------------------------------------------------------------------------------------

// The number of inputs that an output sees, or what it is divided by instead.
template <class T>
TT_D T divisor_of(const PoolingWindows& pool, const int64_t* at) {
  if (pool.divisor != 0) return static_cast<T>(pool.divisor);
  T product = 1;
  TT_UNROLL
  for (int d = 0; d < kPoolingDims; ++d) {
    const PoolingRange range = pool.range(d, at[d]);
    product *= static_cast<T>(pool.count_padding ? range.length : range.end - range.begin);
  }
  return product;
}

template <class T>
__global__ void average_of_windows(int64_t n, PoolingWindows pool, Places outputs, const T* self, T* out) {
  using Sum = computed_t<T>;
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const Place place = outputs.find(static_cast<uint32_t>(i));
    const T* plane = self + place.outer * pool.input_size();
    Sum sum = 0;
    for_each_input(pool, place, [&](int64_t offset) { sum += static_cast<Sum>(plane[offset]); });
    const int64_t at[kPoolingDims] = {place.at[0], place.at[1], place.at[2]};
    out[i] = static_cast<T>(sum / divisor_of<Sum>(pool, at));
  }
}

// The outputs that see the input i of one dimension: first to last. Averages have no dilation.
struct Seers {
  int64_t first, last;
  TT_D Seers(const PoolingWindows& pool, int d, int64_t i) {
    const int64_t in = pool.input[d], out = pool.output[d];
    if (pool.adaptive) {
      first = i * out / in;
      last = ((i + 1) * out + in - 1) / in - 1;
      return;
    }
    const int64_t reach = i + pool.padding[d], before = reach - pool.kernel[d] + 1;
    first = before > 0 ? (before + pool.stride[d] - 1) / pool.stride[d] : 0;
    last = reach / pool.stride[d];
    if (last >= out) last = out - 1;
  }
};

template <class T>
__global__ void spread_averages(int64_t n, PoolingWindows pool, Places inputs, const T* gradient, T* out) {
  using Sum = compute_t<T>;
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const Place place = inputs.find(static_cast<uint32_t>(i));
    const T* plane = gradient + place.outer * pool.output_size();
    const Seers z(pool, 0, place.at[0]), y(pool, 1, place.at[1]), x(pool, 2, place.at[2]);
    Sum sum = 0;
    int64_t at[kPoolingDims];
    for (at[0] = z.first; at[0] <= z.last; ++at[0])
      for (at[1] = y.first; at[1] <= y.last; ++at[1])
        for (at[2] = x.first; at[2] <= x.last; ++at[2]) {
          const int64_t offset = (at[0] * pool.output[1] + at[1]) * pool.output[2] + at[2];
          sum += static_cast<Sum>(plane[offset]) / divisor_of<Sum>(pool, at);
        }
    out[i] = static_cast<T>(sum);
  }
}

template <class T>
void run_average(const PoolingWindows& pool, Operand* operands) {
  require(operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected an output of the input's dtype");
  if (operands[0].numel == 0) return;
  const PackedInput self(operands[1]);
  const PackedOutput out(operands[0]);
  each_part_of_planes(pool, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * pool.output_size();
    TT_RUN_ELEMENTS(n, average_of_windows<T>, n, pool, Places(pool.output), self.as<T>() + first * pool.input_size(),
                    out.as<T>() + first * pool.output_size());
  });
  out.finish();
}

template <class T>
void run_average_backward(const PoolingWindows& pool, Operand* operands) {
  require(operands[0].dtype == operands[1].dtype, ErrorKind::DType, "expected gradients of one dtype");
  if (operands[0].numel == 0) return;
  const PackedInput gradient(operands[1]);
  const PackedOutput out(operands[0]);
  each_part_of_planes(pool, [&](int64_t first, int64_t planes) {
    const int64_t n = planes * pool.input_size();
    TT_RUN_ELEMENTS(n, spread_averages<T>, n, pool, Places(pool.input), gradient.as<T>() + first * pool.output_size(),
                    out.as<T>() + first * pool.input_size());
  });
  out.finish();
}

// avgPool(out, self; kernelSize[], stride[], padding[], countIncludePad, divisorOverride or 0)
template <class T>
void avg_pool(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  run_average<T>(read_average_pooling(operands[1], operands[0], params), operands);
}

// avgPoolBackward(gradInput, gradOutput; kernelSize[], stride[], padding[], countIncludePad, divisorOverride or 0)
template <class T>
void avg_pool_backward(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  run_average_backward<T>(read_average_pooling(operands[0], operands[1], params), operands);
}

// adaptiveAvgPool(out, self; spatialDims)
template <class T>
void adaptive_avg_pool(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  run_average<T>(adaptive_pooling(operands[1], operands[0], read_spatial_dims(params)), operands);
}

// adaptiveAvgPoolBackward(gradInput, gradOutput; spatialDims)
template <class T>
void adaptive_avg_pool_backward(Operand* operands, int count, Params& params) {
  require(count == 2, ErrorKind::Internal, "expected 2 operands");
  run_average_backward<T>(adaptive_pooling(operands[0], operands[1], read_spatial_dims(params)), operands);
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

}  // namespace tt::cuda
