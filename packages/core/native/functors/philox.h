// Philox 4x32-10 (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"): block number `counter` of the
// sequence of a key, four 32-bit numbers. No state: any block can be had alone, on any device.
#pragma once
#include <cstdint>

#include "portability.h"

namespace tt::functors {

struct PhiloxKey {
  uint32_t low, high;
};

struct PhiloxBlock {
  uint32_t words[4];
};

TT_HD PhiloxBlock philox(uint64_t counter, PhiloxKey key) {
  uint32_t c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32), c2 = 0, c3 = 0;
  uint32_t k0 = key.low, k1 = key.high;
  TT_UNROLL_ALL(10)
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xD2511F53} * c0, product1 = uint64_t{0xCD9E8D57} * c2;
    const uint32_t n0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
    const uint32_t n2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(product1);
    c3 = static_cast<uint32_t>(product0);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

// Uniform in [0, 1) with all the bits that the type has.
TT_HD float unit_float(uint32_t word) { return static_cast<float>(word >> 8) * 0x1.0p-24f; }
TT_HD double unit_double(uint32_t high, uint32_t low) {
  return static_cast<double>((static_cast<uint64_t>(high) << 32 | low) >> 11) * 0x1.0p-53;
}
// Uniform in (0, 1], for logarithms.
TT_HD float positive_unit_float(uint32_t word) { return static_cast<float>(word) * 0x1.0p-32f + 0x1.0p-33f; }
TT_HD double positive_unit_double(uint32_t high, uint32_t low) { return unit_double(high, low) + 0x1.0p-53; }

}  // namespace tt::functors
