// Sorting and what follows from it, by keys (functors/order.h). A block sorts or searches a line of its own; long lines
// are sorted by radix in device memory, by all blocks.
#include "../checks/sorting.h"

#include "../functors/histogram.h"
#include "block.h"
#include "chunks.h"
#include "sort_lines.h"

namespace tt::cuda {
namespace {

using functors::KeyedPlace;
using functors::KeyFormat;

// One 32-bit number stands for no place.
constexpr int64_t kMostPlaces = kMostSorted - 1;
// What a block sorts in its shared memory.
constexpr int64_t kShortLine = 2048;

// --- Lines -----------------------------------------------------------------------------------------------------------

// values and indices along a dimension of self. Offsets are those of where lines begin.
struct Lines {
  uint32_t count;
  uint32_t length, results;
  Offsets<3> offsets;
  int64_t steps[3];
  char* values;
  int64_t* indices;
  const char* self;
  KeyFormat format;

  TT_D void begin(uint32_t line, int64_t* at) const { offsets.find(line, at); }
  template <class Key>
  TT_D Key key(const int64_t* at, uint32_t i) const {
    return functors::key_of(static_cast<Key>(read_word(self, at[2] + i * steps[2], format.bytes)), format);
  }
  TT_D void write(const int64_t* at, uint32_t result, uint32_t place) const {
    move_element(values, at[0] + result * steps[0], self, at[2] + place * steps[2], format.bytes);
    indices[at[1] + result * steps[1]] = place;
  }
};

// Lines of the operands values, indices and self, which have been checked; `count` is 0 where there is nothing to do.
Lines lines_of(const Operand* operands, int64_t dim, bool descending) {
  Lines lines{};
  lines.format = functors::key_format(operands[2].dtype, descending);
  lines.values = operands[0].data;
  lines.indices = operands[1].as<int64_t>();
  lines.self = operands[2].data;
  if (operands[0].numel == 0) return lines;
  Operand firsts[] = {at_least_1d(operands[0]), at_least_1d(operands[1]), at_least_1d(operands[2])};
  lines.length = static_cast<uint32_t>(firsts[2].sizes[dim]);
  lines.results = static_cast<uint32_t>(firsts[0].sizes[dim]);
  const int64_t count = firsts[0].numel / firsts[0].sizes[dim];
  require(count <= kMostElements, ErrorKind::Shape, "cannot sort ", count, " lines at once");
  lines.count = static_cast<uint32_t>(count);
  for (int k = 0; k < 3; ++k) {
    lines.steps[k] = firsts[k].strides[dim];
    firsts[k].numel = count;
    firsts[k].sizes[dim] = 1;
  }
  lines.offsets = offsets_of(Loop<3>(firsts));
  return lines;
}

// f<Key>() with the smallest type that holds keys.
template <class F>
void with_key(const KeyFormat& format, F&& f) {
  if (format.bytes == 8)
    f.template operator()<uint64_t>();
  else
    f.template operator()<uint32_t>();
}

unsigned blocks_of_lines(const Lines& lines, unsigned threads) {
  return static_cast<unsigned>(std::min<int64_t>(lines.count, 8 * int64_t{resident_blocks(threads)}));
}

// --- Within a block --------------------------------------------------------------------------------------------------

// Batcher 1968: `size` is a power of two. Begins and ends with a barrier.
template <class Entry>
TT_D void bitonic_sort(Entry* entries, unsigned size) {
  __syncthreads();
  for (unsigned width = 2; width <= size; width *= 2) {
    for (unsigned step = width / 2; step > 0; step /= 2) {
      for (unsigned pair = threadIdx.x; pair < size / 2; pair += blockDim.x) {
        const unsigned low = 2 * pair - (pair & (step - 1)), high = low + step;
        const Entry a = entries[low], b = entries[high];
        if ((b < a) != ((low & width) == 0)) continue;
        entries[low] = b;
        entries[high] = a;
      }
      __syncthreads();
    }
  }
}

// The key that `rank` others of a line precede, and how many of them are less.
template <class Key>
struct Selected {
  Key key;
  uint32_t less;
};

// Digit by digit, from the highest: counts how often each comes after the digits that are known.
template <class Key>
TT_D Selected<Key> select_key(const Lines& lines, const int64_t* at, uint32_t rank) {
  TT_SHARED(unsigned, counts, [kDigits]);
  TT_SHARED(unsigned, found, [2]);  // the digit, and how many come before it
  constexpr unsigned kOfLane = kDigits / kWarp;
  Key known = 0, mask = 0;
  uint32_t less = 0;
  for (int shift = (lines.format.bytes - 1) * kDigitBits; shift >= 0; shift -= kDigitBits) {
    __syncthreads();
    for (unsigned d = threadIdx.x; d < kDigits; d += blockDim.x) counts[d] = 0;
    __syncthreads();
    for (int64_t i = threadIdx.x; i < lines.length; i += blockDim.x) {
      const Key key = lines.key<Key>(at, static_cast<uint32_t>(i));
      if ((key & mask) == known) atomicAdd(counts + ((key >> shift) & (kDigits - 1)), 1u);
    }
    __syncthreads();
    if (warp_index() == 0) {
      const unsigned first = lane_index() * kOfLane;
      unsigned mine = 0;
      for (unsigned d = 0; d < kOfLane; ++d) mine += counts[first + d];
      unsigned before = less + warp_scan(mine, Add{}) - mine;
      if (before <= rank && rank - before < mine) {
        unsigned digit = first;
        while (rank - before >= counts[digit]) before += counts[digit++];
        found[0] = digit;
        found[1] = before;
      }
    }
    __syncthreads();
    known |= static_cast<Key>(found[0]) << shift;
    mask |= static_cast<Key>(kDigits - 1) << shift;
    less = found[1];
  }
  return {known, less};
}

// f(place) for the first `count` places, in order, whose key is this one: by the thread that finds it.
template <class Key, class F>
TT_D void each_equal(const Lines& lines, const int64_t* at, Key key, uint32_t count, const F& f) {
  uint32_t before = 0;
  for (int64_t first = 0; first < lines.length && before < count; first += blockDim.x) {
    const int64_t i = first + threadIdx.x;
    const unsigned equal = i < lines.length && lines.key<Key>(at, static_cast<uint32_t>(i)) == key;
    unsigned total;
    const uint32_t number = before + block_scan(equal, Add{}, total) - equal;
    if (equal && number < count) f(number, static_cast<uint32_t>(i));
    before += total;
  }
}

template <class Key>
struct PutEntry {
  KeyedPlace<Key>* entries;
  Key key;
  TT_D void operator()(uint32_t number, uint32_t place) const { entries[number] = {key, place}; }
};

// Fills `entries` with the first results of a line that is too long for them, in any order.
template <class Key>
TT_D void gather_results(const Lines& lines, const int64_t* at, KeyedPlace<Key>* entries) {
  TT_SHARED(unsigned, taken, [1]);
  const Selected<Key> last = select_key<Key>(lines, at, lines.results - 1);
  if (threadIdx.x == 0) taken[0] = 0;
  __syncthreads();
  for (int64_t i = threadIdx.x; i < lines.length; i += blockDim.x) {
    const Key key = lines.key<Key>(at, static_cast<uint32_t>(i));
    if (key < last.key) entries[atomicAdd(taken, 1u)] = {key, static_cast<uint32_t>(i)};
  }
  each_equal(lines, at, last.key, lines.results - last.less, PutEntry<Key>{entries + last.less, last.key});
}

// The first results of each line. `size`, a power of two: what is sorted in shared memory, all of a short line.
template <class Key>
__global__ void sort_in_block(Lines lines, unsigned size) {
  TT_DYNAMIC_SHARED(KeyedPlace<Key>, entries);
  const bool selects = lines.length > size;
  const unsigned filled = selects ? lines.results : lines.length;
  for (uint32_t line = blockIdx.x; line < lines.count; line += gridDim.x) {
    int64_t at[3];
    lines.begin(line, at);
    if (selects) {
      gather_results<Key>(lines, at, entries);
    } else {
      for (unsigned i = threadIdx.x; i < filled; i += blockDim.x) entries[i] = {lines.key<Key>(at, i), i};
    }
    // Places beyond all others: after every key.
    for (unsigned i = filled + threadIdx.x; i < size; i += blockDim.x) entries[i] = {~Key(0), UINT32_MAX};
    bitonic_sort(entries, size);
    for (unsigned i = threadIdx.x; i < lines.results; i += blockDim.x) lines.write(at, i, entries[i].place);
    __syncthreads();
  }
}

struct WritePlace {
  const Lines& lines;
  const int64_t* at;
  uint32_t wanted;
  TT_D void operator()(uint32_t number, uint32_t place) const {
    if (number == wanted) lines.write(at, 0, place);
  }
};

// The result that `rank` others precede; where `is_median`, the lower of the two in the middle: among the numbers, or
// NaN where there is one that is not to be ignored.
template <class Key>
__global__ void select_in_block(Lines lines, uint32_t rank, bool is_median, bool ignore_nan) {
  for (uint32_t line = blockIdx.x; line < lines.count; line += gridDim.x) {
    int64_t at[3];
    lines.begin(line, at);
    if (is_median) {
      uint32_t nans = 0;
      if (lines.format.is_float) {
        for (int64_t i = threadIdx.x; i < lines.length; i += blockDim.x)
          nans += lines.key<Key>(at, static_cast<uint32_t>(i)) == static_cast<Key>(lines.format.highest);
        nans = block_reduce(nans, Add{});
      }
      const uint32_t numbers = lines.length - nans;
      rank = nans > 0 && (!ignore_nan || numbers == 0) ? numbers : (numbers - 1) / 2;
    }
    const Selected<Key> selected = select_key<Key>(lines, at, rank);
    const uint32_t wanted = rank - selected.less;
    each_equal(lines, at, selected.key, wanted + 1, WritePlace{lines, at, wanted});
  }
}

// --- Radix sort ------------------------------------------------------------------------------------------------------

// Lines go in tiles, a block each; its warps take neighbouring parts of it, so that order is kept.
constexpr unsigned kSortThreads = 256, kSortWarps = kSortThreads / kWarp;
constexpr uint32_t kOfWarp = 1024, kTile = kSortWarps * kOfWarp;

template <class Key>
TT_D unsigned digit_of(Key key, int shift) {
  return static_cast<unsigned>(key >> shift) & (kDigits - 1);
}

struct Tiles {
  uint32_t length, of_line;  // tiles
  TT_D int64_t line() const { return blockIdx.x / of_line; }
  TT_D uint32_t tile() const { return blockIdx.x % of_line; }
  // Where counts of a digit are: all tiles of digit 0, all of digit 1 ...
  TT_D int64_t place(unsigned digit) const { return (line() * kDigits + digit) * of_line + tile(); }
};

template <class Key>
__global__ void count_digits(Tiles tiles, const Key* keys, int shift, unsigned* counts) {
  TT_SHARED(unsigned, of_tile, [kDigits]);
  for (unsigned d = threadIdx.x; d < kDigits; d += blockDim.x) of_tile[d] = 0;
  __syncthreads();
  const Key* line = keys + tiles.line() * tiles.length;
  const uint32_t begin = tiles.tile() * kTile, end = min(tiles.length, begin + kTile);
  for (uint32_t i = begin + threadIdx.x; i < end; i += blockDim.x) atomicAdd(of_tile + digit_of(line[i], shift), 1u);
  __syncthreads();
  for (unsigned d = threadIdx.x; d < kDigits; d += blockDim.x) counts[tiles.place(d)] = of_tile[d];
}

// Counts of each line become what comes before them: a block for each line.
constexpr uint32_t kOfScanThread = 4;
__global__ void start_digits(uint32_t count, unsigned* counts) {
  unsigned* const line = counts + static_cast<int64_t>(blockIdx.x) * count;
  unsigned before = 0;
  for (uint32_t first = 0; first < count; first += blockDim.x * kOfScanThread) {
    const uint32_t begin = first + threadIdx.x * kOfScanThread, end = min(count, begin + kOfScanThread);
    unsigned mine = 0, total;
    for (uint32_t i = begin; i < end; ++i) mine += line[i];
    unsigned start = before + block_scan(mine, Add{}, total) - mine;
    for (uint32_t i = begin; i < end; ++i) {
      const unsigned size = line[i];
      line[i] = start;
      start += size;
    }
    before += total;
  }
}

template <class Key>
__global__ void move_to_digits(Tiles tiles, const Key* keys, const uint32_t* places, int shift, const unsigned* starts,
                               Key* keys_out, uint32_t* places_out) {
  TT_SHARED(unsigned, next, [kSortWarps][kDigits]);
  for (unsigned w = 0; w < kSortWarps; ++w) next[w][threadIdx.x] = 0;
  __syncthreads();
  const int64_t first = tiles.line() * tiles.length;
  const uint32_t begin = tiles.tile() * kTile + warp_index() * kOfWarp, end = min(tiles.length, begin + kOfWarp);
  for (uint32_t i = begin + lane_index(); i < end; i += kWarp)
    atomicAdd(&next[warp_index()][digit_of(keys[first + i], shift)], 1u);
  __syncthreads();
  // A thread for each digit: what the warps before have of it comes first.
  unsigned start = starts[tiles.place(threadIdx.x)];
  for (unsigned w = 0; w < kSortWarps; ++w) {
    const unsigned size = next[w][threadIdx.x];
    next[w][threadIdx.x] = start;
    start += size;
  }
  __syncthreads();
  for (uint32_t round = begin; round < end; round += kWarp) {
    const uint32_t i = round + lane_index();
    const bool inside = i < end;
    const Key key = inside ? keys[first + i] : Key(0);
    const unsigned digit = digit_of(key, shift);
    const unsigned peers = __match_any_sync(kWholeWarp, inside ? digit : kDigits);
    const unsigned earlier = static_cast<unsigned>(__popc(peers & ((1u << lane_index()) - 1)));
    if (inside) {
      const int64_t to = first + next[warp_index()][digit] + earlier;
      keys_out[to] = key;
      places_out[to] = places == nullptr ? i : places[first + i];
    }
    __syncwarp();
    if (inside && earlier == 0) next[warp_index()][digit] += static_cast<unsigned>(__popc(peers));
    __syncwarp();
  }
}

template <class Key>
__global__ void read_keys(Lines lines, uint32_t first_line, int64_t n, Key* keys) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    int64_t at[3];
    lines.begin(first_line + static_cast<uint32_t>(i / lines.length), at);
    keys[i] = lines.key<Key>(at, static_cast<uint32_t>(i % lines.length));
  }
}

