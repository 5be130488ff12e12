// Factorizations and solvers, by cuSOLVER and cuBLAS, for each matrix of a batch. Matrices are the last two dimensions.
//
// The libraries read memory by columns, so that they see the transpose of a row-major matrix. Where the transposed
// problem is as good (Cholesky, inverse, triangular systems, singular values of wide matrices), they get the elements
// in the order in which they lie; else by columns. What only the device knows (numbers that are not finite, pivots that
// name no row) is reported by kernels, as in all ops; only eigh, eig and svd wait for that, since they may not end.
#include "../checks/linalg.h"

#include "../checks/matmul.h"
#include "../functors/linalg.h"
#include "block.h"
#include "contiguous.h"
#include "elements.h"
#include "ldl.h"
#include "solver.h"

namespace tt::cuda {
namespace {

using namespace linalg;

void clear(void* memory, int64_t bytes) {
  if (bytes > 0) check(cudaMemsetAsync(memory, 0, static_cast<size_t>(bytes), current_stream()), "clearing memory");
}

// --- Matrices in memory of our own -----------------------------------------------------------------------------------

enum class Order { Rows, Columns };

// A batch of matrices that the libraries may overwrite, by rows or by columns, without gaps. Not initialised.
template <class T>
class Matrices {
 public:
  // As many and as large as the operand's; none where that is left out.
  Matrices(const Operand& like, Order order)
      : order_(order),
        memory_(static_cast<size_t>(like.numel) * sizeof(T)),
        layout_(as_row_major_at(ordered(like), memory_.as<void>())) {}

  T* data() const { return memory_.as<T>(); }
  int64_t count() const { return layout_.numel; }

  // The operand's matrices may be smaller: they become the upper left parts. Its dtype is T.
  void read(const Operand& from) const {
    const Operand part = ordered(from);
    Operand corner = layout_;
    std::copy_n(part.sizes, part.ndim, corner.sizes);
    corner.numel = part.numel;
    if (part.numel > 0) copy_elements(corner, part);
  }
  void write(const Operand& to) const {
    if (to.present && to.numel > 0) copy_elements(ordered(to), layout_);
  }

 private:
  Operand ordered(const Operand& operand) const {
    return operand.present && order_ == Order::Columns ? transposed(operand) : operand;
  }

  Order order_;
  Workspace memory_;
  Operand layout_;
};

template <class R>
__global__ void report_not_finite(int64_t count, const R* numbers, Reporter reporter) {
  for (int64_t i = first_element(); i < count; i += grid_stride())
    if (!(numbers[i] * R(0) == R(0))) reporter.report(KernelError::NotFinite);
}

template <class T>
void require_finite(const T* data, int64_t count) {
  using R = real_t<T>;
  const int64_t parts = count * (is_complex<T> ? 2 : 1);
  TT_RUN_ELEMENTS(parts, report_not_finite<R>, parts, reinterpret_cast<const R*>(data), reporter());
}

// Copies of an operand's matrices, which have to be finite.
template <class T>
class MatrixInput : public Matrices<T> {
 public:
  MatrixInput(const Operand& operand, Order order) : Matrices<T>((require_present(operand), operand), order) {
    this->read(operand);
    require_finite(this->data(), operand.numel);
  }
};

// Of factors that are read only, as they lie.
template <class T>
const T* require_finite(const PackedInput& input, const Operand& operand) {
  require_present(operand);
  require_finite(input.as<T>(), operand.numel);
  return input.as<T>();
}

// --- Codes -----------------------------------------------------------------------------------------------------------

// Where routines say how they ended: 0, until they do.
class Info : public PackedOutput {
 public:
  explicit Info(const Operand& operand) : PackedOutput((require_present(operand), operand)) {
    clear(data(), operand.numel * static_cast<int64_t>(sizeof(int)));
  }
  int* data() const { return as<int>(); }
};

__global__ void report_no_result(int64_t count, const int* info, Algorithm algorithm, Reporter reporter) {
  for (int64_t i = first_element(); i < count; i += grid_stride())
    if (info[i] != 0) reporter.report(KernelError::NoResult, static_cast<int>(algorithm), info[i]);
}

// Runs call(info) for finite numbers only, since it may not end for others, and throws where it did not converge.
template <class Call>
void require_result(int64_t count, Algorithm algorithm, const Call& call) {
  throw_reported_so_far();
  const ZeroedWorkspace info(static_cast<size_t>(count) * sizeof(int));
  call(info.as<int>());
  TT_RUN_ELEMENTS(count, report_no_result, count, info.as<int>(), algorithm, reporter());
  throw_reported_so_far();
}

// --- LU --------------------------------------------------------------------------------------------------------------

// luFactor(lu, pivots, info, a): int32 pivots count from 1; info > 0 names a zero on the diagonal of U.
template <class T>
void lu_factor(Operand* operands, int count, Params&) {
  const Batch batch = check_lu_factor<T>(operands, count);
  const MatrixInput<T> a(operands[3], Order::Columns);
  require_present(operands[1]);
  const PackedOutput pivots(operands[1]);
  const Info info(operands[2]);
  if (!batch.empty()) solver::getrf(batch, a.data(), pivots.as<int32_t>(), info.data());
  a.write(operands[0]);
  pivots.finish();
  info.finish();
}

__global__ void copy_checked_pivots(int64_t count, int rows, const int32_t* from, int32_t* to, Reporter reporter) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) {
    const int32_t pivot = from[i];
    const bool fits = pivot >= 1 && pivot <= rows;
    if (!fits) reporter.report(KernelError::PivotOutOfRange, pivot, rows);
    to[i] = fits ? pivot : 1;
  }
}

