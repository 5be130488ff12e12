// Where a mask is true: elements are taken, written or named in row-major order. Each block counts the true ones of its
// chunk, the counts are added up, and each block goes over its chunk again knowing where its first one goes.
#include "block.h"
#include "chunks.h"
#include "elements.h"

namespace tt::cuda {
namespace {

// Whether an element of any dtype is true: any bit is set, apart from the signs of zeros.
struct Truth {
  const char* data;
  int bytes;
  uint64_t bits;

  TT_D bool operator()(int64_t offset) const {
    if (bytes == 16) return ((read_word(data, 2 * offset, 8) | read_word(data, 2 * offset + 1, 8)) & bits) != 0;
    return (read_word(data, offset, bytes) & bits) != 0;
  }
};

uint64_t bits_of(DType dtype) {
  switch (dtype) {
    case DType::Float64:
    case DType::Complex128:
      return 0x7FFFFFFFFFFFFFFF;
    case DType::Complex64:
      return 0x7FFFFFFF7FFFFFFF;
    case DType::Float32:
      return 0x7FFFFFFF;
    case DType::Float16:
    case DType::BFloat16:
      return 0x7FFF;
    default:
      return ~uint64_t{0};
  }
}

// --- Kernels: operands of loops are the numbers of the elements, the mask, and what moves ----------------------------

template <int N>
__global__ void count_true(uint32_t n, Offsets<N> offsets, Truth truth, int64_t* counts) {
  const uint32_t begin = blockIdx.x * kChunk, end = min(n, begin + kChunk);
  unsigned found = 0;
  for (uint32_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    int64_t at[N];
    offsets.find(i, at);
    found += truth(at[1]);
  }
  found = block_reduce(found, Add{});
  if (threadIdx.x == 0) counts[blockIdx.x] = found;
}

// Counts become what comes before them, from *total on, which becomes the sum of all.
__global__ void add_counts(int64_t chunks, int64_t* counts, int64_t* total) {
  int64_t before = *total;
  for (int64_t first = 0; first < chunks; first += blockDim.x) {
    const int64_t chunk = first + threadIdx.x;
    const int64_t count = chunk < chunks ? counts[chunk] : 0;
    int64_t sum;
    const int64_t reached = block_scan(count, Add{}, sum);
    if (chunk < chunks) counts[chunk] = before + reached - count;
    before += sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) *total = before;
}

__global__ void check_total(const int64_t* total, int64_t expected, bool may_be_less, KernelError error,
                            Reporter reporter) {
  if (*total > expected || (!may_be_less && *total != expected)) reporter.report(error, *total, expected);
}

// f(number among the true ones, offsets) for each true element; all threads of the block call.
template <int N, class F>
TT_D void each_true(uint32_t n, const Offsets<N>& offsets, const Truth& truth, const int64_t* starts, const F& f) {
  const uint32_t begin = blockIdx.x * kChunk, end = min(n, begin + kChunk);
  int64_t start = starts[blockIdx.x];
  for (uint32_t first = begin; first < end; first += blockDim.x) {
    const uint32_t i = first + threadIdx.x;
    int64_t at[N];
    offsets.find(i < end ? i : begin, at);
    const unsigned found = i < end && truth(at[1]);
    unsigned total;
    const unsigned reached = block_scan(found, Add{}, total);
    if (found) f(start + reached - 1, at);
    start += total;
  }
}

struct Packed {
  char* data;
  int64_t count, stride;
};

// Between the places where the mask is true and those of a packed line.
struct Move {
  Packed packed;
  char* spread;
  int bytes;
  bool packs;

  TT_D void operator()(int64_t place, const int64_t* at) const {
    if (place >= packed.count) return;
    if (packs)
      move_element(packed.data, place * packed.stride, spread, at[2], bytes);
    else
      move_element(spread, at[2], packed.data, place * packed.stride, bytes);
  }
};
__global__ void move_true(uint32_t n, Offsets<3> offsets, Truth truth, const int64_t* starts, Move move) {
  each_true(n, offsets, truth, starts, move);
}

struct Coordinates {
  int64_t first_number;
  int64_t* out;
  int64_t count, row_stride, column_stride;
  int ndim;
  int64_t sizes[kMaxLoopDims];

