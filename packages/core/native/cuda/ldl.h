// LDL factorizations of symmetric and Hermitian matrices (Bunch & Kaufman 1977, "Some stable methods for calculating
// inertia and solving symmetric linear systems"), with LAPACK's pivots. cuSOLVER has none of Hermitian matrices; here a
// block of threads works on each matrix of a batch. Matrices lie by columns; only lower triangles are used.
#pragma once
#include "../functors/math.h"
#include "block.h"
#include "elements.h"

namespace tt::cuda::ldl {

// How an element above the diagonal follows from the one below.
struct Symmetric {
  template <class T>
  TT_D T operator()(T x) const {
    return x;
  }
};
struct Hermitian {
  template <class T>
  TT_D Complex<T> operator()(Complex<T> x) const {
    return {x.re, -x.im};
  }
};

// The diagonal of a Hermitian matrix is real, whatever stands there.
template <class T>
TT_D T diagonal(Symmetric, T x) {
  return x;
}
template <class T>
TT_D T diagonal(Hermitian, T x) {
  return T(x.re);
}

// Sizes as LAPACK compares them: |re| + |im|.
template <class T>
TT_D real_t<T> size_of(T x) {
  if constexpr (is_complex<T>)
    return math::fabs(x.re) + math::fabs(x.im);
  else
    return math::fabs(x);
}

template <class R>
struct Largest {
  R size;
  int row;
};
// The first one, where several are as large.
struct LargerFirst {
  template <class R>
  TT_D Largest<R> operator()(Largest<R> a, Largest<R> b) const {
    return b.size > a.size || (b.size == a.size && b.row < a.row) ? b : a;
  }
};

// One matrix, seen by all threads of a block.
template <class T, class Mirror>
struct Matrix {
  using R = real_t<T>;

  T* data;
  int n;
  Mirror mirror;

  TT_D T& at(int row, int column) const { return data[static_cast<int64_t>(column) * n + row]; }

  // The largest of at(row, column) for begin <= row < n.
  TT_D Largest<R> largest_below(int column, int begin) const {
    Largest<R> found{R(0), n};
    for (int row = begin + static_cast<int>(threadIdx.x); row < n; row += static_cast<int>(blockDim.x))
      found = LargerFirst{}(found, Largest<R>{size_of(at(row, column)), row});
    return block_reduce(found, LargerFirst{});
  }

  // The largest element beside the diagonal in row `row` of what is left from column `first` on.
  TT_D R largest_beside(int row, int first) const {
    Largest<R> found{R(0), n};
    for (int j = first + static_cast<int>(threadIdx.x); j < row; j += static_cast<int>(blockDim.x))
      found = LargerFirst{}(found, Largest<R>{size_of(at(row, j)), j});
    found = block_reduce(found, LargerFirst{});
    return LargerFirst{}(found, largest_below(row, row + 1)).size;
  }

  // Exchanges rows and columns p < q of what is left from row p on; the row q left of column p follows in the caller.
  TT_D void exchange(int p, int q) const {
    for (int i = p + 1 + static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) {
      if (i == q) {
        at(q, p) = mirror(at(q, p));
        continue;
      }
      T& left = at(i, p);
      T& right = i < q ? at(q, i) : at(i, q);
      const T kept = left;
      left = i < q ? mirror(right) : right;
      right = i < q ? mirror(kept) : kept;
    }
    if (threadIdx.x == 0) {
      const T kept = at(p, p);
      at(p, p) = at(q, q);
      at(q, q) = kept;
    }
  }
};

struct Pivot {
  int row, width;  // the row to exchange with the last of `width` rows
};

// Bunch & Kaufman's choice for column k. `zero`: there is nothing to divide by.
template <class T, class Mirror>
TT_D Pivot choose_pivot(const Matrix<T, Mirror>& a, int k, bool& zero) {
  using R = real_t<T>;
  const R alpha = R(0.6403882032022076);  // (1 + sqrt(17)) / 8: least growth
  const R here = size_of(diagonal(a.mirror, a.at(k, k)));
  const Largest<R> below = a.largest_below(k, k + 1);
  zero = !(here > R(0) || below.size > R(0));
  if (zero || here >= alpha * below.size) return {k, 1};
  const R beside = a.largest_beside(below.row, k);
  if (here >= alpha * below.size * (below.size / beside)) return {k, 1};
  if (size_of(diagonal(a.mirror, a.at(below.row, below.row))) >= alpha * beside) return {below.row, 1};
  return {below.row, 2};
}

// Subtracts from what is left below and right of the pivot: the product of its columns, kept in `kept` (one or two of n
// elements), with the new columns of L.
template <class T, class Mirror>
TT_D void subtract_product(const Matrix<T, Mirror>& a, int k, int width, const T* kept) {
  const int begin = k + width;
  for (int j = begin + static_cast<int>(warp_index()); j < a.n; j += static_cast<int>(warp_count())) {
    const T first = a.mirror(a.at(j, k)), second = width == 2 ? a.mirror(a.at(j, k + 1)) : T(0);
    for (int i = j + static_cast<int>(lane_index()); i < a.n; i += static_cast<int>(kWarp)) {
      T value = a.at(i, j) - kept[i] * first;
      if (width == 2) value = value - kept[a.n + i] * second;
      a.at(i, j) = i == j ? diagonal(a.mirror, value) : value;
    }
  }
}

// The inverse of a block of D, [d1, mirror(e); e, d2], as factors that do not overflow.
template <class T>
struct BlockInverse {
  T e, mirrored, first, second, scale;