// What it writes names rows: routines exchange them without looking. The two may be one.
void check_pivots(int64_t count, int rows, const int32_t* from, int32_t* to) {
  TT_RUN_ELEMENTS(count, copy_checked_pivots, count, rows, from, to, reporter());
}

class CheckedPivots : public Workspace {
 public:
  CheckedPivots(const Operand& operand, int rows) : Workspace(static_cast<size_t>(operand.numel) * sizeof(int32_t)) {
    require_present(operand);
    check_pivots(operand.numel, rows, PackedInput(operand).as<int32_t>(), data());
  }
  int32_t* data() const { return as<int32_t>(); }
};

// luSolve(x, lu, pivots, b; transposed): a x = b, or a^T x = b, where a has these factors.
template <class T>
void lu_solve(Operand* operands, int count, Params& params) {
  const bool transposed = params.boolean();
  const auto [batch, sides] = check_factored_system<T>(operands, count);
  const MatrixInput<T> factors(operands[1], Order::Columns), x(operands[3], Order::Columns);
  const CheckedPivots pivots(operands[2], batch.rows);
  if (!sides.empty())
    solver::getrs(batch, sides, transposed ? kTransposed : kNormal, factors.data(), pivots.data(), x.data());
  x.write(operands[0]);
}

struct Multiply {
  template <class T>
  TT_D T operator()(T a, T b) const {
    return a * b;
  }
};

// Each pivot that is not in place exchanges two rows, which changes the sign.
template <class T>
TT_D T signed_by(int32_t pivot, int row, T value) {
  return pivot == row + 1 ? value : -value;
}

template <class T>
__global__ void multiply_diagonals(int64_t count, int n, const T* lu, const int32_t* pivots, T* out) {
  for (int64_t i = blockIdx.x; i < count; i += gridDim.x) {
    T product(1);
    for (int r = static_cast<int>(threadIdx.x); r < n; r += static_cast<int>(blockDim.x))
      product = product * signed_by(pivots[i * n + r], r, lu[(i * n + r) * n + r]);
    product = block_reduce(product, Multiply{});
    if (threadIdx.x == 0) out[i] = product;
  }
}

// Blocks, and their threads, that each work on a matrix of n rows.
unsigned blocks_for_matrices(int64_t count, int n) {
  return static_cast<unsigned>(std::clamp<int64_t>(count, 1, 4 * resident_blocks(threads_for(n))));
}

