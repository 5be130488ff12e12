// Logarithms and angles of random numbers, from plain sums and products: compiled without fused ones, every instruction
// set and device gives the same numbers. The polynomials are those of Moshier's Cephes.
#pragma once
#include <cstdint>

#include "half.h"
#include "portability.h"

namespace tt::functors {

// log x for finite x above 0, x = m 2^e with m in [sqrt(1/2), sqrt(2))
TT_HD float log_of(float x) {
  const auto bits = bit_cast<int32_t>(x);
  const int32_t exponent = (bits - 0x3F3504F3) >> 23;
  const float f = bit_cast<float>(bits - exponent * (1 << 23)) - 1, z = f * f, e = static_cast<float>(exponent);
  float y = 7.0376836292e-2f;
  y = y * f - 1.1514610310e-1f;
  y = y * f + 1.1676998740e-1f;
  y = y * f - 1.2420140846e-1f;
  y = y * f + 1.4249322787e-1f;
  y = y * f - 1.6668057665e-1f;
  y = y * f + 2.0000714765e-1f;
  y = y * f - 2.4999993993e-1f;
  y = y * f + 3.3333331174e-1f;
  y = y * f * z - 2.12194440e-4f * e - 0.5f * z;
  return f + y + 0.693359375f * e;
}
TT_HD double log_of(double x) {
  const auto bits = bit_cast<int64_t>(x);
  const int64_t exponent = (bits - 0x3FE6A09E667F3BCD) >> 52;
  const double f = bit_cast<double>(bits - exponent * (int64_t{1} << 52)) - 1, z = f * f;
  const double e = static_cast<double>(static_cast<int32_t>(exponent));
  double p = 1.01875663804580931796e-4;
  p = p * f + 4.97494994976747001425e-1;
  p = p * f + 4.70579119878881725854;
  p = p * f + 1.44989225341610930846e1;
  p = p * f + 1.79368678507819816313e1;
  p = p * f + 7.70838733755885391666;
  double q = f + 1.12873587189167450590e1;
  q = q * f + 4.52279145837532221105e1;
  q = q * f + 8.29875266912776603211e1;
  q = q * f + 7.11544750618563894466e1;
  q = q * f + 2.31251620126765340583e1;
  const double y = f * (z * p / q) - 2.121944400546905827679e-4 * e - 0.5 * z;
  return f + y + 0.693359375 * e;
}

TT_HD float sin_near_0(float x, float z) {
  return ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
}
TT_HD float cos_near_0(float z) {
  return ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1;
}
TT_HD double sin_near_0(double x, double z) {
  double p = 1.58962301576546568060e-10;
  p = p * z - 2.50507477628578072866e-8;
  p = p * z + 2.75573136213857245213e-6;
  p = p * z - 1.98412698295895385996e-4;
  p = p * z + 8.33333333332211858878e-3;
  p = p * z - 1.66666666666666307295e-1;
  return x + x * z * p;
}
TT_HD double cos_near_0(double z) {
  double p = -1.13585365213876817300e-11;
  p = p * z + 2.08757008419747316778e-9;
  p = p * z - 2.75573141792967388112e-7;
  p = p * z + 2.48015872888517045348e-5;
  p = p * z - 1.38888888888730564116e-3;
  p = p * z + 4.16666666666665929218e-2;
  return 1 - z / 2 + z * z * p;
}
// Sine and cosine of a whole turn's fraction u in [0, 1): the nearest quarter turn, and at most an eighth beside it.
template <class T>
TT_HD void sincos_turn(T u, T& sine, T& cosine) {
  const T quarters = u * 4;
  const auto quadrant = static_cast<int32_t>(quarters + T(0.5));
  const T x = (quarters - static_cast<T>(quadrant)) * T(1.57079632679489661923), z = x * x;
  const T s = sin_near_0(x, z), c = cos_near_0(z);
  const bool odd = quadrant & 1;
  const T a = odd ? c : s, b = odd ? s : c;
  sine = quadrant & 2 ? -a : a;
  cosine = (quadrant + 1) & 2 ? -b : b;
}

}  // namespace tt::functors
