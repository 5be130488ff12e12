// What the stand-ins for CUDA's libraries share: they check their arguments as the real ones do, and work on the bytes
// of emulated memory, by the host's BLAS, in the turn of the stream that they were given.
#pragma once
#include <type_traits>
#include <utility>

#include "../../cuda/library_functions.h"
#include "../emulation.h"

#define TT_STAND_IN extern "C" __attribute__((visibility("default")))

// The loader of libraries asks for it: a stand-in must never serve a GPU.
TT_STAND_IN inline const int tt_emulation_stand_in [[gnu::used]] = 1;

namespace tt::emulation {

template <class T>
T* on_host(T* pointer) {
  return static_cast<T*>(tt_emulation_host_pointer(pointer));
}
template <class T>
const T* on_host(const T* pointer) {
  return static_cast<const T*>(tt_emulation_host_pointer(pointer));
}

// Runs work() in the stream's turn. Whether it was accepted.
template <class Work>
bool submit(cudaStream_t stream, Work&& work) {
  using Kept = std::decay_t<Work>;
  const auto run = [](void* data) -> int {
    Kept* kept = static_cast<Kept*>(data);
    (*kept)();
    delete kept;
    return cudaSuccess;
  };
  return tt_emulation_submit(stream, run, new Kept(std::forward<Work>(work))) == cudaSuccess;
}

}  // namespace tt::emulation
