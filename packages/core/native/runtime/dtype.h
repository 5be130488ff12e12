// Element types. The numbers are those of dtype.ts.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../functors/complex.h"
#include "../functors/half.h"

namespace tt {

enum class DType : uint8_t {
  Float64,
  Float32,
  Float16,
  BFloat16,
  Int64,
  Int32,
  Int16,
  Int8,
  UInt8,
  Bool,
  Complex64,
  Complex128
};
constexpr int kDTypeCount = 12;

// A list of types, to instantiate one kernel for each: `for_each_type<Floating>([&]<class T>() { ... })`.
template <class... Ts>
struct TypeList {};

template <class... As, class... Bs>
TypeList<As..., Bs...> operator+(TypeList<As...>, TypeList<Bs...>);

using Real32And64 = TypeList<double, float>;
using Half16 = TypeList<Half, BFloat16>;
using Floating = TypeList<double, float, Half, BFloat16>;
using Integral = TypeList<int64_t, int32_t, int16_t, int8_t, uint8_t>;
using IntegralAndBool = TypeList<int64_t, int32_t, int16_t, int8_t, uint8_t, bool>;
using ComplexTypes = TypeList<Complex<float>, Complex<double>>;
using RealTypes = TypeList<double, float, Half, BFloat16, int64_t, int32_t, int16_t, int8_t, uint8_t>;
using RealAndBool = TypeList<double, float, Half, BFloat16, int64_t, int32_t, int16_t, int8_t, uint8_t, bool>;
using FloatingAndComplex = TypeList<double, float, Half, BFloat16, Complex<float>, Complex<double>>;
using NumberTypes = TypeList<double, float, Half, BFloat16, int64_t, int32_t, int16_t, int8_t, uint8_t, Complex<float>,
                             Complex<double>>;
using AllTypes = TypeList<double, float, Half, BFloat16, int64_t, int32_t, int16_t, int8_t, uint8_t, bool,
                          Complex<float>, Complex<double>>;

template <class... Ts, class F>
void for_each_type(TypeList<Ts...>, F&& f) {
  (f.template operator()<Ts>(), ...);
}

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::Float64;
};
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::Float32;
};
template <>
struct DTypeOf<Half> {
  static constexpr DType value = DType::Float16;
};
template <>
struct DTypeOf<BFloat16> {
  static constexpr DType value = DType::BFloat16;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::Int64;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = DType::Int32;
};
template <>
struct DTypeOf<int16_t> {
  static constexpr DType value = DType::Int16;
};
template <>
struct DTypeOf<int8_t> {
  static constexpr DType value = DType::Int8;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::UInt8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::Bool;
};
template <>
struct DTypeOf<Complex<float>> {
  static constexpr DType value = DType::Complex64;
};
template <>
struct DTypeOf<Complex<double>> {
  static constexpr DType value = DType::Complex128;
};
template <class T>
constexpr DType dtype_of = DTypeOf<T>::value;

// The type that arithmetic on T is done in: 16-bit floats compute in float.
template <class T>
struct ComputeType {
  using type = T;
};
template <>
struct ComputeType<Half> {
  using type = float;
};
template <>
struct ComputeType<BFloat16> {
  using type = float;
};
template <class T>
using compute_t = typename ComputeType<T>::type;

// The type that long sums of T are done in.
template <class T>
struct AccumulateType {
  using type = T;
};
template <>
struct AccumulateType<Half> {
  using type = float;
};
template <>
struct AccumulateType<BFloat16> {
  using type = float;
};
template <>
struct AccumulateType<int32_t> {
  using type = int64_t;
};
template <>
struct AccumulateType<int16_t> {
  using type = int64_t;
};
template <>
struct AccumulateType<int8_t> {
  using type = int64_t;
};
template <>
struct AccumulateType<uint8_t> {
  using type = int64_t;
};
template <>
struct AccumulateType<bool> {
  using type = int64_t;
};
template <class T>
using accumulate_t = typename AccumulateType<T>::type;

size_t item_size(DType dtype);
const char* dtype_name(DType dtype);

// Elements that are only moved go as words of their size.
struct Word16 {
  uint64_t halves[2];
};

// f<Word>() with a type of so many bytes; the widest may have another alignment than that of its halves.
template <class Wide = Word16, class F>
auto with_word_of(size_t bytes, F&& f) {
  switch (bytes) {
    case 1:
      return f.template operator()<uint8_t>();
    case 2:
      return f.template operator()<uint16_t>();
    case 4:
      return f.template operator()<uint32_t>();
    case 8:
      return f.template operator()<uint64_t>();
    default:
      return f.template operator()<Wide>();
  }
}
template <class F>
auto with_word(DType dtype, F&& f) {
  return with_word_of(item_size(dtype), f);
}

}  // namespace tt