template <class Key>
__global__ void read_vector(int64_t n, const char* self, int64_t self_stride, KeyFormat format, Key* keys) {
  for (int64_t i = first_element(); i < n; i += grid_stride())
    keys[i] = functors::key_of(static_cast<Key>(read_word(self, i * self_stride, format.bytes)), format);
}

__global__ void write_results(Lines lines, uint32_t first_line, int64_t n, const uint32_t* places) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const int64_t line = i / lines.results;
    const auto result = static_cast<uint32_t>(i % lines.results);
    int64_t at[3];
    lines.begin(first_line + static_cast<uint32_t>(line), at);
    lines.write(at, result, places[line * lines.length + result]);
  }
}

// The most frequent key of each sorted line, the smallest where several are, and the last of its places.
template <class Key>
__global__ void find_modes(Lines lines, uint32_t first_line, const Key* keys, const uint32_t* places) {
  const Key* line = keys + static_cast<int64_t>(blockIdx.x) * lines.length;
  // How long a run is, and the sooner it ends the better.
  unsigned long long best = 0;
  for (int64_t i = threadIdx.x; i < lines.length; i += blockDim.x) {
    if (i + 1 < lines.length && line[i + 1] == line[i]) continue;
    int64_t low = 0, high = i;
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (line[middle] < line[i])
        low = middle + 1;
      else
        high = middle;
    }
    const unsigned long long run = static_cast<unsigned long long>(i - low + 1) << 32 | (UINT32_MAX - i);
    if (run > best) best = run;
  }
  best = block_reduce(best, Greater{});
  if (threadIdx.x != 0) return;
  int64_t at[3];
  lines.begin(first_line + blockIdx.x, at);
  const auto end = UINT32_MAX - static_cast<uint32_t>(best);
  lines.write(at, 0, places[static_cast<int64_t>(blockIdx.x) * lines.length + end]);
}