// luDet(det, lu, pivots)
template <class T>
void lu_det(Operand* operands, int count, Params&) {
  const Batch batch = check_lu_det<T>(operands, count);
  for (int k = 0; k < count; ++k) require_present(operands[k]);
  const PackedInput lu(operands[1]), pivots(operands[2]);
  const PackedOutput out(operands[0]);
  if (batch.count > 0)
    TT_RUN_BLOCKS(blocks_for_matrices(batch.count, batch.rows), threads_for(batch.rows), 0, multiply_diagonals<T>,
                  batch.count, batch.rows, lu.as<T>(), pivots.as<int32_t>(), out.as<T>());
  out.finish();
}

template <class T>
TT_D real_t<T> modulus(T x) {
  if constexpr (is_complex<T>)
    return math::hypot(x.re, x.im);
  else
    return math::fabs(x);
}

template <class T>
__global__ void add_logarithms(int64_t count, int n, const T* lu, const int32_t* pivots, T* signs,
                               real_t<T>* logarithms) {
  using R = real_t<T>;
  for (int64_t i = blockIdx.x; i < count; i += gridDim.x) {
    T sign(1);
    R sum(0);
    for (int r = static_cast<int>(threadIdx.x); r < n; r += static_cast<int>(blockDim.x)) {
      const T element = lu[(i * n + r) * n + r];
      const R size = modulus(element);
      sign = size == R(0) ? T(0) : sign * signed_by(pivots[i * n + r], r, element / T(size));
      sum += math::log(size);
    }
    sign = block_reduce(sign, Multiply{});
    sum = block_reduce(sum, Add{});
    if (threadIdx.x != 0) continue;
    signs[i] = sign;
    logarithms[i] = sum;
  }
}

// luSlogdet(sign, logabsdet, lu, pivots): a determinant of zero has sign 0 and logarithm -infinity.
template <class T>
void lu_slogdet(Operand* operands, int count, Params&) {
  const Batch batch = check_lu_slogdet<T>(operands, count);
  for (int k = 0; k < count; ++k) require_present(operands[k]);
  const PackedInput lu(operands[2]), pivots(operands[3]);
  const PackedOutput signs(operands[0]), logarithms(operands[1]);
  if (batch.count > 0)
    TT_RUN_BLOCKS(blocks_for_matrices(batch.count, batch.rows), threads_for(batch.rows), 0, add_logarithms<T>,
                  batch.count, batch.rows, lu.as<T>(), pivots.as<int32_t>(), signs.as<T>(), logarithms.as<real_t<T>>());
  signs.finish();
  logarithms.finish();
}

// rows[c]: the row of P that has its one in column c
__global__ void exchange_rows(int64_t count, int pivot_count, int n, const int32_t* pivots, int32_t* rows) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) {
    int32_t* order = rows + i * n;
    for (int r = 0; r < n; ++r) order[r] = r;
    for (int r = 0; r < pivot_count; ++r) {
      const int32_t other = pivots[i * pivot_count + r] - 1, kept = order[r];
      order[r] = order[other];
      order[other] = kept;
    }
  }
}

template <class T>
__global__ void write_permutations(int64_t elements, int n, const int32_t* rows, T* out) {
  for (int64_t i = first_element(); i < elements; i += grid_stride()) {
    const int64_t column = i % n, row = i / n % n, matrix = i / n / n;
    out[i] = T(rows[matrix * n + column] == row ? 1 : 0);
  }
}

// pivotMatrix(p, pivots): the permutation matrices P of a = P L U; p decides the dtype.
void pivot_matrix(Operand* operands, int count, Params&) {
  const auto [batch, pivot_count] = check_pivot_matrix(operands, count);
  const int n = batch.rows;
  require_present(operands[0]);
  const CheckedPivots pivots(operands[1], n);
  const PackedOutput out(operands[0]);
  if (batch.empty()) return;
  const Workspace rows(static_cast<size_t>(batch.count * n) * sizeof(int32_t));
  TT_RUN_ELEMENTS(batch.count, exchange_rows, batch.count, pivot_count, n, pivots.data(), rows.as<int32_t>());
  for_each_type(LinalgTypes{}, [&]<class Result>() {
    if (operands[0].dtype == dtype_of<Result>)
      TT_RUN_ELEMENTS(operands[0].numel, write_permutations<Result>, operands[0].numel, n, rows.as<int32_t>(),
                      out.as<Result>());
  });
  out.finish();
}

