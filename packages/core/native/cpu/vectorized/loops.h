// The elementwise skeleton: walks any number of strided operands together and hands rows to a functor.
#pragma once
#include <algorithm>
#include <tuple>
#include <utility>

#include "../../runtime/operand.h"
#include "../../runtime/parallel.h"
#include "../../runtime/registry.h"
#include "../families.h"

// Everything here is compiled once for each instruction set, in a namespace of its own: the linker must never take one
// set's copy of a function for another's.
namespace tt::TT_INSTRUCTION_SET {

// One row: pointers to the first element of each operand, strides in elements, and the functor with its parameters.
using RowFunction = void (*)(const void* f, char* const* pointers, const int64_t* strides, int64_t length);

// N operands of one shape, with as few dimensions as their strides allow: dimensions of one element are dropped, the
// smallest stride of operand 0 comes last, and neighbours that form one even run are merged.
template <int N>
struct Loop {
  int ndim;
  int64_t numel;
  int64_t sizes[kMaxDims];
  int64_t strides[N][kMaxDims];
  char* data[N];

  explicit Loop(const Operand* operands) : ndim(0), numel(operands[0].numel) {
    const Operand& lead = operands[0];
    for (int k = 0; k < N; ++k) {
      require(operands[k].present, ErrorKind::Internal, "operand ", k, " is missing");
      require(operands[k].ndim == lead.ndim && std::equal(lead.sizes, lead.sizes + lead.ndim, operands[k].sizes),
              ErrorKind::Shape, "operands of shapes ", lead.shape(), " and ", operands[k].shape());
      data[k] = operands[k].data;
    }
    int order[kMaxDims];
    int count = 0;
    for (int d = 0; d < lead.ndim; ++d)
      if (lead.sizes[d] != 1) order[count++] = d;
    // Insertion sort, stable: few dimensions, nearly always in order.
    for (int i = 1; i < count; ++i)
      for (int j = i; j > 0 && magnitude(operands, order[j - 1]) < magnitude(operands, order[j]); --j)
        std::swap(order[j - 1], order[j]);
    for (int i = 0; i < count; ++i) push(operands, order[i]);
    if (ndim == 0) {
      ndim = 1;
      sizes[0] = 1;
      for (int k = 0; k < N; ++k) strides[k][0] = 1;
    }
  }

  int64_t inner() const { return sizes[ndim - 1]; }

  // Calls row(f, pointers, strides, length) for the elements [begin, end) in the order of the loop. The row function
  // comes as a pointer, so that this walk is compiled once for each N, not for each functor.
  void each_row(int64_t begin, int64_t end, const size_t* item_sizes, RowFunction row, const void* f) const {
    int64_t index[kMaxDims];
    int64_t rest = begin;
    char* pointers[N];
    for (int k = 0; k < N; ++k) pointers[k] = data[k];
    for (int d = ndim - 1; d >= 0; --d) {
      index[d] = rest % sizes[d];
      rest /= sizes[d];
      for (int k = 0; k < N; ++k) pointers[k] += index[d] * strides[k][d] * static_cast<int64_t>(item_sizes[k]);
    }
    int64_t inner_strides[N];
    for (int k = 0; k < N; ++k) inner_strides[k] = strides[k][ndim - 1];
    while (begin < end) {
      const int64_t length = std::min(end - begin, inner() - index[ndim - 1]);
      row(f, pointers, inner_strides, length);
      begin += length;
      advance(index, pointers, length, item_sizes);
    }
  }

 private:
  // Dimensions are ordered by the stride of operand 0, then by those of the others.
  static int64_t magnitude(const Operand* operands, int d) {
    for (int k = 0; k < N; ++k)
      if (operands[k].strides[d] != 0) return std::abs(operands[k].strides[d]);
    return 0;
  }

  void push(const Operand* operands, int d) {
    if (ndim > 0) {
      bool merges = true;
      for (int k = 0; k < N; ++k) merges &= strides[k][ndim - 1] == operands[k].strides[d] * operands[k].sizes[d];
      if (merges) {
        sizes[ndim - 1] *= operands[0].sizes[d];
        for (int k = 0; k < N; ++k) strides[k][ndim - 1] = operands[k].strides[d];
        return;
      }
    }
    sizes[ndim] = operands[0].sizes[d];
    for (int k = 0; k < N; ++k) strides[k][ndim] = operands[k].strides[d];
    ++ndim;
  }