// Sorts all lines in groups that fit in some memory: f<Key>(first line, lines of the group, sorted).
template <class F>
void sort_in_groups(const Lines& lines, F&& f) {
  constexpr int64_t kMostAtOnce = int64_t{1} << 26;
  if (lines.count == 0) return;
  with_key(lines.format, [&]<class Key>() {
    const int64_t of_group = std::clamp<int64_t>(kMostAtOnce / lines.length, 1, lines.count);
    const Workspace memory(sort_bytes<Key>(of_group * lines.length));
    for (int64_t first = 0; first < lines.count; first += of_group) {
      const int64_t group = std::min<int64_t>(of_group, lines.count - first), n = group * lines.length;
      TT_RUN_ELEMENTS(n, read_keys<Key>, lines, static_cast<uint32_t>(first), n, memory.as<Key>());
      f(static_cast<uint32_t>(first), group,
        sort_lines<Key>(memory.as<void>(), group, lines.length, lines.format.bytes));
    }
  });
}

// --- Ops -------------------------------------------------------------------------------------------------------------

// The first results of each line, in order.
void write_first(const Lines& lines) {
  if (lines.count == 0) return;
  const int64_t sorted = lines.length <= kShortLine ? lines.length : lines.results;
  if (sorted > kShortLine) {
    sort_in_groups(lines, [&](uint32_t first, int64_t group, const auto& order) {
      const int64_t n = group * lines.results;
      TT_RUN_ELEMENTS(n, write_results, lines, first, n, order.places);
    });
    return;
  }
  unsigned size = 2;
  while (size < sorted) size *= 2;
  with_key(lines.format, [&]<class Key>() {
    const unsigned threads = threads_for(lines.length > kShortLine ? lines.length : size / 2);
    TT_RUN_BLOCKS(blocks_of_lines(lines, threads), threads, size * sizeof(KeyedPlace<Key>), sort_in_block<Key>, lines,
                  size);
  });
}

