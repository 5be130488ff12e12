// Lines of keys (functors/order.h) and their order, for sorting and for what is drawn by it (random.cc).
#pragma once
#include "../functors/order.h"
#include "elements.h"

namespace tt::cuda {

// Digits that radix sorts and selections go by.
constexpr int kDigitBits = 8;
constexpr unsigned kDigits = 1u << kDigitBits;

// Sorts `lines` lines of `length` keys of `digits` digits each, stably. `keys` and `places` are the results, in
// memory that begins at `buffers`.
template <class Key>
struct SortedLines {
  const Key* keys;
  const uint32_t* places;
};
// `buffers` hold sort_bytes<Key>(lines * length) bytes, of which the first `lines * length` are the keys.
template <class Key>
constexpr size_t sort_bytes(int64_t elements) {
  return static_cast<size_t>(elements) * 2 * (sizeof(Key) + sizeof(uint32_t));
}
template <class Key>
SortedLines<Key> sort_lines(void* buffers, int64_t lines, int64_t length, int digits);

}  // namespace tt::cuda
