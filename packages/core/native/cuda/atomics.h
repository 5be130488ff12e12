// Elements that several threads change at once, of every dtype.
#pragma once
#include "../functors/combine.h"
#include "portable.h"

namespace tt::cuda {

// Word: what the device swaps. Elements of 1 or 2 bytes are changed within the word of 4 that holds them.
template <class T, class F>
TT_D void atomic_update(T* address, const F& change) {
  static_assert(sizeof(T) <= 8);
  using Word = std::conditional_t<sizeof(T) == 8, unsigned long long, unsigned>;
  const auto place = reinterpret_cast<uintptr_t>(address);
  auto* const word = reinterpret_cast<Word*>(place & ~(sizeof(Word) - 1));
  const auto shift = static_cast<unsigned>(8 * (place & (sizeof(Word) - 1)));
  const Word mask = (~Word{0} >> (8 * (sizeof(Word) - sizeof(T)))) << shift;
  Word before = *const_cast<volatile Word*>(word);
  while (true) {
    const Word bits = before >> shift;
    T element;
    memcpy(&element, &bits, sizeof(T));
    const T changed = change(element);
    Word changed_bits = 0;
    memcpy(&changed_bits, &changed, sizeof(T));
    const Word after = (before & ~mask) | (changed_bits << shift);
    if (after == before) return;
    const Word found = atomicCAS(word, before, after);
    if (found == before) return;
    before = found;
  }
}

template <class T>
struct Arrival {
  Combine mode;
  T source;
  TT_D T operator()(T target) const { return combine(mode, target, source); }
};

TT_D void atomic_add(float* address, float value) { atomicAdd(address, value); }
TT_D void atomic_add(double* address, double value) { atomicAdd(address, value); }
TT_D void atomic_add(int32_t* address, int32_t value) { atomicAdd(address, value); }
TT_D void atomic_add(int64_t* address, int64_t value) {
  atomicAdd(reinterpret_cast<unsigned long long*>(address), static_cast<unsigned long long>(value));
}
template <class T>
TT_D void atomic_add(Complex<T>* address, Complex<T> value) {
  atomicAdd(&address->re, value.re);
  atomicAdd(&address->im, value.im);
}
template <class T>
TT_D void atomic_add(T* address, T value) {
  atomic_update(address, Arrival<T>{Combine::Add, value});
}

// Locks for elements that are too large to be swapped: one for many addresses.
constexpr unsigned kLocks = 1024;

// *address = combine(mode, *address, source). `locks`: kLocks zeros, for elements of 16 bytes.
template <class T>
TT_D void atomic_combine(Combine mode, T* address, T source, unsigned* locks) {
  if (mode == Combine::Add) return atomic_add(address, source);
  if constexpr (sizeof(T) <= 8) {
    atomic_update(address, Arrival<T>{mode, source});
  } else {
    unsigned* const lock = locks + reinterpret_cast<uintptr_t>(address) / sizeof(T) % kLocks;
    for (bool done = false; !done;) {
      if (atomicCAS(lock, 0u, 1u) != 0u) continue;
      __threadfence();
      auto* const shared = reinterpret_cast<volatile double*>(address);
      T target;
      target.re = shared[0];
      target.im = shared[1];
      const T result = combine(mode, target, source);
      shared[0] = result.re;
      shared[1] = result.im;
      __threadfence();
      atomicExch(lock, 0u);
      done = true;
    }
  }
}

}  // namespace tt::cuda