// sort(values, indices, self; dim, descending): stable
void sort(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer();
  const bool descending = params.boolean();
  require_sorted_shapes(operands, count, dim, kMostPlaces);
  require_same_shape(operands[0], operands[2]);
  write_first(lines_of(operands, dim, descending));
}

// topk(values, indices, self; dim, largest, sorted): as many as the outputs hold
void topk(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer();
  const bool largest = params.boolean();
  params.boolean();  // results are sorted anyway
  require_sorted_shapes(operands, count, dim, kMostPlaces);
  if (operands[2].ndim > 0)
    require(operands[0].sizes[dim] <= operands[2].sizes[dim], ErrorKind::Index, "cannot take ", operands[0].sizes[dim],
            " of ", operands[2].sizes[dim], " elements");
  write_first(lines_of(operands, dim, largest));
}

void select(const Lines& lines, uint32_t rank, bool is_median, bool ignore_nan) {
  if (lines.count == 0 || lines.length == 0) return;
  with_key(lines.format, [&]<class Key>() {
    const unsigned threads = threads_for(lines.length);
    TT_RUN_BLOCKS(blocks_of_lines(lines, threads), threads, 0, select_in_block<Key>, lines, rank, is_median,
                  ignore_nan);
  });
}

// kthvalue(values, indices, self; dim, k): the k-th smallest, from 1
void kthvalue(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer(), k = params.integer();
  require_sorted_shapes(operands, count, dim, kMostPlaces);
  require_one_result(operands, dim);
  const int64_t length = at_least_1d(operands[2]).sizes[dim];
  require(k >= 1 && (k <= length || operands[0].numel == 0), ErrorKind::Index, "expected k from 1 to ", length,
          ", got ", k);
  select(lines_of(operands, dim, false), static_cast<uint32_t>(k - 1), false, false);
}

