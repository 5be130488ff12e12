// 16-bit floats as storage formats; arithmetic on them is done in float.
#pragma once
#include <cstdint>
#include <cstring>

#include "portability.h"

namespace tt {

template <class To, class From>
TT_HD To bit_cast(From from) {
  To to;
  memcpy(&to, &from, sizeof(To));
  return to;
}

// IEEE binary16. Conversions are branch-free so that compilers vectorize loops over them.
struct Half {
  uint16_t bits;
  Half() = default;
  TT_HD Half(float value) : bits(from_float(value)) {}
  TT_HD operator float() const { return to_float(bits); }

  // Round to nearest even. Scaling by 2^112 then 2^-110 overflows what is too big to infinity, as Fabian Giesen's
  // and Marat Dukhan's (FP16 library) conversions do; NaN stays NaN.
  static TT_HD uint16_t from_float(float value) {
    const float scaled = (value < 0 ? -value : value) * 0x1.0p+112f * 0x1.0p-110f;
    const uint32_t word = bit_cast<uint32_t>(value);
    const uint32_t shifted = word + word;
    const uint32_t sign = word & 0x80000000u;
    uint32_t bias = shifted & 0xFF000000u;
    bias = bias < 0x71000000u ? 0x71000000u : bias;
    const float base = bit_cast<float>((bias >> 1) + 0x07800000u) + scaled;
    const uint32_t rounded = bit_cast<uint32_t>(base);
    const uint32_t nonsign = ((rounded >> 13) & 0x00007C00u) + (rounded & 0x00000FFFu);
    return static_cast<uint16_t>((sign >> 16) | (shifted > 0xFF000000u ? 0x7E00u : nonsign));
  }
  static TT_HD float to_float(uint16_t half) {
    const uint32_t word = static_cast<uint32_t>(half) << 16;
    const uint32_t sign = word & 0x80000000u;
    const uint32_t doubled = word + word;
    const float normalized = bit_cast<float>((doubled >> 4) + (0xE0u << 23)) * 0x1.0p-112f;
    const float denormalized = bit_cast<float>((doubled >> 17) | (126u << 23)) - 0.5f;
    return bit_cast<float>(sign |
                           (doubled < (1u << 27) ? bit_cast<uint32_t>(denormalized) : bit_cast<uint32_t>(normalized)));
  }
};

// The upper half of a float.
struct BFloat16 {
  uint16_t bits;
  BFloat16() = default;
  TT_HD BFloat16(float value) : bits(from_float(value)) {}
  TT_HD operator float() const { return to_float(bits); }

  static TT_HD uint16_t from_float(float value) {
    const uint32_t word = bit_cast<uint32_t>(value);
    const uint32_t rounded = (word + 0x7FFFu + ((word >> 16) & 1u)) >> 16;
    return static_cast<uint16_t>(value != value ? 0x7FC0u : rounded);
  }
  static TT_HD float to_float(uint16_t upper) { return bit_cast<float>(static_cast<uint32_t>(upper) << 16); }
};

}  // namespace tt