// Of matrices of `rows` elements in each column.
template <class T>
__global__ void write_identities(int64_t elements, int rows, int columns, T* out) {
  for (int64_t i = first_element(); i < elements; i += grid_stride())
    out[i] = T(i % rows == i / rows % columns ? 1 : 0);
}

// inverse(out, info, a): info > 0 where a is singular
template <class T>
void inverse(Operand* operands, int count, Params&) {
  const Batch batch = check_square_result<T>(operands, count, "inverses");
  const MatrixInput<T> a(operands[2], Order::Rows);
  require_present(operands[0]);
  const PackedOutput out(operands[0]);
  const Info info(operands[1]);
  const Workspace pivots(static_cast<size_t>(batch.count * batch.rows) * sizeof(int32_t));
  if (!batch.empty()) {
    TT_RUN_ELEMENTS(a.count(), write_identities<T>, a.count(), batch.rows, batch.rows, out.as<T>());
    solver::getrf(batch, a.data(), pivots.as<int32_t>(), info.data());
    // Of numbers that are not finite, they may be anything.
    check_pivots(batch.count * batch.rows, batch.rows, pivots.as<int32_t>(), pivots.as<int32_t>());
    solver::getrs(batch, batch, kNormal, a.data(), pivots.as<int32_t>(), out.as<T>());
  }
  out.finish();
  info.finish();
}

// --- Triangular matrices ---------------------------------------------------------------------------------------------

// Row-major matrices of n rows and columns.
template <class T>
__global__ void clear_triangle(int64_t elements, int n, bool upper, T* matrices) {
  for (int64_t i = first_element(); i < elements; i += grid_stride()) {
    const int64_t column = i % n, row = i / n % n;
    if (upper ? column > row : column < row) matrices[i] = T(0);
  }
}

// cholesky(out, info, a; upper): reads only that triangle. info > 0 where a is not positive definite.
template <class T>
void cholesky(Operand* operands, int count, Params& params) {
  const bool upper = params.boolean();
  const Batch batch = check_square_result<T>(operands, count, "factors");
  const MatrixInput<T> a(operands[2], Order::Rows);
  const Info info(operands[1]);
  if (!batch.empty()) solver::potrf(batch, upper ? kLower : kUpper, a.data(), info.data());
  TT_RUN_ELEMENTS(a.count(), clear_triangle<T>, a.count(), batch.rows, !upper, a.data());
  a.write(operands[0]);
  info.finish();
}

// solveTriangular(x, a, b; upper, transposed, unitriangular): a x = b or a^T x = b
template <class T>
void solve_triangular(Operand* operands, int count, Params& params) {
  const bool upper = params.boolean(), transposed = params.boolean(), unitriangular = params.boolean();
  const auto [batch, sides] = check_triangular_system<T>(operands, count);
  // Substitution has no branches: numbers that are not finite only spread.
  for (int k = 0; k < count; ++k) require_present(operands[k]);
  const PackedInput a(operands[1]);
  const Matrices<T> x(operands[2], Order::Rows);
  x.read(operands[2]);
  const solver::Triangle triangle{kRight, upper ? kLower : kUpper, transposed ? kTransposed : kNormal,
                                  unitriangular ? kUnit : kNonUnit, batch.rows};
  if (!sides.empty())
    solver::trsm(batch, sides, triangle, a.as<T>(), {sides.columns, batch.rows, sides.columns, x.data()});
  x.write(operands[0]);
}

// --- LDL -------------------------------------------------------------------------------------------------------------

// f.operator()<Mirror>(): how elements above the diagonal follow from those below.
template <class T, class F>
void with_mirror(bool hermitian, const F& f) {
  if constexpr (is_complex<T>)
    if (hermitian) return f.template operator()<ldl::Hermitian>();
  f.template operator()<ldl::Symmetric>();
}