// median(values, indices, self; dim, ignoreNan): the lower of two; NaN where there is one that is not to be ignored
void median(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer();
  const bool ignore_nan = params.boolean();
  require_sorted_shapes(operands, count, dim, kMostPlaces);
  require_one_result(operands, dim);
  select(lines_of(operands, dim, false), 0, true, ignore_nan);
}

// mode(values, indices, self; dim): the smallest of the most frequent, and its last place
void mode(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer();
  require_sorted_shapes(operands, count, dim, kMostPlaces);
  require_one_result(operands, dim);
  const Lines lines = lines_of(operands, dim, false);
  sort_in_groups(lines, [&]<class Key>(uint32_t first, int64_t group, const SortedLines<Key>& order) {
    TT_RUN_BLOCKS(static_cast<unsigned>(group), threads_for(lines.length), 0, find_modes<Key>, lines, first, order.keys,
                  order.places);
  });
}

// --- Different elements ----------------------------------------------------------------------------------------------

// A vector in order: `heads` are those that differ from the one before them, as NaN does from all.
template <class Key>
struct Ordered {
  int64_t count;
  const Key* keys;
  const uint32_t* places;
  bool is_float;
  Key highest;
  TT_D bool is_head(int64_t i) const { return i == 0 || keys[i] != keys[i - 1] || (is_float && keys[i] == highest); }
};

