// Scratch memory, and operands as gap-free row-major arrays of the type that a kernel computes in.
#pragma once
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "../runtime/allocator.h"
#include "../runtime/operand.h"
#include "../runtime/parallel.h"

namespace tt {

// Memory from the tensors' allocator, for the time of a call; not initialised.
template <class T>
class Scratch {
 public:
  Scratch() = default;
  explicit Scratch(int64_t count) { allocate(count); }
  Scratch(Scratch&& other) noexcept : data_(other.data_), capacity_(other.capacity_) { other.data_ = nullptr; }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (data_) release_block(data_, capacity_);
  }
  void allocate(int64_t count) {
    require(data_ == nullptr && count >= 0 && count <= (int64_t{1} << 50), ErrorKind::OutOfMemory,
            "cannot allocate a workspace of ", count, " elements");
    data_ = static_cast<T*>(allocate_block(static_cast<size_t>(count) * sizeof(T), capacity_));
  }
  T* data() const { return data_; }

 private:
  T* data_ = nullptr;
  size_t capacity_ = 0;
};

// What floating-point kernels compute T in: 16-bit floats in float, int64 in double (exact up to 2^53).
template <class T>
using computed_t = std::conditional_t<std::is_same_v<T, int64_t>, double, compute_t<T>>;

namespace detail {

// f(offset of the first element, position of the row in row-major order) for the rows of the last dimension.
template <class F>
void for_each_row(const Operand& operand, F&& f) {
  const int outer = std::max(operand.ndim - 1, 0);
  const int64_t length = operand.ndim > 0 ? operand.sizes[outer] : 1;
  if (operand.numel == 0) return;
  parallel_for(operand.numel / length, std::max<int64_t>(kGrain / length, 1), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t offset = 0, rest = row;
      for (int d = outer - 1; d >= 0; --d) {
        offset += rest % operand.sizes[d] * operand.strides[d];
        rest /= operand.sizes[d];
      }
      f(offset, row * length);
    }
  });
}

inline int64_t row_length(const Operand& operand) { return operand.ndim > 0 ? operand.sizes[operand.ndim - 1] : 1; }
inline int64_t row_stride(const Operand& operand) { return operand.ndim > 0 ? operand.strides[operand.ndim - 1] : 1; }

template <class T>
void fill(T* to, int64_t count, T value) {
  parallel_for(count, kGrain, [&](int64_t begin, int64_t end) { std::fill(to + begin, to + end, value); });
}

template <class Stored, class T>
void gather(const Operand& operand, T* to) {
  const Stored* from = operand.as<Stored>();
  const int64_t length = row_length(operand), stride = row_stride(operand);
  // As the gradient of a sum.
  if (std::all_of(operand.strides, operand.strides + operand.ndim, [](int64_t step) { return step == 0; }))
    return fill(to, operand.numel, operand.numel > 0 ? static_cast<T>(*from) : T());
  for_each_row(operand, [&](int64_t offset, int64_t position) {
    const Stored* row = from + offset;
    if (stride == 1) {
      for (int64_t i = 0; i < length; ++i) to[position + i] = static_cast<T>(row[i]);
    } else {
      for (int64_t i = 0; i < length; ++i) to[position + i] = static_cast<T>(row[i * stride]);
    }
  });
}

template <class Stored, class T>
void scatter(const T* from, const Operand& operand) {
  Stored* to = operand.as<Stored>();
  const int64_t length = row_length(operand), stride = row_stride(operand);
  for_each_row(operand, [&](int64_t offset, int64_t position) {
    Stored* row = to + offset;
    if (stride == 1) {
      for (int64_t i = 0; i < length; ++i) row[i] = static_cast<Stored>(from[position + i]);
    } else {
      for (int64_t i = 0; i < length; ++i) row[i * stride] = static_cast<Stored>(from[position + i]);
    }
  });
}

// Calls f<Stored>() with the stored type of the operand: T, or what computes in T.
template <class T, class F>
void with_stored_type(const Operand& operand, F&& f) {
  if constexpr (std::is_same_v<T, float>) {
    if (operand.dtype == DType::Float16) return f.template operator()<Half>();
    if (operand.dtype == DType::BFloat16) return f.template operator()<BFloat16>();
  }
  if constexpr (std::is_same_v<T, double>) {
    if (operand.dtype == DType::Int64) return f.template operator()<int64_t>();
  }
  f.template operator()<T>();
}

}  // namespace detail

// The elements of an operand in row-major order as T, copied where they do not lie so.
template <class T>
void copy_out(const Operand& operand, T* to) {
  detail::with_stored_type<T>(operand, [&]<class Stored>() { detail::gather<Stored>(operand, to); });
}
template <class T>
void copy_in(const T* from, const Operand& operand) {
  detail::with_stored_type<T>(operand, [&]<class Stored>() { detail::scatter<Stored>(from, operand); });
}

// Whether an operand may be left out; then there is no data.
enum class Presence { Required, Optional };

inline void require_present(const Operand& operand, Presence presence) {
  require(operand.present || presence == Presence::Optional, ErrorKind::Internal, "an operand is missing");
}

template <class T>
class Input {
 public:
  explicit Input(const Operand& operand, Presence presence = Presence::Required) {
    require_present(operand, presence);
    if (!operand.present) return;
    if (operand.dtype == dtype_of<T> && operand.is_contiguous()) {
      data_ = operand.as<T>();
      return;
    }
    scratch_.allocate(operand.numel);
    copy_out(operand, scratch_.data());
    data_ = scratch_.data();
  }
  const T* data() const { return data_; }

 private:
  const T* data_ = nullptr;
  Scratch<T> scratch_;
};

// Where a kernel writes; `finish` brings it to the operand.
template <class T>
class Output {
 public:
  explicit Output(const Operand& operand, Presence presence = Presence::Required) : operand_(operand) {
    require_present(operand, presence);
    if (!operand.present) return;
    if (operand.dtype == dtype_of<T> && operand.is_contiguous()) {
      data_ = operand.as<T>();
      return;
    }
    scratch_.allocate(operand.numel);
    data_ = scratch_.data();
  }
  T* data() const { return data_; }
  void finish() const {
    if (scratch_.data()) copy_in(scratch_.data(), operand_);
  }

 private:
  const Operand& operand_;
  T* data_ = nullptr;
  Scratch<T> scratch_;
};

}  // namespace tt