  TT_D void operator()(int64_t place, const int64_t* at) const {
    if (place >= count) return;
    int64_t rest = first_number + at[0];
    for (int d = ndim - 1; d >= 0; --d) {
      out[place * row_stride + d * column_stride] = rest % sizes[d];
      rest /= sizes[d];
    }
  }
};
__global__ void write_coordinates(uint32_t n, Offsets<2> offsets, Truth truth, const int64_t* starts,
                                  Coordinates coordinates) {
  each_true(n, offsets, truth, starts, coordinates);
}

// --- The host's side -------------------------------------------------------------------------------------------------

Truth truth_of(const Operand& mask, const char* data) {
  return {data, static_cast<int>(item_size(mask.dtype)), bits_of(mask.dtype)};
}

// Goes over operands in row-major order: `act(part, offsets, n, blocks, threads, starts)` launches what is to be done.
// The number of true elements must be `expected`.
template <int N, class Act>
void each_part_in_order(const Operand (&operands)[N], int64_t expected, bool may_be_less, KernelError error,
                        const Act& act) {
  size_t item_sizes[N] = {1};
  for (int k = 1; k < N; ++k) item_sizes[k] = item_size(operands[k].dtype);
  const ZeroedWorkspace total(sizeof(int64_t));
  const Operand& mask = operands[1];
  if (mask.numel > 0) {
    each_part(Loop<N>(operands), item_sizes, [&](const Loop<N>& part) {
      const auto n = static_cast<uint32_t>(part.numel);
      const unsigned blocks = (n + kChunk - 1) / kChunk, threads = threads_for(n);
      const Workspace starts(blocks * sizeof(int64_t));
      const Offsets<N> offsets = offsets_of(part);
      TT_RUN_BLOCKS(blocks, threads, 0, count_true<N>, n, offsets, truth_of(mask, part.data[1]), starts.as<int64_t>());
      start_chunks(starts.as<int64_t>(), blocks, total.as<int64_t>());
      act(part, offsets, n, blocks, threads, starts.as<int64_t>());
    });
  }
  check(TT_LAUNCH_INDEPENDENT(check_total, dim3(1), dim3(1), 0, current_stream(), total.as<int64_t>(), expected,
                              may_be_less, error, reporter()),
        "launching a kernel");
}

void move_masked(const Operand& packed, const Operand& spread, const Operand& mask, bool packs) {
  const Operand operands[] = {numbering(mask), mask, spread};
  each_part_in_order(operands, packed.numel, !packs, packs ? KernelError::SelectedCount : KernelError::SourceTooShort,
                     [&](const Loop<3>& part, const Offsets<3>& offsets, uint32_t n, unsigned blocks, unsigned threads,
                         const int64_t* starts) {
                       const Move move{{packed.data, packed.numel, packed.strides[0]},
                                       part.data[2],
                                       static_cast<int>(item_size(packed.dtype)),
                                       packs};
                       TT_RUN_BLOCKS(blocks, threads, 0, move_true, n, offsets, truth_of(mask, part.data[1]), starts,
                                     move);
                     });
}

// maskedSelect(out, self, mask): out has as many elements as the mask has true ones
void masked_select(Operand* operands, int count, Params&) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  require_same_shape(operands[1], operands[2]);
  operands[2].as<bool>();
  require(operands[0].ndim == 1, ErrorKind::Shape, "expected an output of one dimension, got ", operands[0].shape());
  move_masked(operands[0], operands[1], operands[2], true);
}

// maskedScatter(self, source, mask): the elements of source, in order, go where the mask is true
void masked_scatter(Operand* operands, int count, Params&) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  require_same_shape(operands[0], operands[2]);
  operands[2].as<bool>();
  require(operands[1].ndim == 1, ErrorKind::Shape, "expected a source of one dimension, got ", operands[1].shape());
  move_masked(operands[1], operands[0], operands[2], false);
}

// nonzero(out, self): out is [number of nonzero elements, dimensions of self]
void nonzero(Operand* operands, int count, Params&) {
  require_operands(operands, count, 2);
  const Operand &out = operands[0], &self = operands[1];
  out.as<int64_t>();
  require(out.ndim == 2 && out.sizes[1] == self.ndim, ErrorKind::Shape, "expected an output of [count, ", self.ndim,
          "], got ", out.shape());
  require(self.ndim <= kMaxLoopDims, ErrorKind::Shape, "expected at most ", kMaxLoopDims, " dimensions, got ",
          self.ndim);
  Coordinates coordinates{0, out.as<int64_t>(), out.sizes[0], out.strides[0], out.strides[1], self.ndim, {}};
  std::copy_n(self.sizes, self.ndim, coordinates.sizes);
  const Operand order[] = {numbering(self), self};
  each_part_in_order(order, out.sizes[0], false, KernelError::NonzeroCount,
                     [&](const Loop<2>& part, const Offsets<2>& offsets, uint32_t n, unsigned blocks, unsigned threads,
                         const int64_t* starts) {
                       coordinates.first_number = number(part.data[0]);
                       TT_RUN_BLOCKS(blocks, threads, 0, write_coordinates, n, offsets, truth_of(self, part.data[1]),
                                     starts, coordinates);
                     });
}

void register_for_all(const char* name, Kernel kernel) {
  for_each_type(AllTypes{}, [&]<class T>() { register_kernel(name, 1, kDevice, dtype_of<T>, kernel); });
}

}  // namespace

void start_chunks(int64_t* counts, int64_t chunks, int64_t* total) {
  TT_RUN_BLOCKS(1, threads_for(chunks), 0, add_counts, chunks, counts, total);
}

void register_masks() {
  register_for_all("maskedSelect", masked_select);
  register_for_all("maskedScatter", masked_scatter);
  register_for_all("nonzero", nonzero);
}

}  // namespace tt::cuda