template <class Key>
__global__ void count_heads(Ordered<Key> ordered, int64_t* counts) {
  const int64_t begin = int64_t{blockIdx.x} * kChunk, end = min(ordered.count, begin + kChunk);
  unsigned found = 0;
  for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) found += ordered.is_head(i);
  found = block_reduce(found, Add{});
  if (threadIdx.x == 0) counts[blockIdx.x] = found;
}

// Results of `unique`; null where they are left out.
struct Groups {
  char* values;
  int64_t values_stride;
  int64_t* inverse;
  int64_t inverse_stride;
  const char* self;
  int64_t self_stride;
  int bytes;
  uint32_t* starts;
};

template <class Key>
__global__ void write_groups(Ordered<Key> ordered, const int64_t* before, Groups groups) {
  const int64_t begin = int64_t{blockIdx.x} * kChunk, end = min(ordered.count, begin + kChunk);
  int64_t start = before[blockIdx.x];
  for (int64_t first = begin; first < end; first += blockDim.x) {
    const int64_t i = first + threadIdx.x;
    const unsigned head = i < end && ordered.is_head(i);
    unsigned total;
    const int64_t group = start + block_scan(head, Add{}, total) - 1;
    start += total;
    if (i >= end) continue;
    const int64_t place = ordered.places[i];
    if (groups.inverse != nullptr) groups.inverse[place * groups.inverse_stride] = group;
    if (!head) continue;
    groups.starts[group] = static_cast<uint32_t>(i);
    move_element(groups.values, group * groups.values_stride, groups.self, place * groups.self_stride, groups.bytes);
  }
}

__global__ void write_sizes(int64_t n, const int64_t* found, const uint32_t* starts, int64_t* counts,
                            int64_t counts_stride) {
  for (int64_t group = first_element(); group < *found; group += grid_stride())
    counts[group * counts_stride] = (group + 1 < *found ? starts[group + 1] : n) - starts[group];
}

