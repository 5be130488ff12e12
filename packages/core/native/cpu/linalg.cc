// Factorizations and solvers, by LAPACK, for each matrix of a batch. Matrices are the last two dimensions.
//
// LAPACK reads memory by columns, so that it sees the transpose of a row-major matrix. Where the transposed problem is
// as good (Cholesky, inverse, singular values, triangular systems), it gets the memory as it is; else a transposed
// copy.
#include "../checks/linalg.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "../functors/linalg.h"
#include "../runtime/registry.h"
#include "contiguous.h"
#include "lapack.h"

namespace tt {
namespace {

using namespace linalg;

// --- Batches of matrices --------------------------------------------------------------------------------------------

// LAPACK may never return from, or read out of bounds with, what is not a number.
template <class T>
void require_finite(const T* data, int64_t count) {
  const auto* parts = reinterpret_cast<const real_t<T>*>(data);
  real_t<T> sum = 0;
  for (int64_t i = 0; i < count * (is_complex<T> ? 2 : 1); ++i) sum += parts[i] * real_t<T>(0);
  require(sum == 0, ErrorKind::Linalg, kNotFinite);
}

// A batch of matrices, known to be finite.
template <class T>
class MatrixInput : public Input<T> {
 public:
  explicit MatrixInput(const Operand& operand) : Input<T>(operand) { require_finite(this->data(), operand.numel); }
};

// In blocks, so that both sides stay within the first-level cache.
template <class T>
void transpose(int rows, int columns, const T* from, T* to) {
  constexpr int kBlock = 16;
  for (int r = 0; r < rows; r += kBlock)
    for (int c = 0; c < columns; c += kBlock)
      for (int i = r; i < std::min(r + kBlock, rows); ++i)
        for (int j = c; j < std::min(c + kBlock, columns); ++j)
          to[int64_t{j} * rows + i] = from[int64_t{i} * columns + j];
}

// f(index) for each matrix; small ones are shared out among the threads.
template <class F>
void for_each_matrix(const Batch& batch, F&& f) {
  const int64_t work = batch.size() * batch.least();
  parallel_for(batch.count, std::max<int64_t>(kGrain / std::max<int64_t>(work, 1), 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

void require_success(int info, const char* routine) {
  require(info >= 0, ErrorKind::Internal, routine, " refused argument ", -info);
}

void require_result(int info, const char* routine, Algorithm algorithm) {
  require_success(info, routine);
  require(info == 0, ErrorKind::Linalg, failure_text(algorithm, info));
}

template <class T, class F>
void with_workspace(F&& call) {
  lapack::with_workspace<Scratch, T>(call);
}

// --- LU -------------------------------------------------------------------------------------------------------------

// luFactor(lu, pivots, info, a): int32 pivots count from 1; info > 0 names a zero on the diagonal of U.
template <class T>
void lu_factor(Operand* operands, int count, Params&) {
  const Batch batch = check_lu_factor<T>(operands, count);
  const int least = batch.least();
  const MatrixInput<T> input(operands[3]);
  const Output<T> out(operands[0]);
  const Output<int32_t> pivots(operands[1]), info(operands[2]);
  for_each_matrix(batch, [&](int64_t i) {
    info.data()[i] = 0;
    if (least == 0) return;
    const Scratch<T> columns(batch.size());
    transpose(batch.rows, batch.columns, input.data() + i * batch.size(), columns.data());
    blas::getrf(&batch.rows, &batch.columns, columns.data(), &batch.rows, pivots.data() + i * least, info.data() + i);
    require_success(info.data()[i], "getrf");
    transpose(batch.columns, batch.rows, columns.data(), out.data() + i * batch.size());
  });
  out.finish();
  pivots.finish();
  info.finish();
}

void require_pivots(const int32_t* pivots, int64_t count, int rows) {
  for (int64_t i = 0; i < count; ++i)
    require(pivots[i] >= 1 && pivots[i] <= rows, ErrorKind::Index, pivot_text(pivots[i], rows));
}

// luSolve(x, lu, pivots, b; transposed): a x = b, or a^T x = b, where a has these factors.
template <class T>
void lu_solve(Operand* operands, int count, Params& params) {
  const bool transposed = params.boolean();
  const auto [batch, sides] = check_factored_system<T>(operands, count);
  const MatrixInput<T> factors(operands[1]), right(operands[3]);
  const Input<int32_t> pivots(operands[2]);
  require_pivots(pivots.data(), operands[2].numel, batch.rows);
  const Output<T> out(operands[0]);
  for_each_matrix(batch, [&](int64_t i) {
    if (sides.size() == 0) return;
    const Scratch<T> a(batch.size()), x(sides.size());
    transpose(batch.rows, batch.rows, factors.data() + i * batch.size(), a.data());
    transpose(sides.rows, sides.columns, right.data() + i * sides.size(), x.data());
    int info;
    blas::getrs(transposed ? "T" : "N", &batch.rows, &sides.columns, a.data(), &batch.rows,
                pivots.data() + i * batch.rows, x.data(), &batch.rows, &info);
    require_success(info, "getrs");
    transpose(sides.columns, sides.rows, x.data(), out.data() + i * sides.size());
  });
  out.finish();
}

// The determinant of P: each pivot that is not in place exchanges two rows.
int permutation_sign(const int32_t* pivots, int n) {
  int sign = 1;
  for (int i = 0; i < n; ++i)
    if (pivots[i] != i + 1) sign = -sign;
  return sign;
}

// f(diagonal element) for the matrix `index` of a batch
template <class T, class F>
void for_each_diagonal(const T* matrices, const Batch& batch, int64_t index, F&& f) {
  for (int64_t i = 0; i < batch.rows; ++i) f(matrices[index * batch.size() + i * (batch.columns + 1)]);
}

// luDet(det, lu, pivots)
template <class T>
void lu_det(Operand* operands, int count, Params&) {
  const Batch batch = check_lu_det<T>(operands, count);
  const Input<T> factors(operands[1]);
  const Input<int32_t> pivots(operands[2]);
  const Output<T> out(operands[0]);
  for (int64_t i = 0; i < batch.count; ++i) {
    T product(static_cast<real_t<T>>(permutation_sign(pivots.data() + i * batch.rows, batch.rows)));
    for_each_diagonal(factors.data(), batch, i, [&](T element) { product = product * element; });
    out.data()[i] = product;
  }
  out.finish();
}

// luSlogdet(sign, logabsdet, lu, pivots): a determinant of zero has sign 0 and logarithm -infinity.
template <class T>
void lu_slogdet(Operand* operands, int count, Params&) {
  using R = real_t<T>;
  const Batch batch = check_lu_slogdet<T>(operands, count);
  const Input<T> factors(operands[2]);
  const Input<int32_t> pivots(operands[3]);
  const Output<T> signs(operands[0]);
  const Output<R> logarithms(operands[1]);
  for (int64_t i = 0; i < batch.count; ++i) {
    T sign(static_cast<R>(permutation_sign(pivots.data() + i * batch.rows, batch.rows)));
    R sum = 0;
    for_each_diagonal(factors.data(), batch, i, [&](T element) {
      R size;
      if constexpr (is_complex<T>)
        size = std::hypot(element.re, element.im);
      else
        size = std::fabs(element);
      sign = size == 0 ? T(0) : sign * (element / T(size));
      sum += std::log(size);
    });
    signs.data()[i] = sign;
    logarithms.data()[i] = sum;
  }
  signs.finish();
  logarithms.finish();
}

// pivotMatrix(p, pivots): the permutation matrices P of a = P L U; p decides the dtype.
template <class T>
void pivot_matrix(Operand* operands, int count, Params&) {
  const auto [batch, pivot_count] = check_pivot_matrix(operands, count);
  const int n = batch.rows;
  const Input<int32_t> pivots(operands[1]);
  require_pivots(pivots.data(), operands[1].numel, n);
  for_each_type(LinalgTypes{}, [&]<class Result>() {
    if (operands[0].dtype != dtype_of<Result>) return;
    const Output<Result> out(operands[0]);
    std::vector<int> order(n);
    for (int64_t i = 0; i < batch.count; ++i) {
      for (int r = 0; r < n; ++r) order[r] = r;
      for (int r = 0; r < pivot_count; ++r) std::swap(order[r], order[pivots.data()[i * pivot_count + r] - 1]);
      Result* matrix = out.data() + i * batch.size();
      std::fill_n(matrix, batch.size(), Result(0));
      for (int r = 0; r < n; ++r) matrix[int64_t{order[r]} * n + r] = Result(1);
    }
    out.finish();
  });
}

// inverse(out, info, a): info > 0 where a is singular
template <class T>
void inverse(Operand* operands, int count, Params&) {
  const Batch batch = check_square_result<T>(operands, count, "inverses");
  const int n = batch.rows;
  const MatrixInput<T> input(operands[2]);
  const Output<T> out(operands[0]);
  const Output<int32_t> info(operands[1]);
  for_each_matrix(batch, [&](int64_t i) {
    info.data()[i] = 0;
    if (n == 0) return;
    T* matrix = out.data() + i * batch.size();
    std::copy_n(input.data() + i * batch.size(), batch.size(), matrix);
    const Scratch<int> pivots(n);
    blas::getrf(&n, &n, matrix, &n, pivots.data(), info.data() + i);
    require_success(info.data()[i], "getrf");
    if (info.data()[i] != 0) return;
    with_workspace<T>(
        [&](T* work, const int* lwork) { blas::getri(&n, matrix, &n, pivots.data(), work, lwork, info.data() + i); });
    require_success(info.data()[i], "getri");
  });
  out.finish();
  info.finish();
}

// --- Triangular matrices --------------------------------------------------------------------------------------------

// cholesky(out, info, a; upper): reads only that triangle. info > 0 where a is not positive definite.
template <class T>
void cholesky(Operand* operands, int count, Params& params) {
  const bool upper = params.boolean();
  const Batch batch = check_square_result<T>(operands, count, "factors");
  const int n = batch.rows;
  const MatrixInput<T> input(operands[2]);
  const Output<T> out(operands[0]);
  const Output<int32_t> info(operands[1]);
  for_each_matrix(batch, [&](int64_t i) {
    info.data()[i] = 0;
    if (n == 0) return;
    T* matrix = out.data() + i * batch.size();
    std::copy_n(input.data() + i * batch.size(), batch.size(), matrix);
    blas::potrf(upper ? "L" : "U", &n, matrix, &n, info.data() + i);
    require_success(info.data()[i], "potrf");
    for (int r = 0; r < n; ++r)
      std::fill(matrix + int64_t{r} * n + (upper ? 0 : r + 1), matrix + int64_t{r} * n + (upper ? r : n), T(0));
  });
  out.finish();
  info.finish();
}

// --- LDL ------------------------------------------------------------------------------------------------------------

// ldlFactor(ld, pivots, info, a; hermitian): reads only the lower triangle. info > 0 names a zero on the diagonal of D.
template <class T>
void ldl_factor(Operand* operands, int count, Params& params) {
  [[maybe_unused]] const bool hermitian = params.boolean();
  const Batch batch = check_ldl_factor<T>(operands, count);
  const int n = batch.rows;
  const MatrixInput<T> input(operands[3]);
  const Output<T> out(operands[0]);
  const Output<int32_t> pivots(operands[1]), info(operands[2]);
  for_each_matrix(batch, [&](int64_t i) {
    info.data()[i] = 0;
    if (n == 0) return;
    const Scratch<T> columns(batch.size());
    transpose(n, n, input.data() + i * batch.size(), columns.data());
    int* exchanged = pivots.data() + i * n;
    int* failed = info.data() + i;
    with_workspace<T>([&](T* work, const int* size) {
      if constexpr (is_complex<T>) {
        if (hermitian) return blas::hetrf("L", &n, columns.data(), &n, exchanged, work, size, failed);
      }
      blas::sytrf("L", &n, columns.data(), &n, exchanged, work, size, failed);
    });
    require_success(*failed, "sytrf");
    T* matrix = out.data() + i * batch.size();
    transpose(n, n, columns.data(), matrix);
    for (int r = 0; r < n; ++r) std::fill(matrix + int64_t{r} * n + r + 1, matrix + int64_t{r + 1} * n, T(0));
  });
  out.finish();
  pivots.finish();
  info.finish();
}

void require_ldl_pivots(const int32_t* pivots, int64_t count, int n) {
  for (int64_t begin = 0; n > 0 && begin + n <= count; begin += n) {
    const int bad = first_bad_ldl_pivot(pivots + begin, n);
    require(bad == n, ErrorKind::Value, ldl_pivot_text(pivots[begin + bad], bad, n));
  }
}

// ldlSolve(x, ld, pivots, b; hermitian): a x = b, where a has these factors.
template <class T>
void ldl_solve(Operand* operands, int count, Params& params) {
  [[maybe_unused]] const bool hermitian = params.boolean();
  const auto [batch, sides] = check_factored_system<T>(operands, count);
  const int n = batch.rows;
  const MatrixInput<T> factors(operands[1]), right(operands[3]);
  const Input<int32_t> pivots(operands[2]);
  require_ldl_pivots(pivots.data(), operands[2].numel, n);
  const Output<T> out(operands[0]);
  for_each_matrix(batch, [&](int64_t i) {
    if (sides.size() == 0) return;
    const Scratch<T> a(batch.size()), x(sides.size());
    transpose(n, n, factors.data() + i * batch.size(), a.data());
    transpose(sides.rows, sides.columns, right.data() + i * sides.size(), x.data());
    const int* exchanged = pivots.data() + i * n;
    int info = 0;
    const auto solve = [&] {
      if constexpr (is_complex<T>) {
        if (hermitian) return blas::hetrs("L", &n, &sides.columns, a.data(), &n, exchanged, x.data(), &n, &info);
      }
      blas::sytrs("L", &n, &sides.columns, a.data(), &n, exchanged, x.data(), &n, &info);
    };
    solve();
    require_success(info, "sytrs");
    transpose(sides.columns, sides.rows, x.data(), out.data() + i * sides.size());
  });
  out.finish();
}

// solveTriangular(x, a, b; upper, transposed, unitriangular): a x = b or a^T x = b
template <class T>
void solve_triangular(Operand* operands, int count, Params& params) {
  const bool upper = params.boolean(), transposed = params.boolean(), unitriangular = params.boolean();
  const auto [batch, sides] = check_triangular_system<T>(operands, count);
  // Substitution has no branches: numbers that are not finite only spread.
  const Input<T> matrices(operands[1]), right(operands[2]);
  const Output<T> out(operands[0]);
  if (sides.size() == 0) return;
  for_each_matrix(batch, [&](int64_t i) {
    T* x = out.data() + i * sides.size();
    std::copy_n(right.data() + i * sides.size(), sides.size(), x);
    const T one(1);
    blas::trsm("R", upper ? "L" : "U", transposed ? "T" : "N", unitriangular ? "U" : "N", &sides.columns, &batch.rows,
               &one, matrices.data() + i * batch.size(), &batch.rows, x, &sides.columns);
  });
  out.finish();
}

// --- QR -------------------------------------------------------------------------------------------------------------

template <class T>
void factor_qr(const Batch& batch, const T* from, T* columns, T* tau) {
  transpose(batch.rows, batch.columns, from, columns);
  int info = 0;
  with_workspace<T>([&](T* work, const int* lwork) {
    blas::geqrf(&batch.rows, &batch.columns, columns, &batch.rows, tau, work, lwork, &info);
  });
  require_success(info, "geqrf");
}

// geqrf(a', tau, a): Householder reflectors below the diagonal, R above.
template <class T>
void geqrf(Operand* operands, int count, Params&) {
  const Batch batch = check_geqrf<T>(operands, count);
  const int least = batch.least();
  const MatrixInput<T> input(operands[2]);
  const Output<T> out(operands[0]), tau(operands[1]);
  if (least == 0) return;
  for_each_matrix(batch, [&](int64_t i) {
    const Scratch<T> columns(batch.size());
    factor_qr(batch, input.data() + i * batch.size(), columns.data(), tau.data() + i * least);
    transpose(batch.columns, batch.rows, columns.data(), out.data() + i * batch.size());
  });
  out.finish();
  tau.finish();
}

// householderProduct(q, a, tau): the first columns of H1 H2 ... Hk, as many as q has (those of a, at least)
template <class T>
void householder_product(Operand* operands, int count, Params&) {
  const auto [batch, result, reflectors] = check_householder_product<T>(operands, count);
  const MatrixInput<T> input(operands[1]), tau(operands[2]);
  const Output<T> out(operands[0]);
  if (result.size() == 0) return;
  for_each_matrix(result, [&](int64_t i) {
    const Scratch<T> columns(std::max(batch.size(), result.size()));
    std::fill_n(columns.data(), result.size(), T(0));
    transpose(batch.rows, batch.columns, input.data() + i * batch.size(), columns.data());
    int info = 0;
    with_workspace<T>([&](T* work, const int* lwork) {
      blas::orgqr(&result.rows, &result.columns, &reflectors, columns.data(), &result.rows, tau.data() + i * reflectors,
                  work, lwork, &info);
    });
    require_success(info, "orgqr");
    transpose(result.columns, result.rows, columns.data(), out.data() + i * result.size());
  });
  out.finish();
}

// ormqr(out, a, tau, other; left, adjoint): Q other, other Q, or with Q^H
template <class T>
void ormqr(Operand* operands, int count, Params& params) {
  const bool left = params.boolean(), adjoint = params.boolean();
  const auto [batch, sides, reflectors] = check_ormqr<T>(operands, count, left);
  const MatrixInput<T> input(operands[1]), tau(operands[2]), right(operands[3]);
  const Output<T> out(operands[0]);
  for_each_matrix(sides, [&](int64_t i) {
    if (sides.size() == 0) return;
    const Scratch<T> columns(std::max<int64_t>(batch.size(), 1)), c(sides.size());
    transpose(batch.rows, batch.columns, input.data() + i * batch.size(), columns.data());
    transpose(sides.rows, sides.columns, right.data() + i * sides.size(), c.data());
    int info = 0;
    with_workspace<T>([&](T* work, const int* lwork) {
      blas::ormqr(left ? "L" : "R",
                  !adjoint        ? "N"
                  : is_complex<T> ? "C"
                                  : "T",
                  &sides.rows, &sides.columns, &reflectors, columns.data(), &batch.rows, tau.data() + i * reflectors,
                  c.data(), &sides.rows, work, lwork, &info);
    });
    require_success(info, "ormqr");
    transpose(sides.columns, sides.rows, c.data(), out.data() + i * sides.size());
  });
  out.finish();
}

// --- Eigenvalues ----------------------------------------------------------------------------------------------------

// eigh(values, vectors?, a; upper): of Hermitian matrices, of which it reads one triangle; values ascend.
template <class T>
void eigh(Operand* operands, int count, Params& params) {
  const bool upper = params.boolean();
  const Batch batch = check_eigen<T, real_t<T>, T>(operands, count);
  const int n = batch.rows;
  const MatrixInput<T> input(operands[2]);
  const Output<real_t<T>> values(operands[0]);
  const Output<T> vectors(operands[1], Presence::Optional);
  for_each_matrix(batch, [&](int64_t i) {
    if (n == 0) return;
    const Scratch<T> columns(batch.size());
    transpose(n, n, input.data() + i * batch.size(), columns.data());
    const int info =
        lapack::syevd<Scratch>(vectors.data() ? "V" : "N", upper ? "U" : "L", n, columns.data(), values.data() + i * n);
    require_result(info, "syevd", Algorithm::Eigh);
    if (vectors.data()) transpose(n, n, columns.data(), vectors.data() + i * batch.size());
  });
  values.finish();
  vectors.finish();
}

template <class T>
void write_eigenvectors(int n, const Complex<real_t<T>>* values, const T* columns, Complex<real_t<T>>* vectors) {
  if constexpr (is_complex<T>)
    return transpose(n, n, columns, vectors);
  else
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) vectors[i * n + j] = functors::eigenvector_element(values, columns, n, i, j);
}

// eig(values, vectors?, a): complex results
template <class T>
void eig(Operand* operands, int count, Params&) {
  using C = Complex<real_t<T>>;
  const Batch batch = check_eigen<T, C, C>(operands, count);
  const int n = batch.rows;
  const MatrixInput<T> input(operands[2]);
  const Output<C> values(operands[0]), vectors(operands[1], Presence::Optional);
  for_each_matrix(batch, [&](int64_t i) {
    if (n == 0) return;
    const Scratch<T> columns(batch.size());
    transpose(n, n, input.data() + i * batch.size(), columns.data());
    const Scratch<T> right(vectors.data() ? batch.size() : 0);
    C* to = values.data() + i * n;
    const int info = lapack::geev<Scratch>(n, columns.data(), to, vectors.data() ? right.data() : nullptr);
    require_result(info, "geev", Algorithm::Eig);
    if (vectors.data()) write_eigenvectors(n, to, right.data(), vectors.data() + i * batch.size());
  });
  values.finish();
  vectors.finish();
}

// --- Singular values ------------------------------------------------------------------------------------------------

// svd(u?, s, vh?, a): u and vh both or neither; square ones are the full bases.
template <class T>
void svd(Operand* operands, int count, Params&) {
  const SingularValues sizes = check_svd<T>(operands, count);
  const Batch& batch = sizes.batch;
  const int m = batch.rows, n = batch.columns, least = batch.least();
  const MatrixInput<T> input(operands[3]);
  const Output<T> u(operands[0], Presence::Optional), vh(operands[2], Presence::Optional);
  const Output<real_t<T>> s(operands[1]);
  const int u_columns = sizes.u_columns(), vh_rows = sizes.vh_rows();
  const char* job = !sizes.vectors ? "N" : sizes.full ? "A" : "S";
  if (least == 0) return;
  for_each_matrix(batch, [&](int64_t i) {
    const Scratch<T> copy(batch.size());
    std::copy_n(input.data() + i * batch.size(), batch.size(), copy.data());
    // a^T = vh^T s u^T: of the transpose that LAPACK sees, vh holds the left vectors and u the right ones.
    T* left = sizes.vectors ? vh.data() + i * vh_rows * n : nullptr;
    T* right = sizes.vectors ? u.data() + i * m * u_columns : nullptr;
    const int info = lapack::gesdd<Scratch>(job, n, m, copy.data(), s.data() + i * least, left, sizes.vectors ? n : 1,
                                            right, sizes.vectors ? u_columns : 1);
    require_result(info, "gesdd", Algorithm::Svd);
  });
  u.finish();
  s.finish();
  vh.finish();
}

// --- Least squares --------------------------------------------------------------------------------------------------

// LAPACK's gels, gelsy and gelsd.
template <class T>
int call_least_squares(LeastSquares driver, int m, int n, int sides, T* a, T* b, int ldb, real_t<T> rcond, int* rank,
                       real_t<T>* singular_values) {
  using R = real_t<T>;
  int info = 0;
  const int least = std::max(std::min(m, n), 1), most = std::max({m, n, 1});
  *rank = least;
  if (driver == LeastSquares::QR) {
    with_workspace<T>(
        [&](T* work, const int* lwork) { blas::gels("N", &m, &n, &sides, a, &m, b, &ldb, work, lwork, &info); });
    return info;
  }
  // gelsd: 3 levels + 11 integers for each singular value, and for complex numbers as much again squared; generous.
  const int levels = 1 + static_cast<int>(std::log2(least + 1));
  const Scratch<int> integers(driver == LeastSquares::SVD ? int64_t{3} * least * levels + 11 * least : n);
  std::fill_n(integers.data(), driver == LeastSquares::SVD ? 0 : n, 0);
  constexpr int kLeaf = 64;
  const int64_t side_count = sides;
  const int64_t reals = driver == LeastSquares::SVD
                            ? int64_t{10} * most + 2 * int64_t{most} * kLeaf + 8 * int64_t{most} * levels +
                                  3 * kLeaf * side_count +
                                  std::max<int64_t>((kLeaf + 1) * (kLeaf + 1), most * (1 + side_count) + 2 * side_count)
                            : 2 * int64_t{n};
  [[maybe_unused]] const Scratch<R> rwork(is_complex<T> ? reals : 0);
  with_workspace<T>([&](T* work, const int* lwork) {
    const bool pivoted = driver == LeastSquares::PivotedQR;
    if constexpr (std::is_same_v<T, float>)
      pivoted ? blas::sgelsy_(&m, &n, &sides, a, &m, b, &ldb, integers.data(), &rcond, rank, work, lwork, &info)
              : blas::sgelsd_(&m, &n, &sides, a, &m, b, &ldb, singular_values, &rcond, rank, work, lwork,
                              integers.data(), &info);
    else if constexpr (std::is_same_v<T, double>)
      pivoted ? blas::dgelsy_(&m, &n, &sides, a, &m, b, &ldb, integers.data(), &rcond, rank, work, lwork, &info)
              : blas::dgelsd_(&m, &n, &sides, a, &m, b, &ldb, singular_values, &rcond, rank, work, lwork,
                              integers.data(), &info);
    else if constexpr (std::is_same_v<T, Complex<float>>)
      pivoted ? blas::cgelsy_(&m, &n, &sides, a, &m, b, &ldb, integers.data(), &rcond, rank, work, lwork, rwork.data(),
                              &info)
              : blas::cgelsd_(&m, &n, &sides, a, &m, b, &ldb, singular_values, &rcond, rank, work, lwork, rwork.data(),
                              integers.data(), &info);
    else
      pivoted ? blas::zgelsy_(&m, &n, &sides, a, &m, b, &ldb, integers.data(), &rcond, rank, work, lwork, rwork.data(),
                              &info)
              : blas::zgelsd_(&m, &n, &sides, a, &m, b, &ldb, singular_values, &rcond, rank, work, lwork, rwork.data(),
                              integers.data(), &info);
  });
  return info;
}

// lstsq(x, rank, singularValues, a, b; rcond, driver): driver 0 gels, 1 gelsy, 2 gelsd. The x that minimizes |a x - b|;
// x has max(rows, columns) rows, of which the first `columns` are the solution.
template <class T>
void lstsq(Operand* operands, int count, Params& params) {
  const auto rcond = static_cast<real_t<T>>(params.number());
  const LeastSquares driver = least_squares_driver(params.integer());
  const auto [batch, sides] = check_lstsq<T>(operands, count);
  const int m = batch.rows, n = batch.columns, least = batch.least(), most = std::max(m, n);
  const MatrixInput<T> input(operands[3]), right(operands[4]);
  const Output<T> out(operands[0]);
  const Output<int64_t> ranks(operands[1]);
  const Output<real_t<T>> singular_values(operands[2]);
  const int64_t out_size = int64_t{most} * sides.columns;
  for_each_matrix(batch, [&](int64_t i) {
    ranks.data()[i] = 0;
    T* x = out.data() + i * out_size;
    std::fill_n(x, out_size, T(0));
    std::fill_n(singular_values.data() + i * least, least, real_t<T>(0));
    if (least == 0 || sides.columns == 0) return;
    const Scratch<T> columns(batch.size()), solution(out_size);
    transpose(m, n, input.data() + i * batch.size(), columns.data());
    for (int r = 0; r < most; ++r)
      for (int c = 0; c < sides.columns; ++c)
        solution.data()[int64_t{c} * most + r] =
            r < m ? right.data()[i * sides.size() + int64_t{r} * sides.columns + c] : T(0);
    int rank = 0;
    const int info = call_least_squares(driver, m, n, sides.columns, columns.data(), solution.data(), most, rcond,
                                        &rank, singular_values.data() + i * least);
    require_result(info, "least squares", Algorithm::LeastSquares);
    ranks.data()[i] = rank;
    transpose(sides.columns, most, solution.data(), x);
  });
  out.finish();
  ranks.finish();
  singular_values.finish();
}

}  // namespace

void register_linalg() {
  const auto add = [](const char* name, int outputs, auto get) { register_for<LinalgTypes>(name, outputs, get); };
  add("luFactor", 3, []<class T>() -> Kernel { return lu_factor<T>; });
  add("luSolve", 1, []<class T>() -> Kernel { return lu_solve<T>; });
  add("luDet", 1, []<class T>() -> Kernel { return lu_det<T>; });
  add("luSlogdet", 2, []<class T>() -> Kernel { return lu_slogdet<T>; });
  register_for<TypeList<int32_t>>("pivotMatrix", 1, []<class T>() -> Kernel { return pivot_matrix<T>; });
  add("inverse", 2, []<class T>() -> Kernel { return inverse<T>; });
  add("cholesky", 2, []<class T>() -> Kernel { return cholesky<T>; });
  add("ldlFactor", 3, []<class T>() -> Kernel { return ldl_factor<T>; });
  add("ldlSolve", 1, []<class T>() -> Kernel { return ldl_solve<T>; });
  add("solveTriangular", 1, []<class T>() -> Kernel { return solve_triangular<T>; });
  add("geqrf", 2, []<class T>() -> Kernel { return geqrf<T>; });
  add("householderProduct", 1, []<class T>() -> Kernel { return householder_product<T>; });
  add("ormqr", 1, []<class T>() -> Kernel { return ormqr<T>; });
  add("eigh", 2, []<class T>() -> Kernel { return eigh<T>; });
  add("eig", 2, []<class T>() -> Kernel { return eig<T>; });
  add("svd", 3, []<class T>() -> Kernel { return svd<T>; });
  add("lstsq", 3, []<class T>() -> Kernel { return lstsq<T>; });
}

}  // namespace tt
