// Helpers of kernels that move elements, whatever their dtypes are: launches over strided operands, and operands
// without memory, whose offsets are numbers in their own right.
#pragma once
#include "../checks/operands.h"
#include "allocator.h"
#include "elementwise.h"
#include "error_record.h"

namespace tt::cuda {

// What a thread moves at once.
struct alignas(16) Bytes16 {
  uint64_t halves[2];
};

// Elements of a size that is known only when kernels run: of up to 8 bytes as a number, and of any size to move.
TT_D uint64_t read_word(const char* data, int64_t offset, int bytes) {
  switch (bytes) {
    case 1:
      return reinterpret_cast<const uint8_t*>(data)[offset];
    case 2:
      return reinterpret_cast<const uint16_t*>(data)[offset];
    case 4:
      return reinterpret_cast<const uint32_t*>(data)[offset];
    default:
      return reinterpret_cast<const uint64_t*>(data)[offset];
  }
}
TT_D void move_element(char* to, int64_t to_offset, const char* from, int64_t from_offset, int bytes) {
  switch (bytes) {
    case 1:
      reinterpret_cast<uint8_t*>(to)[to_offset] = reinterpret_cast<const uint8_t*>(from)[from_offset];
      break;
    case 2:
      reinterpret_cast<uint16_t*>(to)[to_offset] = reinterpret_cast<const uint16_t*>(from)[from_offset];
      break;
    case 4:
      reinterpret_cast<uint32_t*>(to)[to_offset] = reinterpret_cast<const uint32_t*>(from)[from_offset];
      break;
    case 8:
      reinterpret_cast<uint64_t*>(to)[to_offset] = reinterpret_cast<const uint64_t*>(from)[from_offset];
      break;
    default:
      reinterpret_cast<Bytes16*>(to)[to_offset] = reinterpret_cast<const Bytes16*>(from)[from_offset];
  }
}

// Has a shape and strides, but no memory: `number(data of the loop)` is where a part of it begins.
inline Operand numbers(const Operand& shape) {
  Operand operand = shape;
  operand.data = nullptr;
  operand.is_scalar = false;
  std::fill_n(operand.strides, operand.ndim, 0);
  return operand;
}
inline int64_t number(const char* data) { return static_cast<int64_t>(reinterpret_cast<intptr_t>(data)); }

// The numbers of a shape's elements, in order.
inline Operand numbering(const Operand& shape) {
  Operand operand = numbers(shape);
  int64_t stride = 1;
  for (int d = operand.ndim - 1; d >= 0; --d) {
    operand.strides[d] = stride;
    stride *= operand.sizes[d];
  }
  return operand;
}

// The same memory seen with another shape, in which it has no extent: strides are to be set.
inline Operand flattened_to(const Operand& operand, const Operand& shape) {
  Operand result = operand;
  result.ndim = shape.ndim;
  result.numel = shape.numel;
  std::copy_n(shape.sizes, shape.ndim, result.sizes);
  std::fill_n(result.strides, shape.ndim, 0);
  return result;
}

// Zeros for the time of a kernel.
class ZeroedWorkspace : public Workspace {
 public:
  explicit ZeroedWorkspace(size_t bytes) : Workspace(bytes) {
    if (bytes > 0) check(cudaMemsetAsync(as<void>(), 0, bytes, current_stream()), "clearing memory");
  }
};

}  // namespace tt::cuda

// TT_RUN_BLOCKS(blocks, threads, shared_bytes, kernel<T>, args...): a kernel whose threads work together in blocks.
#define TT_RUN_BLOCKS(blocks, threads, shared_bytes, kernel, ...)                                       \
  ::tt::cuda::check(TT_LAUNCH(kernel, dim3(static_cast<unsigned>(blocks)), dim3(threads), shared_bytes, \
                              ::tt::cuda::current_stream(), __VA_ARGS__),                               \
                    "launching a kernel")