// unique(values, inverse, counts, found, self): vectors as long as self, of which the first `found` values and counts
// are written; inverse and counts may be left out
void unique(Operand* operands, int count, Params&) {
  require_distinct(operands, count);
  const Operand &values = operands[0], &inverse = operands[1], &counts = operands[2], &self = operands[4];
  auto* const found = operands[3].as<int64_t>();
  const int64_t n = self.numel;
  check(cudaMemsetAsync(found, 0, sizeof(int64_t), current_stream()), "clearing memory");
  if (n == 0) return;
  const KeyFormat format = functors::key_format(self.dtype, false);
  const Workspace starts(n * sizeof(uint32_t));
  const Groups groups{values.data,
                      values.strides[0],
                      inverse.present ? inverse.as<int64_t>() : nullptr,
                      inverse.present ? inverse.strides[0] : 0,
                      self.data,
                      self.strides[0],
                      format.bytes,
                      starts.as<uint32_t>()};
  with_key(format, [&]<class Key>() {
    const Workspace memory(sort_bytes<Key>(n));
    TT_RUN_ELEMENTS(n, read_vector<Key>, n, self.data, self.strides[0], format, memory.as<Key>());
    const auto sorted = sort_lines<Key>(memory.as<void>(), 1, n, format.bytes);
    const Ordered<Key> ordered{n, sorted.keys, sorted.places, format.is_float, static_cast<Key>(format.highest)};
    const int64_t chunks = (n + kChunk - 1) / kChunk;
    const Workspace before(chunks * sizeof(int64_t));
    TT_RUN_BLOCKS(chunks, threads_for(n), 0, count_heads<Key>, ordered, before.as<int64_t>());
    start_chunks(before.as<int64_t>(), chunks, found);
    TT_RUN_BLOCKS(chunks, threads_for(n), 0, write_groups<Key>, ordered, before.as<int64_t>(), groups);
  });
  if (counts.present)
    TT_RUN_ELEMENTS(n, write_sizes, n, found, starts.as<uint32_t>(), counts.as<int64_t>(), counts.strides[0]);
}

// --- Boundaries and bins ---------------------------------------------------------------------------------------------

struct Matrix {
  int64_t row_stride, column_stride;
  TT_D int64_t offset(int64_t row, int64_t column) const { return row * row_stride + column * column_stride; }
};

template <class T>
struct Boundaries {
  const T* line;
  int64_t stride;
  TT_D compute_t<T> operator()(int64_t i) const { return static_cast<compute_t<T>>(line[i * stride]); }
};

template <class T>
__global__ void find_boundaries(int64_t n, int64_t columns, int64_t boundaries, bool right, Matrix out_places,
                                Matrix sorted_places, Matrix value_places, int64_t* out, const T* sorted,
                                const T* values) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    const int64_t row = i / columns, column = i % columns;
    const Boundaries<T> line{sorted + sorted_places.offset(row, 0), sorted_places.column_stride};
    const auto value = static_cast<compute_t<T>>(values[value_places.offset(row, column)]);
    out[out_places.offset(row, column)] = functors::first_boundary(value, boundaries, right, line);
  }
}

// searchsorted(out, sorted, values; right)
template <class T>
void searchsorted(Operand* operands, int count, Params& params) {
  const bool right = params.boolean();
  require_boundaries(operands, count);
  const Operand &out = operands[0], &sorted = operands[1], &values = operands[2];
  const auto matrix = [](const Operand& operand) {
    return Matrix{operand.sizes[0] == 1 ? 0 : operand.strides[0], operand.strides[1]};
  };
  TT_RUN_ELEMENTS(out.numel, find_boundaries<T>, out.numel, values.sizes[1], sorted.sizes[1], right, matrix(out),
                  matrix(sorted), matrix(values), out.as<int64_t>(), sorted.as<T>(), values.as<T>());
}

// Few bins are counted in shared memory first.
constexpr int64_t kSharedBins = 4096;

template <class T>
__global__ void count_bins(uint32_t n, Offsets<1> offsets, double low, double high, int64_t bins, const T* self,
                           unsigned long long* counts) {
  TT_DYNAMIC_SHARED(unsigned, of_block);
  const bool shared = bins <= kSharedBins;
  for (int64_t bin = threadIdx.x; shared && bin < bins; bin += blockDim.x) of_block[bin] = 0;
  __syncthreads();
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[1];
    offsets.find(i, at);
    const int64_t bin =
        functors::histogram_bin(static_cast<double>(static_cast<compute_t<T>>(self[at[0]])), low, high, bins);
    if (bin < 0) continue;
    if (shared)
      atomicAdd(of_block + bin, 1u);
    else
      atomicAdd(counts + bin, 1ull);
  }
  __syncthreads();
  for (int64_t bin = threadIdx.x; shared && bin < bins; bin += blockDim.x)
    if (of_block[bin] > 0) atomicAdd(counts + bin, static_cast<unsigned long long>(of_block[bin]));
}