// ldlFactor(ld, pivots, info, a; hermitian): reads only the lower triangle. info > 0 names a zero on the diagonal of D.
template <class T>
void ldl_factor(Operand* operands, int count, Params& params) {
  const bool hermitian = params.boolean();
  const Batch batch = check_ldl_factor<T>(operands, count);
  const int n = batch.rows;
  const MatrixInput<T> a(operands[3], Order::Columns);
  require_present(operands[1]);
  const PackedOutput pivots(operands[1]);
  const Info info(operands[2]);
  const unsigned blocks = blocks_for_matrices(batch.count, n);
  const Workspace columns(size_t{2} * blocks * n * sizeof(T));
  if (!batch.empty())
    with_mirror<T>(hermitian, [&]<class Mirror>() {
      constexpr auto kernel = ldl::factor<T, Mirror>;
      TT_RUN_BLOCKS(blocks, threads_for(n), 0, kernel, batch.count, n, a.data(), pivots.as<int32_t>(), info.data(),
                    columns.as<T>());
    });
  // The upper triangle of columns lies as the lower one of rows.
  TT_RUN_ELEMENTS(a.count(), clear_triangle<T>, a.count(), n, false, a.data());
  a.write(operands[0]);
  pivots.finish();
  info.finish();
}

__global__ void report_bad_ldl_pivots(int64_t count, int n, const int32_t* pivots, Reporter reporter) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) {
    const int bad = first_bad_ldl_pivot(pivots + i * n, n);
    if (bad < n) reporter.report(KernelError::BadLdlPivot, pivots[i * n + bad], bad, n);
  }
}

// ldlSolve(x, ld, pivots, b; hermitian): a x = b, where a has these factors.
template <class T>
void ldl_solve(Operand* operands, int count, Params& params) {
  const bool hermitian = params.boolean();
  const auto [batch, sides] = check_factored_system<T>(operands, count);
  const int n = batch.rows;
  const MatrixInput<T> factors(operands[1], Order::Columns), x(operands[3], Order::Columns);
  require_present(operands[2]);
  const PackedInput pivots(operands[2]);
  if (!batch.empty())
    TT_RUN_ELEMENTS(batch.count, report_bad_ldl_pivots, batch.count, n, pivots.as<int32_t>(), reporter());
  if (!sides.empty())
    with_mirror<T>(hermitian, [&]<class Mirror>() {
      constexpr auto kernel = ldl::solve<T, Mirror>;
      TT_RUN_BLOCKS(blocks_for_matrices(sides.count * sides.columns, n), threads_for(n), 0, kernel, batch.count, n,
                    sides.columns, factors.data(), pivots.as<int32_t>(), x.data());
    });
  x.write(operands[0]);
}

// --- QR --------------------------------------------------------------------------------------------------------------

// geqrf(a', tau, a): Householder reflectors below the diagonal, R above.
template <class T>
void geqrf(Operand* operands, int count, Params&) {
  const Batch batch = check_geqrf<T>(operands, count);
  const MatrixInput<T> a(operands[2], Order::Columns);
  require_present(operands[1]);
  const PackedOutput tau(operands[1]);
  if (!batch.empty()) solver::geqrf(batch, a.data(), tau.as<T>());
  a.write(operands[0]);
  tau.finish();
}

// The first columns of each matrix.
Operand first_columns(Operand matrices, int columns) {
  int64_t& size = matrices.sizes[matrices.ndim - 1];
  if (size > 0) matrices.numel = matrices.numel / size * columns;
  size = columns;
  return matrices;
}

// householderProduct(q, a, tau): the first columns of H1 H2 ... Hk, as many as q has
template <class T>
void householder_product(Operand* operands, int count, Params&) {
  const auto [batch, result, reflectors] = check_householder_product<T>(operands, count);
  const PackedInput tau(operands[2]);
  const T* coefficients = require_finite<T>(tau, operands[2]);
  require_finite<T>(PackedInput(operands[1]), operands[1]);
  require_present(operands[0]);
  const Matrices<T> q(operands[0], Order::Columns);
  if (!result.empty())
    TT_RUN_ELEMENTS(q.count(), write_identities<T>, q.count(), result.rows, result.columns, q.data());
  q.read(first_columns(operands[1], reflectors));
  if (!result.empty() && reflectors > 0) solver::orgqr(result, reflectors, q.data(), coefficients);
  q.write(operands[0]);
}

