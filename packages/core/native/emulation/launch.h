// Launches of kernels on the emulated devices.
#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "cuda_runtime.h"
#include "scheduler.h"

namespace tt::emulation {

struct Parameter {
  size_t offset;
  size_t bytes;
  bool pointer;
};

struct Parameters {
  unsigned char* bytes;
  size_t size;
  const Parameter* list;
  size_t count;
};

// Translates the device addresses among the parameters and runs the kernel in the stream's turn.
cudaError_t submit_kernel(Grid grid, cudaStream_t stream, Parameters parameters);

// GCC 12 takes the type of a kernel that depends on template parameters for a function's, not a pointer's.
template <auto Kernel, class = std::remove_pointer_t<decltype(Kernel)>>
struct Launcher;

template <auto Kernel, class... P>
struct Launcher<Kernel, void(P...)> {
  template <class... Arguments>
  static cudaError_t launch(bool independent, dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream,
                            Arguments&&... arguments) {
    static_assert(sizeof...(Arguments) == sizeof...(P), "as many arguments as the kernel has parameters");
    return pack_and_submit(
        std::index_sequence_for<P...>(),
        Grid{signature(), reinterpret_cast<const void*>(Kernel), &run, grid, block, shared_bytes, 0, independent},
        stream, std::forward<Arguments>(arguments)...);
  }

 private:
  static_assert((std::is_trivially_copyable_v<P> && ...), "parameters are copied to the device byte by byte");

  static const char* signature() { return __PRETTY_FUNCTION__; }

  // Offsets as in a struct with these members; one more than there are parameters, which is the size.
  struct Layout {
    Parameter list[sizeof...(P) + 1];
    constexpr Layout() : list{} {
      size_t end = 0;
      size_t index = 0;
      ((end = (end + alignof(P) - 1) / alignof(P) * alignof(P), list[index++] = {end, sizeof(P), std::is_pointer_v<P>},
        end += sizeof(P)),
       ...);
      list[index] = {end, 0, false};
    }
  };
  static constexpr Layout kLayout{};
  static constexpr size_t kBytes = kLayout.list[sizeof...(P)].offset;
  static_assert(kBytes <= 4096, "CUDA passes at most 4096 bytes of parameters");

  template <size_t... I, class... Arguments>
  static cudaError_t pack_and_submit(std::index_sequence<I...>, const Grid& grid, cudaStream_t stream,
                                     Arguments&&... arguments) {
    // Zeroed between the parameters and, by the builtin, within them: what is left over there of an old address would
    // be taken for an address, and moved together with the number beside it.
    alignas(16) unsigned char bytes[kBytes + 1] = {};
    (__builtin_clear_padding(new (bytes + kLayout.list[I].offset)
                                 P(static_cast<P>(std::forward<Arguments>(arguments)))),
     ...);
    return submit_kernel(grid, stream, {bytes, kBytes, kLayout.list, sizeof...(P)});
  }

  TT_UNCHECKED static void run(const void* parameters) { unpack_and_run(parameters, std::index_sequence_for<P...>()); }
  template <size_t... I>
  TT_UNCHECKED static void unpack_and_run([[maybe_unused]] const void* parameters, std::index_sequence<I...>) {
    run_threads(*reinterpret_cast<const P*>(static_cast<const unsigned char*>(parameters) + kLayout.list[I].offset)...);
  }
  TT_UNCHECKED static void run_threads(P... parameters) {
    for (; start_next_thread(); ++thread_queue.finished) Kernel(parameters...);
  }
};

}  // namespace tt::emulation