template <class T>
__global__ void write_counts(int64_t bins, const unsigned long long* counts, T* out, int64_t out_stride) {
  for (int64_t i = first_element(); i < bins; i += grid_stride())
    out[i * out_stride] = static_cast<T>(static_cast<compute_t<T>>(static_cast<int64_t>(counts[i])));
}

// histc(out, self; min, max): counts elements of each of out's even bins; those outside, and NaN, are left out
template <class T>
void histc(Operand* operands, int count, Params& params) {
  const double low = params.number(), high = params.number();
  require_bins(operands, count, low, high);
  const Operand &out = operands[0], &self = operands[1];
  const int64_t bins = out.sizes[0];
  const ZeroedWorkspace counts(bins * sizeof(unsigned long long));
  constexpr size_t item_sizes[] = {sizeof(T)};
  if (self.numel > 0)
    each_part(Loop<1>(&self), item_sizes, [&](const Loop<1>& part) {
      const auto n = static_cast<uint32_t>(part.numel);
      const unsigned threads = threads_for(n);
      TT_RUN_BLOCKS(blocks_for(n, threads), threads, (bins <= kSharedBins ? bins : 1) * sizeof(unsigned), count_bins<T>,
                    n, offsets_of(part), low, high, bins, reinterpret_cast<const T*>(part.data[0]),
                    counts.as<unsigned long long>());
    });
  TT_RUN_ELEMENTS(bins, write_counts<T>, bins, counts.as<unsigned long long>(), out.as<T>(), out.strides[0]);
}

template <class Types>
void register_erased(const char* name, Kernel kernel) {
  for_each_type(Types{}, [&]<class T>() { register_kernel(name, 2, kDevice, dtype_of<T>, kernel); });
}

}  // namespace

template <class Key>
SortedLines<Key> sort_lines(void* buffers, int64_t lines, int64_t length, int digits) {
  const int64_t n = lines * length;
  Key *keys = static_cast<Key*>(buffers), *other_keys = keys + n;
  auto *places = reinterpret_cast<uint32_t*>(other_keys + n), *other_places = places + n;
  const Tiles tiles{static_cast<uint32_t>(length), static_cast<uint32_t>((length + kTile - 1) / kTile)};
  const auto blocks = static_cast<unsigned>(lines * tiles.of_line);
  const uint32_t of_line = kDigits * tiles.of_line;
  const Workspace counts(lines * of_line * sizeof(unsigned));
  for (int digit = 0; digit < digits; ++digit) {
    const int shift = digit * kDigitBits;
    TT_RUN_BLOCKS(blocks, kSortThreads, 0, count_digits<Key>, tiles, keys, shift, counts.as<unsigned>());
    TT_RUN_BLOCKS(static_cast<unsigned>(lines), threads_for(of_line / kOfScanThread), 0, start_digits, of_line,
                  counts.as<unsigned>());
    TT_RUN_BLOCKS(blocks, kSortThreads, 0, move_to_digits<Key>, tiles, keys, digit == 0 ? nullptr : places, shift,
                  counts.as<unsigned>(), other_keys, other_places);
    std::swap(keys, other_keys);
    std::swap(places, other_places);
  }
  return {keys, places};
}
template SortedLines<uint32_t> sort_lines(void*, int64_t, int64_t, int);
template SortedLines<uint64_t> sort_lines(void*, int64_t, int64_t, int);

void register_sorting() {
  register_erased<RealAndBool>("sort", sort);
  register_erased<RealTypes>("topk", topk);
  register_erased<RealTypes>("kthvalue", kthvalue);
  register_erased<RealTypes>("median", median);
  register_erased<RealAndBool>("mode", mode);
  for_each_type(RealAndBool{}, []<class T>() { register_kernel("unique", 4, kDevice, dtype_of<T>, unique); });
  register_for<RealTypes>("searchsorted", 1, []<class T>() -> Kernel { return searchsorted<T>; });
  register_for<Floating>("histc", 1, []<class T>() -> Kernel { return histc<T>; });
}

}  // namespace tt::cuda
