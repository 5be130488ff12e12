// Operands as gap-free row-major arrays of their dtype, for kernels and libraries that ask for them.
#pragma once
#include <optional>

#include "allocator.h"
#include "device.h"

namespace tt::cuda {

// Writes the elements of `from` to `to`, which has the same shape and dtype.
void copy_elements(const Operand& to, const Operand& from);

// The operand as if its elements lay at `data`, in row-major order.
inline Operand as_row_major_at(Operand operand, void* data) {
  operand.data = static_cast<char*>(data);
  int64_t stride = 1;
  for (int d = operand.ndim - 1; d >= 0; --d) {
    operand.strides[d] = stride;
    stride *= operand.sizes[d];
  }
  return operand;
}

inline void require_present(const Operand& operand) {
  require(operand.present, ErrorKind::Internal, "an operand is missing");
}

// Copied where its elements do not lie so. One that is left out has no data.
class PackedInput {
 public:
  explicit PackedInput(const Operand& operand) : data_(operand.data) {
    if (!operand.present || operand.is_contiguous()) return;
    scratch_.emplace(static_cast<size_t>(operand.numel) * item_size(operand.dtype));
    data_ = scratch_->as<char>();
    copy_elements(as_row_major_at(operand, data_), operand);
  }
  template <class T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }

 private:
  std::optional<Workspace> scratch_;
  char* data_;
};

// Where a kernel writes; `finish` brings it to the operand.
class PackedOutput {
 public:
  explicit PackedOutput(const Operand& operand) : operand_(operand), data_(operand.data) {
    if (!operand.present || operand.is_contiguous()) return;
    scratch_.emplace(static_cast<size_t>(operand.numel) * item_size(operand.dtype));
    data_ = scratch_->as<char>();
  }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data_);
  }
  void finish() const {
    if (scratch_) copy_elements(operand_, as_row_major_at(operand_, data_));
  }

 private:
  const Operand& operand_;
  std::optional<Workspace> scratch_;
  char* data_;
};

}  // namespace tt::cuda