// ormqr(out, a, tau, other; left, adjoint): Q other, other Q, or with Q^H
template <class T>
void ormqr(Operand* operands, int count, Params& params) {
  const bool left = params.boolean(), adjoint = params.boolean();
  const auto [batch, sides, reflectors] = check_ormqr<T>(operands, count, left);
  const PackedInput tau(operands[2]);
  const T* coefficients = require_finite<T>(tau, operands[2]);
  const MatrixInput<T> a(operands[1], Order::Columns), c(operands[3], Order::Columns);
  if (!sides.empty() && reflectors > 0)
    solver::ormqr(batch, reflectors, a.data(), coefficients, left ? kLeft : kRight, adjoint, sides, c.data());
  c.write(operands[0]);
}

// --- Eigenvalues -----------------------------------------------------------------------------------------------------

// eigh(values, vectors?, a; upper): of Hermitian matrices, of which it reads one triangle; values ascend.
template <class T>
void eigh(Operand* operands, int count, Params& params) {
  const bool upper = params.boolean();
  const Batch batch = check_eigen<T, real_t<T>, T>(operands, count);
  const MatrixInput<T> a(operands[2], Order::Columns);
  require_present(operands[0]);
  const PackedOutput values(operands[0]);
  if (!batch.empty())
    require_result(batch.count, Algorithm::Eigh, [&](int* info) {
      solver::syevd(batch, operands[1].present ? kVectors : kNoVectors, upper ? kUpper : kLower, a.data(),
                    values.as<real_t<T>>(), info);
    });
  values.finish();
  a.write(operands[1]);
}

template <class R>
__global__ void unpack_eigenvectors(int64_t elements, int n, const Complex<R>* values, const R* columns,
                                    Complex<R>* vectors) {
  for (int64_t k = first_element(); k < elements; k += grid_stride()) {
    const int64_t j = k % n, i = k / n % n, matrix = k / n / n;
    vectors[k] = functors::eigenvector_element(values + matrix * n, columns + matrix * n * n, n, i, j);
  }
}

// eig(values, vectors?, a): complex results
template <class T>
void eig(Operand* operands, int count, Params&) {
  using C = Complex<real_t<T>>;
  const Batch batch = check_eigen<T, C, C>(operands, count);
  const MatrixInput<T> a(operands[2], Order::Columns);
  require_present(operands[0]);
  const bool wanted = operands[1].present;
  const PackedOutput values(operands[0]), vectors(operands[1]);
  const Matrices<T> right(wanted ? operands[2] : operands[1], Order::Columns);
  if (!batch.empty()) {
    require_result(batch.count, Algorithm::Eig, [&](int* info) {
      solver::geev(batch, a.data(), values.as<C>(), wanted ? right.data() : nullptr, info);
    });
    if constexpr (is_complex<T>) {
      right.write(operands[1]);
    } else if (wanted) {
      TT_RUN_ELEMENTS(right.count(), unpack_eigenvectors<T>, right.count(), batch.rows, values.as<C>(), right.data(),
                      vectors.as<C>());
      vectors.finish();
    }
  }
  values.finish();
}

// --- Singular values -------------------------------------------------------------------------------------------------

// svd(u?, s, vh?, a): u and vh both or neither; square ones are the full bases.
template <class T>
void svd(Operand* operands, int count, Params&) {
  const SingularValues sizes = check_svd<T>(operands, count);
  const Batch& batch = sizes.batch;
  require_present(operands[1]);
  // The routine asks for at least as many rows as columns. By rows, it sees a^T = vh^T s u^T: vh has its left vectors.
  const bool wide = batch.rows <= batch.columns;
  const Order order = wide ? Order::Rows : Order::Columns;
  const MatrixInput<T> a(operands[3], order);
  const Matrices<T> u(operands[0], order), vh(operands[2], order);
  const PackedOutput s(operands[1]);
  const Batch seen{batch.count, std::max(batch.rows, batch.columns), batch.least()};
  const Matrices<T>&left = wide ? vh : u, &right = wide ? u : vh;
  if (!batch.empty())
    require_result(batch.count, Algorithm::Svd, [&](int* info) {
      solver::gesvd(seen, a.data(), s.as<real_t<T>>(), sizes.vectors ? left.data() : nullptr,
                    sizes.full ? seen.rows : seen.columns, sizes.vectors ? right.data() : nullptr, info);
    });
  if (batch.empty()) return;
  u.write(operands[0]);
  vh.write(operands[2]);
  s.finish();
}

