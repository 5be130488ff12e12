// The elementwise skeleton of the GPU. Even operands are read and written in packs of 16 bytes, all others by offsets
// that are found by multiplications instead of divisions (offsets.h).
#pragma once
#include <utility>

#include "launch.h"
#include "offsets.h"

namespace tt::cuda {

// An input of an even loop or a strided one; a number is a value, which costs no memory.
template <class T>
struct Source {
  const T* data;
  T value;
  bool is_value;
};

template <class T>
Source<T> source_of(const Operand& operand, const char* data) {
  Source<T> source{reinterpret_cast<const T*>(data), T{}, operand.is_scalar};
  if (operand.is_scalar) std::memcpy(&source.value, operand.scalar, sizeof(T));
  return source;
}

// --- Even operands ---------------------------------------------------------------------------------------------------

template <class T, int width>
struct alignas(sizeof(T) * width) Pack {
  T values[width];
};

// Widths are powers of two; a pack has at most 16 bytes, which is what a thread loads at once.
template <class... Ts>
constexpr int kPackWidth = static_cast<int>(16 / std::max({sizeof(Ts)...}));

template <int width, class T>
TT_D Pack<T, width> load(const Source<T>& source, int64_t pack) {
  if (!source.is_value) return reinterpret_cast<const Pack<T, width>*>(source.data)[pack];
  Pack<T, width> spread;
  TT_UNROLL
  for (int i = 0; i < width; ++i) spread.values[i] = source.value;
  return spread;
}

template <class Out, int width, class F, class... In>
TT_D Pack<Out, width> apply(const F& f, const Pack<In, width>&... in) {
  Pack<Out, width> out;
  TT_UNROLL
  for (int i = 0; i < width; ++i) out.values[i] = static_cast<Out>(f(static_cast<compute_t<In>>(in.values[i])...));
  return out;
}

template <class T>
TT_D compute_t<T> element(const Source<T>& source, int64_t offset) {
  return static_cast<compute_t<T>>(source.is_value ? source.value : source.data[offset]);
}

template <class F, class Out, class... In>
__global__ void even_elements(int64_t n, F f, Out* out, Source<In>... in) {
  constexpr int width = kPackWidth<Out, In...>;
  const int64_t packs = n / width, first = first_element(), stride = grid_stride();
  for (int64_t i = first; i < packs; i += stride)
    reinterpret_cast<Pack<Out, width>*>(out)[i] = apply<Out, width>(f, load<width>(in, i)...);
  // What does not fill a pack.
  for (int64_t i = packs * width + first; i < n; i += stride) out[i] = static_cast<Out>(f(element(in, i)...));
}

// --- Strided operands ------------------------------------------------------------------------------------------------

template <class F, class Out, class... In, size_t... K>
TT_D void strided_element(const F& f, const int64_t* offsets, Out* out, std::index_sequence<K...>,
                          const Source<In>&... in) {
  out[offsets[0]] = static_cast<Out>(f(element(in, offsets[K + 1])...));
}

template <class F, class Out, class... In>
__global__ void strided_elements(uint32_t n, F f, Offsets<1 + sizeof...(In)> places, Out* out, Source<In>... in) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t offsets[1 + sizeof...(In)];
    places.find(i, offsets);
    strided_element(f, offsets, out, std::index_sequence_for<In...>{}, in...);
  }
}

// --- The host's side -------------------------------------------------------------------------------------------------

// What is compiled for each functor and its types is no more than two launches; how the operands lie is found out by
// code that all share (elementwise.cc).
template <int N>
struct Launches {
  void (*even)(const void* f, const Operand* operands, int64_t n);
  // `data`: where the operands of this part of the loop begin.
  void (*strided)(const void* f, const Operand* operands, char* const* data, const Offsets<N>& places, uint32_t n);
};

template <int N>
void run_elementwise(const Operand* operands, const size_t* item_sizes, const Launches<N>& launches, const void* f);

template <class F, class Out, class... In, size_t... K>
void launch_even(const void* f, const Operand* operands, int64_t n, std::index_sequence<K...>) {
  constexpr int width = kPackWidth<Out, In...>;
  // By a name: GCC 12 does not parse the pack within the macro's template argument.
  constexpr auto kernel = even_elements<F, Out, In...>;
  TT_RUN_ELEMENTS((n + width - 1) / width, kernel, n, *static_cast<const F*>(f),
                  reinterpret_cast<Out*>(operands[0].data), source_of<In>(operands[K + 1], operands[K + 1].data)...);
}

template <class F, class Out, class... In, size_t... K>
void launch_strided(const void* f, const Operand* operands, char* const* data, const Offsets<1 + sizeof...(In)>& places,
                    uint32_t n, std::index_sequence<K...>) {
  constexpr auto kernel = strided_elements<F, Out, In...>;
  TT_RUN_ELEMENTS(n, kernel, n, *static_cast<const F*>(f), places, reinterpret_cast<Out*>(data[0]),
                  source_of<In>(operands[K + 1], data[K + 1])...);
}

template <class F, class Out, class... In>
void run_functor(const Operand* operands, const F& f) {
  constexpr int N = 1 + sizeof...(In);
  static constexpr size_t item_sizes[] = {sizeof(Out), sizeof(In)...};
  static constexpr Launches<N> launches{
      [](const void* f, const Operand* operands, int64_t n) {
        launch_even<F, Out, In...>(f, operands, n, std::index_sequence_for<In...>{});
      },
      [](const void* f, const Operand* operands, char* const* data, const Offsets<N>& places, uint32_t n) {
        launch_strided<F, Out, In...>(f, operands, data, places, n, std::index_sequence_for<In...>{});
      }};
  run_elementwise<N>(operands, item_sizes, launches, &f);
}

// The whole kernel: operands are the output, then the inputs.
template <class Out, class... In, class F>
void elementwise(const Operand* operands, const F& f, int = 1) {
  constexpr DType dtypes[] = {dtype_of<Out>, dtype_of<In>...};
  for (size_t k = 0; k <= sizeof...(In); ++k)
    require(operands[k].dtype == dtypes[k], ErrorKind::DType, "expected ", dtype_name(dtypes[k]), " for operand ", k,
            ", got ", dtype_name(operands[k].dtype));
  run_functor<F, Out, In...>(operands, f);
}

// The same for functors that move elements, whatever their dtypes are: types of the dtypes' sizes stand for them.
template <class Out, class... In, class F>
void elementwise_words(const Operand* operands, const F& f) {
  constexpr size_t sizes[] = {sizeof(Out), sizeof(In)...};
  for (size_t k = 0; k <= sizeof...(In); ++k)
    require(item_size(operands[k].dtype) == sizes[k], ErrorKind::DType, "expected elements of ", sizes[k],
            " bytes for operand ", k, ", got ", dtype_name(operands[k].dtype));
  run_functor<F, Out, In...>(operands, f);
}

template <class F>
struct NonzeroDivisor {
  F f;
  Reporter reporter;

  template <class T>
  TT_D T operator()(T a, T b) const {
    if (b != T(0)) return f(a, b);
    reporter.report(KernelError::DivisionByZero);
    return T(0);
  }
};

// For integers, whose division by 0 is an error.
template <class T, class F>
void elementwise_nonzero(const Operand* operands, const F& f, int cost) {
  require(!operands[2].is_scalar || *operands[2].as<T>() != T(0), ErrorKind::Value, "integers cannot be divided by 0");
  elementwise<T, T, T>(operands, NonzeroDivisor<F>{f, reporter()}, cost);
}

}  // namespace tt::cuda
