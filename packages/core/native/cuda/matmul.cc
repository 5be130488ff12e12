// Matrix products of any dtype and strides, batched and broadcast: by cuBLAS, or by tiles where there is none and for
// integers, which it does not know.
#include "../checks/matmul.h"

#include "contiguous.h"
#include "libraries.h"
#include "offsets.h"
#include "tiled_product.h"

namespace tt::cuda {
namespace {

// Of one product, as checked: c is row-major with rows of unit stride; a and b lie as BLAS asks.
template <class T>
struct Product {
  ProductSizes sizes;
  std::vector<int64_t> batch_sizes;
  MatrixBatch<const T> a, b;
  MatrixBatch<T> c;
  compute_t<T> alpha, beta;

  int64_t batch() const {
    int64_t count = 1;
    for (int64_t size : batch_sizes) count *= size;
    return count;
  }
};

// --- By tiles --------------------------------------------------------------------------------------------------------

template <class T>
struct Elements {
  const T* data;
  int64_t row_stride, column_stride;
  bool along_depth;
  TT_D product_t<T> operator()(int64_t row, int64_t column) const {
    return static_cast<product_t<T>>(static_cast<compute_t<T>>(data[row * row_stride + column * column_stride]));
  }
};

template <class T>
struct ScaledStore {
  T* data;
  int64_t row_stride;
  product_t<T> alpha, beta;
  TT_D void operator()(int64_t row, int64_t column, product_t<T> sum) const {
    T& out = data[row * row_stride + column];
    sum = sum * alpha;
    // What is multiplied by 0 is not read: it may be NaN.
    if (beta != product_t<T>(0)) sum = sum + static_cast<product_t<T>>(static_cast<compute_t<T>>(out)) * beta;
    out = static_cast<T>(static_cast<compute_t<T>>(sum));
  }
};

template <class T>
__global__ void product_by_tiles(Tiles tiles, ProductSizes sizes, Offsets<3> batches, Elements<T> a, Elements<T> b,
                                 ScaledStore<T> c) {
  for (int64_t i = blockIdx.x; i < tiles.count; i += gridDim.x) {
    const TilePlace place(tiles, i);
    int64_t offsets[3];
    batches.find(static_cast<uint32_t>(place.batch), offsets);
    Elements<T> left = a, right = b;
    ScaledStore<T> out = c;
    out.data += offsets[0];
    left.data += offsets[1];
    right.data += offsets[2];
    tiled_product<T>(place, sizes.m, sizes.n, sizes.k, left, right, out);
  }
}

template <class T>
Offsets<3> batch_offsets(const Product<T>& p) {
  const int ndim = static_cast<int>(p.batch_sizes.size());
  require(ndim <= kMaxLoopDims && p.batch() <= kMostElements, ErrorKind::Shape, "expected at most ", kMaxLoopDims,
          " batch dimensions and ", kMostElements, " matrices, got ", ndim, " and ", p.batch());
  Offsets<3> offsets{};
  offsets.ndim = std::max(ndim, 1);
  offsets.sizes[0] = Divider(1);
  for (int d = 0; d < ndim; ++d) {
    offsets.sizes[d] = Divider(static_cast<uint32_t>(p.batch_sizes[d]));
    offsets.strides[0][d] = p.c.batch_strides[d];
    offsets.strides[1][d] = p.a.batch_strides[d];
    offsets.strides[2][d] = p.b.batch_strides[d];
  }
  return offsets;
}

template <class T>
void multiply_by_tiles(const Product<T>& p) {
  const Tiles tiles = Tiles::of<T>(p.sizes.m, p.sizes.n, p.batch());
  const Elements<T> a{p.a.data, p.a.row_stride, p.a.column_stride, p.a.column_stride == 1};
  const Elements<T> b{p.b.data, p.b.row_stride, p.b.column_stride, p.b.column_stride != 1};
  const ScaledStore<T> c{p.c.data, p.c.row_stride, static_cast<product_t<T>>(p.alpha),
                         static_cast<product_t<T>>(p.beta)};
  TT_RUN_TILES(tiles, product_by_tiles<T>, tiles, p.sizes, batch_offsets(p), a, b, c);
}

// --- By cuBLAS -------------------------------------------------------------------------------------------------------

template <class T>
CublasCompute compute_type() {
  if constexpr (std::is_same_v<real_t<T>, double>) return kCompute64;
  constexpr bool is_single = std::is_same_v<real_t<T>, float>;
  return is_single && option(Option::MatmulTf32) ? kCompute32FastTf32 : kCompute32;
}

struct BlasMatrix {
  CublasOperation operation;
  int64_t stride;
};

// cuBLAS, which goes by columns, sees the transpose of a row-major matrix.
BlasMatrix blas_matrix(int64_t row_stride, int64_t column_stride, int64_t rows, int64_t columns) {
  const bool row_major = (column_stride == 1 || columns == 1) && (rows == 1 || row_stride >= columns);
  if (row_major) return {kNormal, std::max<int64_t>({rows == 1 ? columns : row_stride, columns, 1})};
  return {kTransposed, std::max<int64_t>({columns == 1 ? rows : column_stride, rows, 1})};
}

constexpr int64_t kMostInt = INT32_MAX;

// Row-major c = a b is c^T = b^T a^T by columns. The last batch dimension goes in one call.
template <class T>
void multiply_by_cublas(const Cublas& cublas, const Product<T>& p) {
  const auto& [m, n, k] = p.sizes;
  const BlasMatrix a = blas_matrix(p.a.row_stride, p.a.column_stride, m, k);
  const BlasMatrix b = blas_matrix(p.b.row_stride, p.b.column_stride, k, n);
  const int64_t c_stride = std::max(p.c.row_stride, n),
                outer = p.batch_sizes.empty() ? 1 : p.batch() / p.batch_sizes.back();
  const int64_t inner = p.batch_sizes.empty() ? 1 : p.batch_sizes.back();
  const auto step = [&](const auto& batch) -> long long {
    return p.batch_sizes.empty() ? 0 : batch.batch_strides.back();
  };
  const CublasCall call;
  for (int64_t i = 0; i < outer; ++i) {
    const int64_t first = i * inner;
    check_cublas(
        cublas.cublasGemmStridedBatchedEx(
            call.handle(), b.operation, a.operation, static_cast<int>(n), static_cast<int>(m), static_cast<int>(k),
            &p.alpha, p.b.data + batch_offset(p.b, p.batch_sizes, first), kDataType<T>, static_cast<int>(b.stride),
            step(p.b), p.a.data + batch_offset(p.a, p.batch_sizes, first), kDataType<T>, static_cast<int>(a.stride),
            step(p.a), &p.beta, p.c.data + batch_offset(p.c, p.batch_sizes, first), kDataType<T>,
            static_cast<int>(c_stride), step(p.c), static_cast<int>(inner), compute_type<T>(), kDefaultAlgorithm),
        "cublasGemmStridedBatchedEx");
  }
}

template <class T>
bool fits_cublas(const Product<T>& p) {
  const int64_t strides =
      std::max({p.a.row_stride, p.a.column_stride, p.b.row_stride, p.b.column_stride, p.c.row_stride});
  const int64_t inner = p.batch_sizes.empty() ? 1 : p.batch_sizes.back();
  return std::max({p.sizes.m, p.sizes.n, p.sizes.k, strides, inner}) <= kMostInt && p.sizes.k > 0;
}

template <class T>
void multiply(Product<T>& p) {
  fold_batch_into_rows(p.sizes, p.batch_sizes, p.a, p.b, p.c);
  merge_batches(p.batch_sizes, p.a, p.b, p.c);
  if constexpr (!std::is_integral_v<T>)
    if (const Cublas* cublas = find_cublas(); cublas && fits_cublas(p)) return multiply_by_cublas(*cublas, p);
  multiply_by_tiles(p);
}

// --- Operands --------------------------------------------------------------------------------------------------------

// Matrices that BLAS cannot take as they lie are copied; broadcast batches stay broadcast.
template <class T>
class MatrixInput {
 public:
  explicit MatrixInput(const Operand& operand)
      : once_(is_blas_matrix(operand) ? operand : without_broadcast(operand)), packed_(lies_well() ? unread() : once_) {
    batch =
        lies_well() ? batch_of<const T>(once_, once_.as<T>()) : batch_of<const T>(as_row_major(once_), packed_.as<T>());
  }
  MatrixBatch<const T> batch;

