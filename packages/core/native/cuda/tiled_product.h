// Products of matrices that are seen through functions, so that convolutions are products too. Tiles of both go through
// shared memory; each of 16 by 16 threads sums up a square of elements in registers.
#pragma once
#include "launch.h"

namespace tt::cuda {

constexpr int kTileSide = 16;
constexpr int kTileThreads = kTileSide * kTileSide;
constexpr int kTileDepth = 16;

// What sums of products of T are held in. Unsigned integers wrap, as the fixed-size integers of PyTorch do.
template <class T>
using product_t =
    std::conditional_t<std::is_integral_v<T>, std::conditional_t<(sizeof(T) > 4), uint64_t, uint32_t>, compute_t<T>>;

template <class T>
constexpr int kElementsPerThread = (sizeof(product_t<T>) <= 8 && !std::is_integral_v<T>) ? 4 : 2;
template <class T>
constexpr int64_t kTile = kTileSide* kElementsPerThread<T>;

struct Tiles {
  int64_t rows, columns, count;

  template <class T>
  static Tiles of(int64_t m, int64_t n, int64_t batch) {
    Tiles tiles{(m + kTile<T> - 1) / kTile<T>, (n + kTile<T> - 1) / kTile<T>, 0};
    tiles.count = tiles.rows * tiles.columns * batch;
    return tiles;
  }
};

// Row tiles are neighbours: blocks that run together share the columns of the right matrix.
struct TilePlace {
  int64_t batch, row, column;
  TT_D TilePlace(const Tiles& tiles, int64_t index)
      : batch(index / (tiles.rows * tiles.columns)),
        row(index % tiles.rows),
        column(index % (tiles.rows * tiles.columns) / tiles.rows) {}
};

// left(row, depth), right(depth, column) give product_t<T>, and are asked within bounds only. `along_depth`: neighbours
// in memory are neighbours in depth. store(row, column, sum) gets each element of the tile.
template <class T, class Left, class Right, class Store>
TT_D void tiled_product(const TilePlace& place, int64_t m, int64_t n, int64_t k, const Left& left, const Right& right,
                        const Store& store) {
  using Sum = product_t<T>;
  constexpr int per = kElementsPerThread<T>, tile = kTileSide * per;
  TT_SHARED(Sum, lefts, [kTileDepth][tile + 1]);
  TT_SHARED(Sum, rights, [kTileDepth][tile + 1]);
  const int thread = threadIdx.x, x = thread % kTileSide, y = thread / kTileSide;
  const int64_t first_row = place.row * tile, first_column = place.column * tile;
  Sum sums[per][per];
  TT_UNROLL
  for (int i = 0; i < per; ++i) {
    TT_UNROLL
    for (int j = 0; j < per; ++j) sums[i][j] = Sum(0);
  }
  for (int64_t depth = 0; depth < k; depth += kTileDepth) {
    for (int i = thread; i < tile * kTileDepth; i += kTileThreads) {
      const int d = left.along_depth ? i % kTileDepth : i / tile, r = left.along_depth ? i / kTileDepth : i % tile;
      lefts[d][r] = first_row + r < m && depth + d < k ? left(first_row + r, depth + d) : Sum(0);
    }
    for (int i = thread; i < tile * kTileDepth; i += kTileThreads) {
      const int d = right.along_depth ? i % kTileDepth : i / tile, c = right.along_depth ? i / kTileDepth : i % tile;
      rights[d][c] = first_column + c < n && depth + d < k ? right(depth + d, first_column + c) : Sum(0);
    }
    __syncthreads();
    TT_UNROLL
    for (int d = 0; d < kTileDepth; ++d) {
      Sum a[per], b[per];
      TT_UNROLL
      for (int i = 0; i < per; ++i) a[i] = lefts[d][y + i * kTileSide];
      TT_UNROLL
      for (int j = 0; j < per; ++j) b[j] = rights[d][x + j * kTileSide];
      TT_UNROLL
      for (int i = 0; i < per; ++i) {
        TT_UNROLL
        for (int j = 0; j < per; ++j) sums[i][j] += a[i] * b[j];
      }
    }
    __syncthreads();
  }
  TT_UNROLL
  for (int i = 0; i < per; ++i) {
    TT_UNROLL
    for (int j = 0; j < per; ++j) {
      const int64_t row = first_row + y + i * kTileSide, column = first_column + x + j * kTileSide;
      if (row < m && column < n) store(row, column, sums[i][j]);
    }
  }
}

}  // namespace tt::cuda

// TT_RUN_TILES(tiles, kernel, args...): a block for each tile, as far as a grid goes; kernels go over the rest.
#define TT_RUN_TILES(tiles, kernel, ...)                                                                      \
  ::tt::cuda::check(TT_LAUNCH(kernel, dim3(static_cast<unsigned>(std::min<int64_t>((tiles).count, 1 << 30))), \
                              dim3(::tt::cuda::kTileThreads), 0, ::tt::cuda::current_stream(), __VA_ARGS__),  \
                    "launching a kernel")
