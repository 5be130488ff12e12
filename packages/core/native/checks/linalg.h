// Factorizations and solvers, before the arithmetic: what the operands must be, and what goes wrong with their values.
// Matrices are the last two dimensions.
#pragma once
#include <algorithm>
#include <initializer_list>

#include "../runtime/operand.h"

namespace tt::linalg {

using LinalgTypes = TypeList<double, float, Complex<float>, Complex<double>>;

// --- Batches of matrices ---------------------------------------------------------------------------------------------

inline int to_int(int64_t size) {
  require(size <= INT32_MAX, ErrorKind::Shape, "sizes are limited to 2^31, got ", size);
  return static_cast<int>(size);
}

struct Batch {
  int64_t count;
  int rows, columns;
  int64_t size() const { return int64_t{rows} * columns; }
  int least() const { return std::min(rows, columns); }
  bool empty() const { return count == 0 || size() == 0; }
};

inline Batch batch_of(const Operand& operand) {
  require(operand.ndim >= 2, ErrorKind::Shape, "expected matrices, got ", operand.shape());
  Batch batch{1, to_int(operand.sizes[operand.ndim - 2]), to_int(operand.sizes[operand.ndim - 1])};
  for (int d = 0; d < operand.ndim - 2; ++d) batch.count *= operand.sizes[d];
  return batch;
}

inline Batch square_batch_of(const Operand& operand) {
  const Batch batch = batch_of(operand);
  require(batch.rows == batch.columns, ErrorKind::Shape, "expected square matrices, got ", operand.shape());
  return batch;
}

// `operand` holds for each matrix of the batch `trailing` elements.
inline void require_shape(const Operand& operand, const Operand& matrices, std::initializer_list<int64_t> trailing,
                          const char* what) {
  if (!operand.present) return;
  const int leading = matrices.ndim - 2;
  const bool fits = operand.ndim == leading + static_cast<int>(trailing.size()) &&
                    std::equal(matrices.sizes, matrices.sizes + leading, operand.sizes) &&
                    std::equal(trailing.begin(), trailing.end(), operand.sizes + leading);
  require(fits, ErrorKind::Shape, what, " of ", operand.shape(), " do not fit matrices of ", matrices.shape());
}

template <class T>
void require_dtype(const Operand& operand) {
  require(!operand.present || operand.dtype == dtype_of<T>, ErrorKind::DType, "expected an operand of ",
          dtype_name(dtype_of<T>), ", got ", dtype_name(operand.dtype));
}

inline void require_count(int count, int expected) {
  require(count == expected, ErrorKind::Internal, "expected ", expected, " operands");
}

// --- Values ----------------------------------------------------------------------------------------------------------

constexpr const char* kNotFinite = "the input matrix contains non-finite values";

// Algorithms that may end without a result; the code is what LAPACK calls info.
enum class Algorithm : int { Eigh, Eig, Svd, LeastSquares };

inline std::string failure_text(Algorithm algorithm, int64_t code) {
  constexpr const char* reasons[] = {
      "to converge: the input is ill-conditioned or has too many repeated eigenvalues", "to converge",
      "to converge: the input is ill-conditioned or has too many repeated singular values", nullptr};
  const char* reason = reasons[static_cast<int>(algorithm)];
  const std::string text = reason ? std::string("the algorithm failed ") + reason
                                  : "the algorithm failed: the input is rank-deficient or ill-conditioned";
  return text + " (error code " + std::to_string(code) + ")";
}

inline std::string pivot_text(int64_t pivot, int64_t rows) {
  return "pivot " + std::to_string(pivot) + " is not in [1, " + std::to_string(rows) + "]";
}

inline std::string ldl_pivot_text(int64_t pivot, int64_t place, int64_t rows) {
  return "pivot " + std::to_string(pivot) + " at " + std::to_string(place) + " is none of a factorization of " +
         std::to_string(rows) + " rows";
}

// The first of n pivots of an LDL factorization that cannot be one, or n. A positive pivot exchanges one row; a block
// of two rows has twice a negative one.
TT_HD int first_bad_ldl_pivot(const int32_t* pivots, int n) {
  for (int k = 0; k < n; ++k) {
    const int32_t pivot = pivots[k];
    if (pivot == 0 || pivot < -n || pivot > n) return k;
    if (pivot > 0) continue;
    if (k + 1 == n || pivots[k + 1] >= 0 || pivots[k + 1] < -n) return k;
    ++k;
  }
  return n;
}

// --- Triangular factorizations ---------------------------------------------------------------------------------------

// luFactor(lu, pivots, info, a)
template <class T>
Batch check_lu_factor(const Operand* operands, int count) {
  require_count(count, 4);
  const Operand& a = operands[3];
  const Batch batch = batch_of(a);
  require_dtype<T>(a);
  require_dtype<T>(operands[0]);
  require_shape(operands[0], a, {batch.rows, batch.columns}, "factors");
  require_shape(operands[1], a, {batch.least()}, "pivots");
  require_shape(operands[2], a, {}, "info");
  require_dtype<int32_t>(operands[1]);
  require_dtype<int32_t>(operands[2]);
  return batch;
}

// Square matrices, and sides that have as many rows.
struct System {
  Batch batch, sides;
};

template <class T>
System check_system(const Operand& out, const Operand& a, const Operand& b) {
  const Batch batch = square_batch_of(a), sides = batch_of(b);
  for (const Operand* operand : {&out, &a, &b}) require_dtype<T>(*operand);
  require_shape(b, a, {batch.rows, sides.columns}, "right-hand sides");
  require_shape(out, a, {batch.rows, sides.columns}, "solutions");
  return {batch, sides};
}

// luSolve(x, lu, pivots, b), ldlSolve(x, ld, pivots, b)
template <class T>
System check_factored_system(const Operand* operands, int count) {
  require_count(count, 4);
  const System system = check_system<T>(operands[0], operands[1], operands[3]);
  require_dtype<int32_t>(operands[2]);
  require_shape(operands[2], operands[1], {system.batch.rows}, "pivots");
  return system;
}

// solveTriangular(x, a, b)
template <class T>
System check_triangular_system(const Operand* operands, int count) {
  require_count(count, 3);
  return check_system<T>(operands[0], operands[1], operands[2]);
}

template <class T>
Batch check_square_factors(const Operand& lu, const Operand& pivots) {
  const Batch batch = square_batch_of(lu);
  require_dtype<T>(lu);
  require_dtype<int32_t>(pivots);
  require_shape(pivots, lu, {batch.rows}, "pivots");
  return batch;
}

// luDet(det, lu, pivots)
template <class T>
Batch check_lu_det(const Operand* operands, int count) {
  require_count(count, 3);
  require_dtype<T>(operands[0]);
  require_shape(operands[0], operands[1], {}, "determinants");
  return check_square_factors<T>(operands[1], operands[2]);
}

// luSlogdet(sign, logabsdet, lu, pivots)
template <class T>
Batch check_lu_slogdet(const Operand* operands, int count) {
  require_count(count, 4);
  require_dtype<T>(operands[0]);
  require_dtype<real_t<T>>(operands[1]);
  require_shape(operands[0], operands[2], {}, "signs");
  require_shape(operands[1], operands[2], {}, "logarithms");
  return check_square_factors<T>(operands[2], operands[3]);
}

struct Permutations {
  Batch batch;
  int pivots;  // of each matrix
};

// pivotMatrix(p, pivots)
inline Permutations check_pivot_matrix(const Operand* operands, int count) {
  require_count(count, 2);
  const Batch batch = square_batch_of(operands[0]);
  const Operand& pivots = operands[1];
  require_dtype<int32_t>(pivots);
  require(pivots.ndim >= 1, ErrorKind::Shape, "expected vectors of pivots");
  const int pivot_count = to_int(pivots.sizes[pivots.ndim - 1]);
  require_shape(pivots, operands[0], {pivot_count}, "pivots");
  require(pivot_count <= batch.rows, ErrorKind::Shape, "expected at most ", batch.rows, " pivots, got ", pivot_count);
  return {batch, pivot_count};
}

// inverse(out, info, a), cholesky(out, info, a)
template <class T>
Batch check_square_result(const Operand* operands, int count, const char* what) {
  require_count(count, 3);
  const Operand& a = operands[2];
  const Batch batch = square_batch_of(a);
  require_dtype<T>(a);
  require_dtype<T>(operands[0]);
  require_dtype<int32_t>(operands[1]);
  require_shape(operands[0], a, {batch.rows, batch.rows}, what);
  require_shape(operands[1], a, {}, "info");
  return batch;
}

// ldlFactor(ld, pivots, info, a)
template <class T>
Batch check_ldl_factor(const Operand* operands, int count) {
  require_count(count, 4);
  square_batch_of(operands[3]);
  return check_lu_factor<T>(operands, count);
}

// --- Reflectors ------------------------------------------------------------------------------------------------------

// geqrf(a', tau, a)
template <class T>
Batch check_geqrf(const Operand* operands, int count) {
  require_count(count, 3);
  const Operand& a = operands[2];
  const Batch batch = batch_of(a);
  for (int k = 0; k < 3; ++k) require_dtype<T>(operands[k]);
  require_shape(operands[0], a, {batch.rows, batch.columns}, "factors");
  require_shape(operands[1], a, {batch.least()}, "coefficients");
  return batch;
}

struct Reflectors {
  Batch batch, result;
  int count;  // of each matrix
};

template <class T>
int check_coefficients(const Operand& a, const Operand& tau) {
  require(tau.ndim == a.ndim - 1 && tau.ndim >= 1, ErrorKind::Shape, "coefficients of ", tau.shape(),
          " do not fit matrices of ", a.shape());
  const int count = to_int(tau.sizes[tau.ndim - 1]);
  require_shape(tau, a, {count}, "coefficients");
  require_dtype<T>(a);
  require_dtype<T>(tau);
  return count;
}

// householderProduct(q, a, tau)
template <class T>
Reflectors check_householder_product(const Operand* operands, int count) {
  require_count(count, 3);
  const Operand& a = operands[1];
  const Batch batch = batch_of(a), result = batch_of(operands[0]);
  const int reflectors = check_coefficients<T>(a, operands[2]);
  require_dtype<T>(operands[0]);
  require_shape(operands[0], a, {batch.rows, result.columns}, "products");
  require(reflectors <= batch.columns && reflectors <= result.columns && result.columns <= batch.rows, ErrorKind::Shape,
          "expected reflectors <= columns <= rows, got ", reflectors, " and ", a.shape());
  return {batch, result, reflectors};
}

// ormqr(out, a, tau, other); `left`: the reflectors stand on the left of `other`.
template <class T>
Reflectors check_ormqr(const Operand* operands, int count, bool left) {
  require_count(count, 4);
  const Operand &a = operands[1], &other = operands[3];
  const Batch batch = batch_of(a), sides = batch_of(other);
  const int order = left ? sides.rows : sides.columns;
  const int reflectors = check_coefficients<T>(a, operands[2]);
  require_dtype<T>(operands[0]);
  require_dtype<T>(other);
  require_shape(other, a, {sides.rows, sides.columns}, "right-hand sides");
  require_shape(operands[0], a, {sides.rows, sides.columns}, "products");
  require(batch.rows == order && reflectors <= batch.columns && reflectors <= order, ErrorKind::Shape, "reflectors of ",
          a.shape(), " do not fit ", other.shape());
  return {batch, sides, reflectors};
}

// --- Eigenvalues and singular values ---------------------------------------------------------------------------------

// eigh(values, vectors?, a), eig(values, vectors?, a)
template <class T, class Value, class Vector>
Batch check_eigen(const Operand* operands, int count) {
  require_count(count, 3);
  const Operand& a = operands[2];
  const Batch batch = square_batch_of(a);
  require_dtype<T>(a);
  require_dtype<Value>(operands[0]);
  require_dtype<Vector>(operands[1]);
  require_shape(operands[0], a, {batch.rows}, "eigenvalues");
  require_shape(operands[1], a, {batch.rows, batch.rows}, "eigenvectors");
  return batch;
}

struct SingularValues {
  Batch batch;
  bool vectors, full;  // full: whole bases, more vectors than there are singular values
  int u_columns() const { return full ? batch.rows : batch.least(); }
  int vh_rows() const { return full ? batch.columns : batch.least(); }
};

// svd(u?, s, vh?, a)
template <class T>
SingularValues check_svd(const Operand* operands, int count) {
  require_count(count, 4);
  const Operand &u = operands[0], &vh = operands[2], &a = operands[3];
  const Batch batch = batch_of(a);
  const bool vectors = u.present && vh.present;
  const bool full = vectors && (batch_of(u).columns > batch.least() || batch_of(vh).rows > batch.least());
  const SingularValues sizes{batch, vectors, full};
  for (const Operand* operand : {&u, &vh, &a}) require_dtype<T>(*operand);
  require_dtype<real_t<T>>(operands[1]);
  require_shape(operands[1], a, {batch.least()}, "singular values");
  if (vectors) {
    require_shape(u, a, {batch.rows, sizes.u_columns()}, "left singular vectors");
    require_shape(vh, a, {sizes.vh_rows(), batch.columns}, "right singular vectors");
  }
  return sizes;
}

// --- Least squares ---------------------------------------------------------------------------------------------------

// In the order of the drivers' numbers: LAPACK's gels, gelsy and gelsd.
enum class LeastSquares { QR, PivotedQR, SVD };

inline LeastSquares least_squares_driver(int64_t number) {
  require(number >= 0 && number <= 2, ErrorKind::Value, "no driver has the number ", number);
  return static_cast<LeastSquares>(number);
}

// lstsq(x, rank, singularValues, a, b): x has max(rows, columns) rows.
template <class T>
System check_lstsq(const Operand* operands, int count) {
  require_count(count, 5);
  const Operand &a = operands[3], &b = operands[4];
  const Batch batch = batch_of(a), sides = batch_of(b);
  for (const Operand* operand : {&operands[0], &a, &b}) require_dtype<T>(*operand);
  require_dtype<int64_t>(operands[1]);
  require_dtype<real_t<T>>(operands[2]);
  require_shape(b, a, {batch.rows, sides.columns}, "right-hand sides");
  require_shape(operands[0], a, {std::max(batch.rows, batch.columns), sides.columns}, "solutions");
  require_shape(operands[1], a, {}, "ranks");
  require_shape(operands[2], a, {batch.least()}, "singular values");
  return {batch, sides};
}

}  // namespace tt::linalg