 private:
  bool lies_well() const { return is_blas_matrix(once_); }
  static Operand unread() { return Operand{}; }

  Operand once_;
  PackedInput packed_;
};

// What the output holds before the product is added to it.
void start_from(const Operand& addend, const Operand& out) {
  check_addend(addend, out);
  const bool in_place = addend.data == out.data && std::equal(out.strides, out.strides + out.ndim, addend.strides);
  if (!in_place) copy_elements(out, addend);
}

template <class T>
void product(const Operand& out, const Operand& a, const Operand& b, const Operand* addend, compute_t<T> beta,
             compute_t<T> alpha) {
  const ProductSizes sizes = check_product(out, a, b);
  if (out.numel == 0) return;
  const bool direct = has_unit_stride(out, out.ndim - 1, out.ndim - 2);
  // A column-major output: (a b)^T = b^T a^T.
  if (!direct && has_unit_stride(out, out.ndim - 2, out.ndim - 1)) {
    const Operand addend_transposed = addend ? transposed(*addend) : out;
    return product<T>(transposed(out), transposed(b), transposed(a), addend ? &addend_transposed : nullptr, beta,
                      alpha);
  }
  std::optional<Workspace> scratch;
  if (!direct) scratch.emplace(static_cast<size_t>(out.numel) * sizeof(T));
  const Operand layout = direct ? out : as_row_major_at(out, scratch->as<void>());
  if (addend) start_from(*addend, layout);
  const MatrixInput<T> left(a), right(b);
  Product<T> p{sizes, {out.sizes, out.sizes + out.ndim - 2}, left.batch, right.batch, batch_of(layout, layout.as<T>()),
               alpha, addend ? beta : compute_t<T>(0)};
  if (sizes.m == 1) p.c.row_stride = std::max(p.c.row_stride, sizes.n);
  multiply(p);
  if (!direct) copy_elements(out, layout);
}

// matmul(out, a, b, addend?; beta, alpha): as on the CPU.
template <class T>
void matmul(Operand* operands, int count, Params& params) {
  using Compute = compute_t<T>;
  require(count == 4, ErrorKind::Internal, "expected 4 operands");
  const auto beta = read_number<Compute>(params), alpha = read_number<Compute>(params);
  const Operand* addend = operands[3].present && beta != Compute(0) ? &operands[3] : nullptr;
  product<T>(operands[0], operands[1], operands[2], addend, beta, alpha);
}

}  // namespace

void register_matmul() {
  register_for<NumberTypes>("matmul", 1, []<class T>() -> Kernel { return matmul<T>; });
}

}  // namespace tt::cuda
