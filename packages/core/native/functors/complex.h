// Complex numbers for host and device code: std::complex is neither fast (NaN recovery in products) nor usable in
// kernels.
#pragma once
#include <cmath>

#include "portability.h"

namespace tt {

template <class T>
struct Complex {
  T re, im;
  Complex() = default;
  TT_HD Complex(T re, T im = T(0)) : re(re), im(im) {}
  template <class U>
  TT_HD explicit Complex(const Complex<U>& z) : re(static_cast<T>(z.re)), im(static_cast<T>(z.im)) {}

  TT_HD friend Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
  TT_HD friend Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
  TT_HD friend Complex operator-(Complex a) { return {-a.re, -a.im}; }
  TT_HD friend Complex operator*(Complex a, Complex b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }
  // Smith 1962: scaled by the larger part of the divisor, so that neither square overflows.
  TT_HD friend Complex operator/(Complex a, Complex b) {
    using std::fabs;
    if (fabs(b.re) >= fabs(b.im)) {
      const T ratio = b.im / b.re, scale = T(1) / (b.re + b.im * ratio);
      return {(a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale};
    }
    const T ratio = b.re / b.im, scale = T(1) / (b.re * ratio + b.im);
    return {(a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale};
  }
  TT_HD Complex& operator+=(Complex b) { return *this = *this + b; }
  TT_HD Complex& operator*=(Complex b) { return *this = *this * b; }
  TT_HD friend bool operator==(Complex a, Complex b) { return a.re == b.re && a.im == b.im; }
  TT_HD friend bool operator!=(Complex a, Complex b) { return !(a == b); }
};

template <class T>
struct IsComplex {
  static constexpr bool value = false;
};
template <class T>
struct IsComplex<Complex<T>> {
  static constexpr bool value = true;
};
template <class T>
constexpr bool is_complex = IsComplex<T>::value;

// The type of the parts of T: float for Complex<float>, T itself for real numbers.
template <class T>
struct RealPart {
  using type = T;
};
template <class T>
struct RealPart<Complex<T>> {
  using type = T;
};
template <class T>
using real_t = typename RealPart<T>::type;

}  // namespace tt