  template <class Mirror>
  TT_D BlockInverse(T d1, T below, T d2, Mirror mirror) : e(below), mirrored(mirror(below)) {
    first = d2 / e;
    second = d1 / mirrored;
    scale = T(1) / (first * second - T(1));
  }
  // [x, y] times the inverse.
  TT_D void from_right(T& x, T& y) const {
    const T left = scale * ((first * x - y) / mirrored);
    y = scale * ((second * y - x) / e);
    x = left;
  }
  // The inverse times [x; y].
  TT_D void from_left(T& x, T& y) const {
    const T a = x / mirrored, b = y / e;
    x = scale * (first * a - b);
    y = scale * (second * b - a);
  }
};

// Columns k.. of L: the pivot's, times the inverse of its block of D. `kept` gets the old ones.
template <class T, class Mirror>
TT_D void divide_columns(const Matrix<T, Mirror>& a, int k, int width, T* kept) {
  const T d1 = diagonal(a.mirror, a.at(k, k));
  const T below = width == 2 ? a.at(k + 1, k) : T(1), d2 = width == 2 ? diagonal(a.mirror, a.at(k + 1, k + 1)) : T(0);
  const BlockInverse<T> inverse(d1, below, d2, a.mirror);
  for (int i = k + width + static_cast<int>(threadIdx.x); i < a.n; i += static_cast<int>(blockDim.x)) {
    T x = a.at(i, k);
    kept[i] = x;
    if (width == 1) {
      a.at(i, k) = x / d1;
      continue;
    }
    T y = a.at(i, k + 1);
    kept[a.n + i] = y;
    inverse.from_right(x, y);
    a.at(i, k) = x;
    a.at(i, k + 1) = y;
  }
}

template <class T, class Mirror>
TT_D void factor_matrix(const Matrix<T, Mirror>& a, int32_t* pivots, int* info, T* kept) {
  int failed = 0;
  for (int k = 0; k < a.n;) {
    bool zero;
    const auto [row, width] = choose_pivot(a, k, zero);
    const int last = k + width - 1;
    __syncthreads();
    if (row != last) a.exchange(last, row);
    if (threadIdx.x == 0) {
      // The first column of a block goes along.
      if (row != last && width == 2) {
        const T moved = a.at(last, k);
        a.at(last, k) = a.at(row, k);
        a.at(row, k) = moved;
      }
      for (int i = k; i <= last; ++i) pivots[i] = width == 1 ? row + 1 : -(row + 1);
    }
    __syncthreads();
    if (zero && failed == 0) failed = k + 1;
    if (!zero) divide_columns(a, k, width, kept);
    __syncthreads();
    if (!zero) subtract_product(a, k, width, kept);
    if (threadIdx.x == 0)
      for (int i = k; i <= last; ++i) a.at(i, i) = diagonal(a.mirror, a.at(i, i));
    __syncthreads();
    k += width;
  }
  if (threadIdx.x == 0) *info = failed;
}

// workspace: two columns for each block.
template <class T, class Mirror>
__global__ void factor(int64_t count, int n, T* matrices, int32_t* pivots, int* info, T* workspace) {
  for (int64_t i = blockIdx.x; i < count; i += gridDim.x) {
    const Matrix<T, Mirror> a{matrices + i * n * n, n, Mirror{}};
    factor_matrix(a, pivots + i * n, info + i, workspace + 2 * static_cast<int64_t>(blockIdx.x) * n);
  }
}

// --- Solving ---------------------------------------------------------------------------------------------------------

// Pivots that name no row are reported elsewhere: here they only must not lead astray.
TT_D int row_of(int32_t pivot, int n) {
  const int row = (pivot < 0 ? -pivot : pivot) - 1;
  return row >= 0 && row < n ? row : 0;
}

template <class T>
TT_D void swap_rows(T* x, int a, int b) {
  const T kept = x[a];
  x[a] = x[b];
  x[b] = kept;
}

// x = D^-1 L^-1 P^T x
template <class T, class Mirror>
TT_D void solve_forward(const Matrix<T, Mirror>& a, const int32_t* pivots, T* x) {
  for (int k = 0; k < a.n;) {
    const int width = pivots[k] < 0 && k + 1 < a.n ? 2 : 1;
    if (threadIdx.x == 0) swap_rows(x, k + width - 1, row_of(pivots[k], a.n));
    __syncthreads();
    T first = x[k], second = width == 2 ? x[k + 1] : T(0);
    for (int i = k + width + static_cast<int>(threadIdx.x); i < a.n; i += static_cast<int>(blockDim.x)) {
      x[i] = x[i] - a.at(i, k) * first;
      if (width == 2) x[i] = x[i] - a.at(i, k + 1) * second;
    }
    __syncthreads();
    if (threadIdx.x == 0 && width == 1) x[k] = first / diagonal(a.mirror, a.at(k, k));
    if (threadIdx.x == 0 && width == 2) {
      const BlockInverse<T> inverse(diagonal(a.mirror, a.at(k, k)), a.at(k + 1, k),
                                    diagonal(a.mirror, a.at(k + 1, k + 1)), a.mirror);
      inverse.from_left(first, second);
      x[k] = first;
      x[k + 1] = second;
    }
    k += width;
  }
  __syncthreads();
}

// The sum of mirror(L[i, column]) x[i] below `row`.
template <class T, class Mirror>
TT_D T product_below(const Matrix<T, Mirror>& a, int row, int column, const T* x) {
  T sum(0);
  for (int i = row + 1 + static_cast<int>(threadIdx.x); i < a.n; i += static_cast<int>(blockDim.x))
    sum = sum + a.mirror(a.at(i, column)) * x[i];
  return block_reduce(sum, Add{});
}

// x = P L^-H x, or L^-T
template <class T, class Mirror>
TT_D void solve_backward(const Matrix<T, Mirror>& a, const int32_t* pivots, T* x) {
  for (int k = a.n - 1; k >= 0;) {
    const int width = pivots[k] < 0 && k > 0 ? 2 : 1;
    const T last = product_below(a, k, k, x), first = width == 2 ? product_below(a, k, k - 1, x) : T(0);
    if (threadIdx.x == 0) {
      x[k] = x[k] - last;
      if (width == 2) x[k - 1] = x[k - 1] - first;
      swap_rows(x, k, row_of(pivots[k], a.n));
    }
    __syncthreads();
    k -= width;
  }
}

// A block for each right-hand side; those of a matrix lie side by side, by columns.
template <class T, class Mirror>
__global__ void solve(int64_t count, int n, int sides, const T* matrices, const int32_t* pivots, T* x) {
  for (int64_t i = blockIdx.x; i < count * sides; i += gridDim.x) {
    const int64_t matrix = i / sides;
    const Matrix<T, Mirror> a{const_cast<T*>(matrices) + matrix * n * n, n, Mirror{}};
    solve_forward(a, pivots + matrix * n, x + i * n);
    solve_backward(a, pivots + matrix * n, x + i * n);
    __syncthreads();
  }
}

}  // namespace tt::cuda::ldl