// --- Least squares ---------------------------------------------------------------------------------------------------

template <class T>
__global__ void conjugate(int64_t count, Complex<T>* numbers) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) numbers[i].im = -numbers[i].im;
}

template <class T>
void conjugate_in_place(const Matrices<T>& matrices) {
  if constexpr (is_complex<T>)
    TT_RUN_ELEMENTS(matrices.count(), conjugate<real_t<T>>, matrices.count(), matrices.data());
}

// Of R on and above the diagonals of factors with `rows` rows and n columns.
template <class T>
__global__ void report_singular(int64_t count, int rows, int n, const T* factors, Reporter reporter) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) {
    const int64_t matrix = i / n, k = i % n;
    if (factors[(matrix * n + k) * rows + k] == T(0))
      reporter.report(KernelError::NoResult, static_cast<int>(Algorithm::LeastSquares), k + 1);
  }
}

template <class T>
__global__ void fill(int64_t count, T value, T* out) {
  for (int64_t i = first_element(); i < count; i += grid_stride()) out[i] = value;
}

// By a = Q R, or for wide matrices a^H = Q R: then x is the smallest solution. `most` rows of x are those of b, and 0.
template <class T>
void solve_by_qr(const Batch& batch, const Operand& a, const Batch& solutions, T* x) {
  const bool wide = batch.rows < batch.columns;
  const MatrixInput<T> factors(a, wide ? Order::Rows : Order::Columns);
  if (wide) conjugate_in_place(factors);
  const Batch seen{batch.count, solutions.rows, batch.least()};
  const int n = seen.columns, rows = seen.rows;
  const Workspace tau(static_cast<size_t>(seen.count * n) * sizeof(T));
  solver::geqrf(seen, factors.data(), tau.as<T>());
  TT_RUN_ELEMENTS(seen.count * n, report_singular<T>, seen.count * n, rows, n, factors.data(), reporter());
  const solver::Triangle r{kLeft, kUpper, wide ? kAdjoint : kNormal, kNonUnit, rows};
  const solver::Sides<T> sides{n, solutions.columns, rows, x};
  if (wide) solver::trsm(seen, solutions, r, factors.data(), sides);
  solver::ormqr(seen, n, factors.data(), tau.as<T>(), kLeft, !wide, solutions, x);
  if (!wide) solver::trsm(seen, solutions, r, factors.data(), sides);
}

// lstsq(x, rank, singularValues, a, b; rcond, driver): as on the CPU, for driver 0.
template <class T>
void lstsq(Operand* operands, int count, Params& params) {
  params.number();  // rcond, which other drivers need
  require(least_squares_driver(params.integer()) == LeastSquares::QR, ErrorKind::Value,
          "on CUDA the only driver is gels");
  const auto [batch, sides] = check_lstsq<T>(operands, count);
  for (int k = 0; k < count; ++k) require_present(operands[k]);
  const PackedOutput ranks(operands[1]), singular_values(operands[2]);
  const Matrices<T> x(operands[0], Order::Columns);
  clear(x.data(), x.count() * static_cast<int64_t>(sizeof(T)));
  clear(singular_values.as<void>(), operands[2].numel * static_cast<int64_t>(sizeof(real_t<T>)));
  const bool solvable = !batch.empty() && !sides.empty();
  if (solvable) {
    const MatrixInput<T> right(operands[4], Order::Columns);
    x.read(operands[4]);
    solve_by_qr(batch, operands[3], batch_of(operands[0]), x.data());
  }
  TT_RUN_ELEMENTS(batch.count, fill<int64_t>, batch.count, solvable ? batch.least() : 0, ranks.as<int64_t>());
  x.write(operands[0]);
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
  register_for<TypeList<int32_t>>("pivotMatrix", 1, []<class>() -> Kernel { return pivot_matrix; });
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

}  // namespace tt::cuda