  void advance(int64_t* index, char** pointers, int64_t length, const size_t* item_sizes) const {
    int d = ndim - 1;
    int64_t step = length;
    while (true) {
      index[d] += step;
      for (int k = 0; k < N; ++k) pointers[k] += step * strides[k][d] * static_cast<int64_t>(item_sizes[k]);
      if (index[d] < sizes[d] || d == 0) return;
      for (int k = 0; k < N; ++k) pointers[k] -= index[d] * strides[k][d] * static_cast<int64_t>(item_sizes[k]);
      index[d] = 0;
      --d;
      step = 1;
    }
  }
};

template <int N>
__attribute__((noinline)) void run_rows(const Operand* operands, const size_t* item_sizes, RowFunction row,
                                        const void* f, int cost) {
  if (operands[0].numel == 0) return;
  const Loop<N> loop(operands);
  parallel_for(loop.numel, kGrain / cost,
               [&](int64_t begin, int64_t end) { loop.each_row(begin, end, item_sizes, row, f); });
}

// How an input moves along a row: even steps of one element, not at all, or by its stride.
enum Step { kContiguous, kConstant, kStrided };

template <Step step, class T>
TT_HD compute_t<T> load(const T* pointer, int64_t stride, int64_t i) {
  if constexpr (step == kContiguous) return static_cast<compute_t<T>>(pointer[i]);
  if constexpr (step == kConstant) return static_cast<compute_t<T>>(pointer[0]);
  return static_cast<compute_t<T>>(pointer[i * stride]);
}

// out[i] = f(in[i]...) along one row. Out is written after all of element i has been read: in-place use is fine.
template <class F, class Out, class... In, Step... steps, size_t... K>
void row_with(F f, char* const* pointers, const int64_t* strides, int64_t n, std::integer_sequence<Step, steps...>,
              std::index_sequence<K...>) {
  Out* out = reinterpret_cast<Out*>(pointers[0]);
  const std::tuple<const In*...> in{reinterpret_cast<const In*>(pointers[K + 1])...};
  if (strides[0] == 1) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Out>(f(load<steps>(std::get<K>(in), strides[K + 1], i)...));
  } else {
    const int64_t stride = strides[0];
    for (int64_t i = 0; i < n; ++i)
      out[i * stride] = static_cast<Out>(f(load<steps>(std::get<K>(in), strides[K + 1], i)...));
  }
}

template <Step... steps>
using Steps = std::integer_sequence<Step, steps...>;

template <class F, class Out, class... In>
void row(const void* functor, char* const* p, const int64_t* s, int64_t n) {
  const F& f = *static_cast<const F*>(functor);
  constexpr auto indices = std::index_sequence_for<In...>{};
  if constexpr (sizeof...(In) == 0) {
    row_with<F, Out>(f, p, s, n, Steps<>{}, indices);
  } else if constexpr (sizeof...(In) == 1) {
    if (s[1] == 1) return row_with<F, Out, In...>(f, p, s, n, Steps<kContiguous>{}, indices);
    row_with<F, Out, In...>(f, p, s, n, Steps<kStrided>{}, indices);
  } else if constexpr (sizeof...(In) == 2) {
    if (s[1] == 1 && s[2] == 1) return row_with<F, Out, In...>(f, p, s, n, Steps<kContiguous, kContiguous>{}, indices);
    if (s[1] == 1 && s[2] == 0) return row_with<F, Out, In...>(f, p, s, n, Steps<kContiguous, kConstant>{}, indices);
    if (s[1] == 0 && s[2] == 1) return row_with<F, Out, In...>(f, p, s, n, Steps<kConstant, kContiguous>{}, indices);
    row_with<F, Out, In...>(f, p, s, n, Steps<kStrided, kStrided>{}, indices);
  } else {
    bool contiguous = true;
    for (size_t k = 1; k <= sizeof...(In); ++k) contiguous &= s[k] == 1;
    if (contiguous) return row_with<F, Out, In...>(f, p, s, n, Steps<(sizeof(In), kContiguous)...>{}, indices);
    row_with<F, Out, In...>(f, p, s, n, Steps<(sizeof(In), kStrided)...>{}, indices);
  }
}

// The whole kernel: operands are the output, then the inputs. `cost` is that of one element beside an addition's.
template <class Out, class... In, class F>
void elementwise(const Operand* operands, F f, int cost = 1) {
  constexpr int N = 1 + sizeof...(In);
  const bool types_agree = [&]<size_t... K>(std::index_sequence<K...>) {
    return operands[0].dtype == dtype_of<Out> && ((operands[K + 1].dtype == dtype_of<In>)&&...);
  }
  (std::index_sequence_for<In...>{});
  require(types_agree, ErrorKind::DType, "the operands' dtypes do not fit the kernel: output ",
          dtype_name(operands[0].dtype), N > 1 ? ", input " : "", N > 1 ? dtype_name(operands[N - 1].dtype) : "");
  const size_t item_sizes[N] = {sizeof(Out), sizeof(In)...};
  run_rows<N>(operands, item_sizes, row<F, Out, In...>, &f, cost);
}

}  // namespace tt::TT_INSTRUCTION_SET
