// The elementwise skeleton: walks any number of strided operands together and hands rows to a functor.
#pragma once
#include <algorithm>
#include <tuple>
#include <utility>

#include "../../elementwise/loop.h"
#include "../../families.h"
#include "../../runtime/parallel.h"
#include "../../runtime/registry.h"

// Everything here is compiled once for each instruction set, in a namespace of its own: the linker must never take one
// set's copy of a function for another's.
namespace tt::TT_INSTRUCTION_SET {

// How an operand's elements lie in memory. 16-bit floats reach the row functions as float.
struct Lane {
  DType dtype;
  uint8_t item_size;
  uint8_t computed_size;

  bool converts() const { return item_size != computed_size; }
};
template <class T>
constexpr Lane lane_of{dtype_of<T>, sizeof(T), sizeof(compute_t<T>)};
// For ops that only move elements.
inline Lane moved_lane(DType dtype) {
  const auto size = static_cast<uint8_t>(item_size(dtype));
  return {dtype, size, size};
}

constexpr int kMaxLanes = 5;

// Runs `row` over all elements of operands of one shape: an output, then inputs. The row function sees its operands
// without gaps, in the dtypes that arithmetic is done in; of two inputs one may be a single value, with stride 0. What
// lies otherwise in memory is moved through small buffers (elementwise.cc), so that every functor needs only a few
// loops, and they are vectorized whatever the strides are.
void run_elementwise(const Operand* operands, const Lane* lanes, int count, RowFunction row, const void* f, int cost);

// out[i] = f(in[i]...). Out is written after all of element i has been read: in-place use is fine.
template <class F, class Out, class... In, int... steps, size_t... K>
TT_HD void row_with(F f, char* const* pointers, int64_t n, std::integer_sequence<int, steps...>,
                    std::index_sequence<K...>) {
  Out* out = reinterpret_cast<Out*>(pointers[0]);
  const std::tuple<const In*...> in{reinterpret_cast<const In*>(pointers[K + 1])...};
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Out>(f(std::get<K>(in)[i * steps]...));
}

template <class>
constexpr int kOne = 1;

// The computing types of one output and its inputs.
template <class F, class Out, class... In>
void row(const void* functor, char* const* p, const int64_t* s, int64_t n) {
  const F f = *static_cast<const F*>(functor);
  constexpr auto indices = std::index_sequence_for<In...>{};
  if constexpr (sizeof...(In) == 2) {
    if (s[1] == 0) return row_with<F, Out, In...>(f, p, n, std::integer_sequence<int, 0, 1>{}, indices);
    if (s[2] == 0) return row_with<F, Out, In...>(f, p, n, std::integer_sequence<int, 1, 0>{}, indices);
  }
  row_with<F, Out, In...>(f, p, n, std::integer_sequence<int, kOne<In>...>{}, indices);
}

// The whole kernel: operands are the output, then the inputs. `cost` is that of one element beside an addition's.
template <class Out, class... In, class F>
void elementwise(const Operand* operands, const F& f, int cost = 1) {
  constexpr Lane lanes[] = {lane_of<Out>, lane_of<In>...};
  run_elementwise(operands, lanes, 1 + sizeof...(In), row<F, compute_t<Out>, compute_t<In>...>, &f, cost);
}

// The same for functors that move elements, whatever their dtypes are: types of the dtypes' sizes stand for them.
template <class Out, class... In, class F>
void elementwise_words(const Operand* operands, const F& f) {
  Lane lanes[1 + sizeof...(In)];
  for (size_t k = 0; k <= sizeof...(In); ++k) lanes[k] = moved_lane(operands[k].dtype);
  run_elementwise(operands, lanes, 1 + sizeof...(In), row<F, Out, In...>, &f, 1);
}

template <class T>
bool has_zero(const Operand& operand) {
  if (operand.numel == 0) return false;
  if (operand.is_scalar) return *operand.as<T>() == T(0);
  const size_t item_sizes[] = {sizeof(T)};
  bool found = false;
  const Loop<1> loop(&operand);
  loop.each_row(
      0, loop.numel, item_sizes,
      [](const void* f, char* const* pointers, const int64_t* strides, int64_t n) {
        const T* p = reinterpret_cast<const T*>(pointers[0]);
        bool zero = false;
        for (int64_t i = 0; i < n; ++i) zero |= p[i * strides[0]] == T(0);
        if (zero) *static_cast<bool*>(const_cast<void*>(f)) = true;
      },
      &found);
  return found;
}

// For integers, whose division by 0 is an error.
template <class T, class F>
void elementwise_nonzero(const Operand* operands, const F& f, int cost) {
  require(!has_zero<T>(operands[2]), ErrorKind::Value, "integers cannot be divided by 0");
  elementwise<T, T, T>(operands, f, cost);
}

}  // namespace tt::TT_INSTRUCTION_SET
