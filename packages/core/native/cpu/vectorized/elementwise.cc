// Moves strided, transposed and 16-bit operands through small buffers, so that row functions see even runs of numbers.
#include <cstring>

#include "../walk.h"
#include "loops.h"

namespace tt::TT_INSTRUCTION_SET {
namespace {

// Elements of a buffer. Sixteen numbers of a column fill a cache line: transposed operands are read a line at a time.
constexpr int64_t kTileRows = 16, kTileColumns = 64, kStaged = kTileRows * kTileColumns;
constexpr int kMaxItemSize = 16;

// --- Moving elements of any type
// --------------------------------------------------------------------------------------

void gather(DType dtype, const char* from, int64_t stride, int64_t n, char* to) {
  with_word(dtype, [&]<class Word>() {
    const Word* source = reinterpret_cast<const Word*>(from);
    Word* target = reinterpret_cast<Word*>(to);
    if (stride == 1) {
      std::memcpy(to, from, n * sizeof(Word));
    } else if (stride == 0) {
      const Word value = *source;
      for (int64_t i = 0; i < n; ++i) target[i] = value;
    } else if (stride == -1) {
      for (int64_t i = 0; i < n; ++i) target[i] = source[-i];
    } else {
      for (int64_t i = 0; i < n; ++i) target[i] = source[i * stride];
    }
  });
}

void scatter(DType dtype, const char* from, int64_t n, char* to, int64_t stride) {
  with_word(dtype, [&]<class Word>() {
    const Word* source = reinterpret_cast<const Word*>(from);
    Word* target = reinterpret_cast<Word*>(to);
    for (int64_t i = 0; i < n; ++i) target[i * stride] = source[i];
  });
}

// to[r][c] = from[r + c * stride] for 4 x 4 elements of 32 bits, in registers.
void transpose_4x4(const uint32_t* from, int64_t stride, uint32_t* to) {
  typedef uint32_t Row __attribute__((vector_size(16)));
  Row c[4], r[4];
  for (int k = 0; k < 4; ++k) std::memcpy(&c[k], from + k * stride, sizeof(Row));
  const Row low01 = __builtin_shufflevector(c[0], c[1], 0, 4, 1, 5),
            high01 = __builtin_shufflevector(c[0], c[1], 2, 6, 3, 7),
            low23 = __builtin_shufflevector(c[2], c[3], 0, 4, 1, 5),
            high23 = __builtin_shufflevector(c[2], c[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  r[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  r[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  r[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
  for (int k = 0; k < 4; ++k) std::memcpy(to + k * kTileColumns, &r[k], sizeof(Row));
}

// to[r][c] = from[r + c * stride], for rows that lie kTileColumns apart.
void gather_transposed(DType dtype, const char* from, int64_t stride, int64_t rows, int64_t columns, char* to) {
  with_word(dtype, [&]<class Word>() {
    const Word* source = reinterpret_cast<const Word*>(from);
    Word* target = reinterpret_cast<Word*>(to);
    int64_t c = 0;
    if constexpr (std::is_same_v<Word, uint32_t>) {
      for (; rows == kTileRows && c + 4 <= columns; c += 4) {
        for (int k = 0; k < 4; ++k) __builtin_prefetch(source + (c + k) * stride + kTileRows);
        for (int64_t r = 0; r < kTileRows; r += 4)
          transpose_4x4(source + r + c * stride, stride, target + r * kTileColumns + c);
      }
    }
    for (; c < columns; ++c) {
      // What the next tile reads.
      __builtin_prefetch(source + c * stride + kTileRows);
      for (int64_t r = 0; r < rows; ++r) target[r * kTileColumns + c] = source[r + c * stride];
    }
  });
}

// Through the bits: loops over the structs themselves are not vectorized.
template <class T>
void widen(const char* from, int64_t n, char* to) {
  const uint16_t* source = reinterpret_cast<const uint16_t*>(from);
  float* target = reinterpret_cast<float*>(to);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) target[i] = T::to_float(source[i]);
}

template <class T>
void narrow(const char* from, int64_t n, char* to) {
  const float* source = reinterpret_cast<const float*>(from);
  uint16_t* target = reinterpret_cast<uint16_t*>(to);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) target[i] = T::from_float(source[i]);
}

void widen(DType dtype, const char* from, int64_t n, char* to) {
  dtype == DType::Float16 ? widen<Half>(from, n, to) : widen<BFloat16>(from, n, to);
}

void narrow(DType dtype, const char* from, int64_t n, char* to) {
  dtype == DType::Float16 ? narrow<Half>(from, n, to) : narrow<BFloat16>(from, n, to);
}

// --- One run of elements
// ----------------------------------------------------------------------------------------------

// The buffers of a thread.
template <int N>
class Stage {
 public:
  Stage(const Lane* lanes, RowFunction row, const void* f) : lanes_(lanes), row_(row), f_(f) {}

  // The n elements of each operand from `pointers` on, by `strides`.
  void run(char* const* pointers, const int64_t* strides, int64_t n) {
    bool direct = true;
    for (int k = 0; k < N; ++k) direct &= !lanes_[k].converts() && strides[k] == 1;
    if (direct) return row_(f_, pointers, strides, n);
    int64_t row_strides[N];
    bool staged[N];
    for (int k = 0; k < N; ++k) {
      row_strides[k] = k > 0 && stays_constant(strides, k) ? 0 : 1;
      staged[k] = lanes_[k].converts() || strides[k] != row_strides[k];
    }
    bool stages = false;
    for (int k = 0; k < N; ++k) stages |= staged[k] && row_strides[k] != 0;
    const int64_t most = stages ? kStaged : n;
    for (int64_t begin = 0; begin < n; begin += most) {
      const int64_t length = std::min(most, n - begin);
      char* memory[N];
      char* seen[N];
      for (int k = 0; k < N; ++k) {
        memory[k] = pointers[k] + begin * strides[k] * lanes_[k].item_size;
        seen[k] = staged[k] ? buffers_[k] : memory[k];
        if (k > 0 && staged[k]) load(k, memory[k], strides[k], row_strides[k] == 0 ? 1 : length);
      }
      row_(f_, seen, row_strides, length);
      if (staged[0]) store(memory[0], strides[0], length);
    }
  }

  // `rows` short rows of `columns` elements, gathered into one run each.
  void run_block(char* const* pointers, const int64_t* row_steps, const int64_t* column_steps, int64_t rows,
                 int64_t columns) {
    char* seen[N];
    int64_t strides[N];
    bool even[N];
    for (int k = 0; k < N; ++k) {
      even[k] = column_steps[k] == 1 && row_steps[k] == columns;
      strides[k] = 1;
      seen[k] = even[k] ? pointers[k] : tiles_[k];
      if (k > 0 && !even[k]) load_block(k, pointers[k], row_steps[k], column_steps[k], rows, columns);
    }
    run(seen, strides, rows * columns);
    if (even[0]) return;
    const Lane& lane = lanes_[0];
    for (int64_t r = 0; r < rows; ++r)
      scatter(lane.dtype, tiles_[0] + r * columns * lane.item_size, columns,
              pointers[0] + r * row_steps[0] * lane.item_size, column_steps[0]);
  }

  // rows x columns elements. Operands of which `transposed` is set lie evenly along the rows' dimension.
  void run_tile(char* const* pointers, const int64_t* row_steps, const int64_t* column_steps, const bool* transposed,
                int64_t rows, int64_t columns) {
    for (int k = 1; k < N; ++k)
      if (transposed[k]) gather_transposed(lanes_[k].dtype, pointers[k], column_steps[k], rows, columns, tiles_[k]);
    char* at[N];
    int64_t strides[N];
    for (int64_t r = 0; r < rows; ++r) {
      for (int k = 0; k < N; ++k) {
        at[k] = transposed[k] ? tiles_[k] + r * kTileColumns * lanes_[k].item_size
                              : pointers[k] + r * row_steps[k] * lanes_[k].item_size;
        strides[k] = transposed[k] ? 1 : column_steps[k];
      }
      run(at, strides, columns);
    }
  }

 private:
  // Row functions of two inputs take one of them as a single value.
  static bool stays_constant(const int64_t* strides, int k) {
    return N == 3 && strides[k] == 0 && (k == 1 || strides[1] != 0);
  }

  void load_block(int k, const char* from, int64_t row_step, int64_t column_step, int64_t rows, int64_t columns) {
    // A row that repeats is laid out once.
    if (row_step == 0 && block_[k] == from && block_rows_[k] >= rows) return;
    const Lane& lane = lanes_[k];
    with_word(lane.dtype, [&]<class Word>() {
      const Word* source = reinterpret_cast<const Word*>(from);
      Word* target = reinterpret_cast<Word*>(tiles_[k]);
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c) target[r * columns + c] = source[r * row_step + c * column_step];
    });
    block_[k] = row_step == 0 ? from : nullptr;
    block_rows_[k] = rows;
  }

  void load(int k, const char* from, int64_t stride, int64_t n) {
    const Lane& lane = lanes_[k];
    // A number is spread once, not for every run.
    if (stride == 0 && filled_[k] >= n && std::memcmp(spread_[k], from, lane.item_size) == 0) return;
    if (!lane.converts()) {
      gather(lane.dtype, from, stride, n, buffers_[k]);
    } else if (stride == 1) {
      widen(lane.dtype, from, n, buffers_[k]);
    } else {
      alignas(64) char words[kStaged * sizeof(Half)];
      gather(lane.dtype, from, stride, n, words);
      widen(lane.dtype, words, n, buffers_[k]);
    }
    filled_[k] = stride == 0 ? n : 0;
    if (stride == 0) std::memcpy(spread_[k], from, lane.item_size);
  }

  void store(char* to, int64_t stride, int64_t n) {
    const Lane& lane = lanes_[0];
    if (!lane.converts()) return scatter(lane.dtype, buffers_[0], n, to, stride);
    if (stride == 1) return narrow(lane.dtype, buffers_[0], n, to);
    alignas(64) char words[kStaged * sizeof(Half)];
    narrow(lane.dtype, buffers_[0], n, words);
    scatter(lane.dtype, words, n, to, stride);
  }

  const Lane* lanes_;
  RowFunction row_;
  const void* f_;
  // How many copies of which number a buffer holds.
  int64_t filled_[N] = {};
  alignas(16) char spread_[N][kMaxItemSize];
  // Which row a tile repeats, and how often.
  const char* block_[N] = {};
  int64_t block_rows_[N] = {};
  alignas(64) char buffers_[N][kStaged * kMaxItemSize];
  alignas(64) char tiles_[N][kStaged * kMaxItemSize];
};

// --- The whole loop
// -----------------------------------------------------------------------------------------------------

// Everything in one even run, as most calls are: no loop over dimensions is set up.
template <int N>
bool find_even_run(const Operand* operands, int64_t* strides) {
  const Operand& lead = operands[0];
  for (int k = 0; k < N; ++k) {
    const Operand& operand = operands[k];
    if (operand.ndim != lead.ndim || !std::equal(lead.sizes, lead.sizes + lead.ndim, operand.sizes)) return false;
    if (!operand.is_scalar && !operand.is_contiguous()) return false;
    strides[k] = operand.is_scalar ? 0 : 1;
  }
  return true;
}

template <int N>
void run_even(const Operand* operands, const int64_t* strides, const Lane* lanes, RowFunction row, const void* f,
              int cost) {
  const auto part = [&](int64_t begin, int64_t end) {
    char* pointers[N];
    for (int k = 0; k < N; ++k) pointers[k] = operands[k].data + begin * strides[k] * lanes[k].item_size;
    Stage<N>(lanes, row, f).run(pointers, strides, end - begin);
  };
  const int64_t n = operands[0].numel;
  // Without the parallel region's set-up.
  if (n * cost <= kGrain) return part(0, n);
  parallel_for(n, kGrain / cost, part);
}

// The dimension along which an input that is strided along the rows lies evenly; -1 where there is none.
template <int N>
int transposed_dim(const Loop<N>& loop) {
  const int last = loop.ndim - 1;
  if (loop.sizes[last] < 4) return -1;
  for (int k = 1; k < N; ++k) {
    if (std::abs(loop.strides[k][last]) <= 1) continue;
    for (int d = 0; d < last; ++d)
      if (loop.strides[k][d] == 1 && loop.sizes[d] >= 4) return d;
  }
  return -1;
}

// Tiles of dimensions d and the last, so that what is read along one and written along the other stays in the cache.
template <int N>
void run_tiles(const Loop<N>& loop, int d, const Lane* lanes, RowFunction row, const void* f, int cost) {
  const int last = loop.ndim - 1;
  const int64_t columns = loop.sizes[last], rows = loop.sizes[d];
  const int64_t column_tiles = (columns + kTileColumns - 1) / kTileColumns;
  const int64_t row_tiles = (rows + kTileRows - 1) / kTileRows;
  int64_t row_steps[N], column_steps[N];
  bool transposed[N];
  for (int k = 0; k < N; ++k) {
    row_steps[k] = loop.strides[k][d];
    column_steps[k] = loop.strides[k][last];
    transposed[k] = k > 0 && row_steps[k] == 1 && std::abs(column_steps[k]) > 1;
  }
  const int64_t outer = loop.numel / (rows * columns);
  const int64_t grain = std::max<int64_t>(kGrain / (kStaged * cost), 1);
  parallel_for(outer * column_tiles * row_tiles, grain, [&](int64_t begin, int64_t end) {
    Stage<N> stage(lanes, row, f);
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t r = tile % row_tiles * kTileRows, c = tile / row_tiles % column_tiles * kTileColumns;
      char* pointers[N];
      for (int k = 0; k < N; ++k)
        pointers[k] = loop.data[k] + (r * row_steps[k] + c * column_steps[k]) * lanes[k].item_size;
      int64_t rest = tile / row_tiles / column_tiles;
      for (int e = last - 1; e >= 0; --e) {
        if (e == d) continue;
        for (int k = 0; k < N; ++k) pointers[k] += rest % loop.sizes[e] * loop.strides[k][e] * lanes[k].item_size;
        rest /= loop.sizes[e];
      }
      stage.run_tile(pointers, row_steps, column_steps, transposed, std::min(kTileRows, rows - r),
                     std::min(kTileColumns, columns - c));
    }
  });
}

// Rows as short as these cost more than their elements: they are gathered into blocks, whose results are then spread.
// Where the results' rows lie apart but nothing else keeps a row from being computed in place, only shorter ones are.
constexpr int64_t kShortRow = 64, kShortRowInPlace = 16;

template <int N>
int64_t short_row(const Loop<N>& loop, const Lane* lanes) {
  const int last = loop.ndim - 1;
  bool even = true;
  for (int k = 0; k < N; ++k) even &= !lanes[k].converts() && loop.strides[k][last] == 1;
  return even && loop.strides[0][last - 1] != loop.sizes[last] ? kShortRowInPlace : kShortRow;
}

template <int N>
void run_short_rows(const Loop<N>& loop, const Lane* lanes, RowFunction row, const void* f, int cost) {
  const int last = loop.ndim - 1;
  const int64_t columns = loop.sizes[last], rows = loop.sizes[last - 1], block_rows = kStaged / columns;
  const int64_t blocks = (rows + block_rows - 1) / block_rows;
  int64_t row_steps[N], column_steps[N];
  for (int k = 0; k < N; ++k) {
    row_steps[k] = loop.strides[k][last - 1];
    column_steps[k] = loop.strides[k][last];
  }
  const int64_t outer = loop.numel / (rows * columns);
  const int64_t grain = std::max<int64_t>(kGrain / (std::min(block_rows, rows) * columns * cost), 1);
  parallel_for(outer * blocks, grain, [&](int64_t begin, int64_t end) {
    Stage<N> stage(lanes, row, f);
    for (int64_t block = begin; block < end; ++block) {
      const int64_t r = block % blocks * block_rows;
      char* pointers[N];
      for (int k = 0; k < N; ++k) pointers[k] = loop.data[k] + r * row_steps[k] * lanes[k].item_size;
      int64_t rest = block / blocks;
      for (int e = last - 2; e >= 0; --e) {
        for (int k = 0; k < N; ++k) pointers[k] += rest % loop.sizes[e] * loop.strides[k][e] * lanes[k].item_size;
        rest /= loop.sizes[e];
      }
      stage.run_block(pointers, row_steps, column_steps, std::min(block_rows, rows - r), columns);
    }
  });
}

template <int N>
void run(const Operand* operands, const Lane* lanes, RowFunction row, const void* f, int cost) {
  int64_t strides[N];
  if (find_even_run<N>(operands, strides)) return run_even<N>(operands, strides, lanes, row, f, cost);
  const Loop<N> loop(operands);
  const int d = transposed_dim(loop);
  if (d >= 0) return run_tiles(loop, d, lanes, row, f, cost);
  const int last = loop.ndim - 1;
  if (last > 0 && loop.sizes[last] <= short_row(loop, lanes) && loop.sizes[last - 1] > 1)
    return run_short_rows(loop, lanes, row, f, cost);
  size_t item_sizes[N];
  for (int k = 0; k < N; ++k) item_sizes[k] = lanes[k].item_size;
  parallel_for(loop.numel, kGrain / cost, [&](int64_t begin, int64_t end) {
    Stage<N> stage(lanes, row, f);
    loop.each_row(
        begin, end, item_sizes,
        [](const void* stage, char* const* pointers, const int64_t* steps, int64_t n) {
          static_cast<Stage<N>*>(const_cast<void*>(stage))->run(pointers, steps, n);
        },
        &stage);
  });
}

}  // namespace

void run_elementwise(const Operand* operands, const Lane* lanes, int count, RowFunction row, const void* f, int cost) {
  for (int k = 0; k < count; ++k) {
    require(operands[k].present, ErrorKind::Internal, "operand ", k, " is missing");
    require(operands[k].dtype == lanes[k].dtype, ErrorKind::DType, "expected ", dtype_name(lanes[k].dtype),
            " for operand ", k, ", got ", dtype_name(operands[k].dtype));
  }
  if (operands[0].numel == 0) return;
  switch (count) {
    case 1:
      return run<1>(operands, lanes, row, f, cost);
    case 2:
      return run<2>(operands, lanes, row, f, cost);
    case 3:
      return run<3>(operands, lanes, row, f, cost);
    case 4:
      return run<4>(operands, lanes, row, f, cost);
    case 5:
      return run<5>(operands, lanes, row, f, cost);
    default:
      fail(ErrorKind::Internal, "expected at most ", kMaxLanes, " operands, got ", count);
  }
}

}  // namespace tt::TT_INSTRUCTION_SET
