// Reading and writing at indices. Every index is checked before it is used; those of index, indexPut and indexFill may
// count from the end. All ops are two: a dense operand is read or written in step with indices, which say where along
// the indexed operand. Where an index stands for many elements it has strides of 0.
#include "../checks/indexing.h"

#include "atomics.h"
#include "elements.h"

namespace tt::cuda {
namespace {

constexpr int64_t kNowhere = INT64_MIN;

// How an index becomes an offset into the indexed operand, in elements.
struct Axis {
  int64_t size, stride, dim;
  bool from_the_end;
  bool is_offset;  // the index has been checked and is an offset, or kNowhere
  int shift;       // what offsets are divided by, as a power of two
  Reporter reporter;

  TT_D bool add(int64_t index, int64_t& offset) const {
    if (is_offset) {
      offset += index >> shift;
      return index != kNowhere;
    }
    const int64_t place = from_the_end && index < 0 ? index + size : index;
    if (static_cast<uint64_t>(place) >= static_cast<uint64_t>(size)) {
      reporter.report(KernelError::IndexOutOfRange, index, dim, size);
      return false;
    }
    offset += place * stride;
    return true;
  }
};

Axis axis_of(const Operand& indexed, int64_t dim, bool from_the_end = false) {
  return {indexed.sizes[dim], indexed.strides[dim], dim, from_the_end, false, 0, reporter()};
}

// --- Kernels ---------------------------------------------------------------------------------------------------------

// Operands of loops: dense, index, indexed.
template <class Word>
__global__ void read_places(uint32_t n, Offsets<3> offsets, Axis axis, Word* out, const int64_t* index,
                            const Word* self) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[3];
    offsets.find(i, at);
    if (axis.add(index[at[1]], at[2])) out[at[0]] = self[at[2]];
  }
}

template <class Word>
__global__ void write_places(uint32_t n, Offsets<3> offsets, Axis axis, Source<Word> source, const int64_t* index,
                             Word* self) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[3];
    offsets.find(i, at);
    if (axis.add(index[at[1]], at[2])) self[at[2]] = source.is_value ? source.value : source.data[at[0]];
  }
}

template <class T>
__global__ void combine_places(uint32_t n, Offsets<3> offsets, Axis axis, Combine mode, Source<T> source,
                               const int64_t* index, T* self, unsigned* locks) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[3];
    offsets.find(i, at);
    if (axis.add(index[at[1]], at[2]))
      atomic_combine(mode, self + at[2], source.is_value ? source.value : source.data[at[0]], locks);
  }
}

// The last of the elements that go to one place is the one that stays: each leaves its number along the axis, plus 1,
// in `claims`, where the largest wins. Operands of loops: index, claims, numbers along the axis.
__global__ void claim_places(uint32_t n, Offsets<3> offsets, Axis axis, const int64_t* index, unsigned* claims,
                             int64_t first_number) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[3];
    offsets.find(i, at);
    if (axis.add(index[at[0]], at[1])) atomicMax(claims + at[1], static_cast<unsigned>(at[2] + first_number + 1));
  }
}

// The same operands, then those of write_places.
template <class Word>
__global__ void write_claimed(uint32_t n, Offsets<5> offsets, Axis axis, Axis claims_axis, const int64_t* index,
                              const unsigned* claims, int64_t first_number, const Word* source, Word* self) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[5];
    offsets.find(i, at);
    const int64_t place = index[at[0]];
    if (!axis.add(place, at[4]) || !claims_axis.add(place, at[1])) continue;
    if (claims[at[1]] == static_cast<unsigned>(at[2] + first_number + 1)) self[at[4]] = source[at[3]];
  }
}

// --- Loops -----------------------------------------------------------------------------------------------------------

bool all_even(const Loop<3>& loop, int k) {
  bool even = true;
  for (int d = 0; d < loop.ndim - 1; ++d) even &= loop.strides[k][d] % 2 == 0;
  return even;
}

// Whether pairs of neighbours move together, so that they can go as one element.
bool in_pairs(const Loop<3>& loop, const Axis& axis, size_t bytes) {
  const int last = loop.ndim - 1;
  const auto aligned = [&](int k) { return reinterpret_cast<uintptr_t>(loop.data[k]) % (2 * bytes) == 0; };
  return loop.sizes[last] % 2 == 0 && loop.strides[0][last] == 1 && loop.strides[1][last] == 0 &&
         loop.strides[2][last] == 1 && axis.stride % 2 == 0 && all_even(loop, 0) && all_even(loop, 2) && aligned(0) &&
         aligned(2);
}

// Elements of `bytes`, or pairs of pairs of them up to 16 bytes: the size of what moves.
size_t widen(Loop<3>& loop, Axis& axis, size_t bytes) {
  for (; bytes < 16 && loop.numel > 0 && in_pairs(loop, axis, bytes); bytes *= 2) {
    const int last = loop.ndim - 1;
    loop.sizes[last] /= 2;
    loop.numel /= 2;
    for (int d = 0; d < last; ++d) {
      loop.strides[0][d] /= 2;
      loop.strides[2][d] /= 2;
    }
    axis.stride /= 2;
    ++axis.shift;
  }
  return bytes;
}

// f(part, offsets, number of elements) for the parts of a loop that a kernel can hold.
template <int N, class F>
void each_launch(const Loop<N>& loop, const size_t* item_sizes, F&& f) {
  if (loop.numel == 0) return;
  each_part(loop, item_sizes,
            [&](const Loop<N>& part) { f(part, offsets_of(part), static_cast<uint32_t>(part.numel)); });
}

// What the kernels go over: operands of one shape, that of the dense one or of the index.
struct Places {
  Operand operands[3];  // dense, index, indexed
  Axis axis;
  const Operand& dense() const { return operands[0]; }
};

void read(const Places& places) {
  Loop<3> loop(places.operands);
  Axis axis = places.axis;
  const size_t bytes = widen(loop, axis, item_size(places.dense().dtype));
  const size_t item_sizes[] = {bytes, sizeof(int64_t), bytes};
  with_word_of<Bytes16>(bytes, [&]<class Word>() {
    each_launch(loop, item_sizes, [&](const Loop<3>& part, const Offsets<3>& offsets, uint32_t n) {
      TT_RUN_ELEMENTS(n, read_places<Word>, n, offsets, axis, reinterpret_cast<Word*>(part.data[0]),
                      reinterpret_cast<const int64_t*>(part.data[1]), reinterpret_cast<const Word*>(part.data[2]));
    });
  });
}

void write(const Places& places) {
  Loop<3> loop(places.operands);
  Axis axis = places.axis;
  const size_t item = item_size(places.dense().dtype);
  const size_t bytes = places.dense().is_scalar ? item : widen(loop, axis, item);
  const size_t item_sizes[] = {bytes, sizeof(int64_t), bytes};
  with_word_of<Bytes16>(bytes, [&]<class Word>() {
    each_launch(loop, item_sizes, [&](const Loop<3>& part, const Offsets<3>& offsets, uint32_t n) {
      TT_RUN_ELEMENTS(n, write_places<Word>, n, offsets, axis, source_of<Word>(places.dense(), part.data[0]),
                      reinterpret_cast<const int64_t*>(part.data[1]), reinterpret_cast<Word*>(part.data[2]));
    });
  });
}

template <class T>
void combine_of(const Places& places, Combine mode) {
  require(!is_complex<T> || mode == Combine::Add || mode == Combine::Multiply, ErrorKind::DType,
          "complex numbers have no order");
  const ZeroedWorkspace locks(sizeof(T) > 8 && mode != Combine::Add ? kLocks * sizeof(unsigned) : 0);
  const size_t item_sizes[] = {sizeof(T), sizeof(int64_t), sizeof(T)};
  each_launch(Loop<3>(places.operands), item_sizes, [&](const Loop<3>& part, const Offsets<3>& offsets, uint32_t n) {
    TT_RUN_ELEMENTS(n, combine_places<T>, n, offsets, places.axis, mode, source_of<T>(places.dense(), part.data[0]),
                    reinterpret_cast<const int64_t*>(part.data[1]), reinterpret_cast<T*>(part.data[2]),
                    locks.as<unsigned>());
  });
}

void update(const Places& places, Combine mode) {
  require(mode >= Combine::Assign && mode <= Combine::Min, ErrorKind::Value, "unknown way to combine ",
          static_cast<int64_t>(mode));
  if (places.operands[0].numel == 0) return;
  if (mode == Combine::Assign) return write(places);
  for_each_type(AllTypes{}, [&]<class T>() {
    if (places.dense().dtype == dtype_of<T>) combine_of<T>(places, mode);
  });
}

// --- index and indexPut: several index tensors -----------------------------------------------------------------------

// Offsets of what several indices of one shape name together: indices are added one after another.
// Operands of the loop: the sums, then an index.
__global__ void add_offsets(uint32_t n, Offsets<2> offsets, Axis axis, bool is_first, int64_t* sums,
                            const int64_t* index) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[2];
    offsets.find(i, at);
    int64_t sum = is_first ? 0 : sums[at[0]];
    if (sum != kNowhere) sums[at[0]] = axis.add(index[at[1]], sum) ? sum : kNowhere;
  }
}

void write_offsets(Operand sums, const Operand& indexed, const Operand* indices, int index_count) {
  constexpr size_t item_sizes[] = {sizeof(int64_t), sizeof(int64_t)};
  for (int k = 0; k < index_count; ++k) {
    const Operand operands[] = {sums, indices[k]};
    each_launch(Loop<2>(operands), item_sizes, [&](const Loop<2>& part, const Offsets<2>& offsets, uint32_t n) {
      TT_RUN_ELEMENTS(n, add_offsets, n, offsets, axis_of(indexed, k, true), k == 0,
                      reinterpret_cast<int64_t*>(part.data[0]), reinterpret_cast<const int64_t*>(part.data[1]));
    });
  }
}

// f(places) with the operands seen in dense's shape. Several indices are made one of offsets first.
template <class F>
void with_indices(const Operand& dense, const Operand& indexed, const Operand* indices, int index_count, F&& f) {
  require_index_shapes(dense, indexed, indices, index_count);
  if (dense.numel == 0) return;
  const int index_ndim = indices[0].ndim;
  const Workspace memory(index_count > 1 ? indices[0].numel * sizeof(int64_t) : 0);
  Operand index = indices[0];
  Axis axis = axis_of(indexed, 0, true);
  if (index_count > 1) {
    index = numbering(indices[0]);
    index.data = memory.as<char>();
    write_offsets(index, indexed, indices, index_count);
    axis.is_offset = true;
    // Even only where all are, which is what `widen` asks of it.
    for (int k = 1; k < index_count; ++k) axis.stride |= indexed.strides[k];
  }
  Places places{{dense, flattened_to(index, dense), flattened_to(indexed, dense)}, axis};
  std::copy_n(index.strides, index_ndim, places.operands[1].strides);
  std::copy(indexed.strides + index_count, indexed.strides + indexed.ndim, places.operands[2].strides + index_ndim);
  f(places);
}

// index(out, self, index0, index1, ...): self with the indexed dimensions first, indices of one shape
void index(Operand* operands, int count, Params&) {
  require(count >= 3, ErrorKind::Internal, "expected an output, an input and indices");
  require_same_dtype(operands[0], operands[1]);
  with_indices(operands[0], operands[1], operands + 2, count - 2, read);
}

// indexPut(self, values, index0, index1, ...; accumulate): as `index`; values in place of its output, or a number
void index_put(Operand* operands, int count, Params& params) {
  const bool accumulate = params.boolean();
  require(count >= 3 && operands[1].present && operands[2].present, ErrorKind::Internal,
          "expected a tensor, values and indices");
  require_same_dtype(operands[0], operands[1]);
  respread_by_indices(operands[1], operands[0], operands[2], count - 2);
  with_indices(operands[1], operands[0], operands + 2, count - 2,
               [&](const Places& places) { update(places, accumulate ? Combine::Add : Combine::Assign); });
}

// --- indexSelect, indexAdd and the like: one index along a dimension -------------------------------------------------

Places places_along(const Operand& dense, const Operand& indexed, const Operand& index, int64_t dim,
                    bool from_the_end) {
  require_shapes_along(dense, indexed, index, dim);
  Places places{{dense, flattened_to(index, dense), indexed}, axis_of(indexed, dim, from_the_end)};
  std::copy_n(dense.sizes, dense.ndim, places.operands[2].sizes);
  places.operands[2].strides[dim] = 0;
  // The only dimension that may have more than one element.
  for (int d = 0; d < index.ndim; ++d)
    if (index.sizes[d] != 1) places.operands[1].strides[dim] = index.strides[d];
  return places;
}

// indexSelect(out, self, index; dim)
void index_select(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  const int64_t dim = require_dim(operands[1], params.integer());
  read(places_along(at_least_1d(operands[0]), at_least_1d(operands[1]), operands[2], dim, false));
}

// indexAdd(self, source, index; dim): also indexCopy, and indexFill, whose source is a number; indexReduce has its mode
// as a second parameter
void index_update(Operand* operands, int count, int64_t dim, bool from_the_end, Combine mode) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  require_dim(operands[0], dim);
  const Operand self = at_least_1d(operands[0]);
  Operand source = at_least_1d(operands[1]), shape = self;
  shape.sizes[dim] = operands[2].numel;
  shape.numel = 1;
  for (int d = 0; d < shape.ndim; ++d) shape.numel *= shape.sizes[d];
  respread(source, shape);
  update(places_along(source, self, operands[2], dim, from_the_end), mode);
}
void index_add(Operand* operands, int count, Params& params) {
  index_update(operands, count, params.integer(), false, Combine::Add);
}
void index_copy(Operand* operands, int count, Params& params) {
  index_update(operands, count, params.integer(), false, Combine::Assign);
}
void index_fill(Operand* operands, int count, Params& params) {
  index_update(operands, count, params.integer(), true, Combine::Assign);
}
void index_reduce(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer();
  index_update(operands, count, dim, false, static_cast<Combine>(params.integer()));
}

// --- gather and scatter: an index for each element -------------------------------------------------------------------

Places places_by_element(const Operand& dense, const Operand& index, const Operand& indexed, int64_t dim) {
  Places places{{dense, index, indexed}, axis_of(indexed, dim)};
  for (Operand& operand : places.operands) {
    operand.numel = index.numel;
    std::copy_n(index.sizes, index.ndim, operand.sizes);
  }
  places.operands[2].strides[dim] = 0;
  return places;
}

// gather(out, self, index; dim)
void gather(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  require_same_shape(operands[0], operands[2]);
  operands[2].as<int64_t>();
  const int64_t dim = require_dim(operands[1], params.integer());
  const Operand self = at_least_1d(operands[1]), index = at_least_1d(operands[2]);
  require_gather_shape(index, self, dim);
  read(places_by_element(at_least_1d(operands[0]), index, self, dim));
}

// Where an index comes twice the last value stays.
void write_in_order(const Places& places, const Operand& self, int64_t dim) {
  const auto& [source, index, target] = places.operands;
  require(index.sizes[dim] < UINT32_MAX, ErrorKind::Shape, "too many indices along dimension ", dim);
  const ZeroedWorkspace claims(self.numel * sizeof(unsigned));
  Operand claimed = numbering(self), order = numbers(index);
  claimed.data = claims.as<char>();
  Axis claims_axis = axis_of(claimed, dim);
  claimed = places_by_element(source, index, claimed, dim).operands[2];
  order.strides[dim] = 1;
  const size_t item = item_size(self.dtype);
  const size_t item_sizes[] = {sizeof(int64_t), sizeof(unsigned), 1, item, item};
  const Operand operands[] = {index, claimed, order, source, target};
  each_launch(Loop<3>(operands), item_sizes, [&](const Loop<3>& part, const Offsets<3>& offsets, uint32_t n) {
    TT_RUN_ELEMENTS(n, claim_places, n, offsets, claims_axis, reinterpret_cast<const int64_t*>(part.data[0]),
                    reinterpret_cast<unsigned*>(part.data[1]), number(part.data[2]));
  });
  with_word_of<Bytes16>(item, [&]<class Word>() {
    each_launch(Loop<5>(operands), item_sizes, [&](const Loop<5>& part, const Offsets<5>& offsets, uint32_t n) {
      TT_RUN_ELEMENTS(n, write_claimed<Word>, n, offsets, places.axis, claims_axis,
                      reinterpret_cast<const int64_t*>(part.data[0]), reinterpret_cast<const unsigned*>(part.data[1]),
                      number(part.data[2]), reinterpret_cast<const Word*>(part.data[3]),
                      reinterpret_cast<Word*>(part.data[4]));
    });
  });
}

// scatter(self, src, index; dim, mode): src may be a number; mode is that of Combine
void scatter(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  operands[2].as<int64_t>();
  const int64_t dim = require_dim(operands[0], params.integer());
  const auto mode = static_cast<Combine>(params.integer());
  const Operand self = at_least_1d(operands[0]), index = at_least_1d(operands[2]);
  Operand source = at_least_1d(operands[1]);
  respread(source, index);
  if (index.numel == 0) return;
  require_gather_shape(index, self, dim);
  require_gather_shape(index, source, -1);
  const Places places = places_by_element(source, index, self, dim);
  if (mode == Combine::Assign && !source.is_scalar && index.sizes[dim] > 1) return write_in_order(places, self, dim);
  update(places, mode);
}

// --- Embeddings ------------------------------------------------------------------------------------------------------

__global__ void count_indices(int64_t n, Axis axis, const int64_t* index, int64_t index_stride, unsigned* counts) {
  for (int64_t i = first_element(); i < n; i += grid_stride()) {
    int64_t place = 0;
    if (axis.add(index[i * index_stride], place)) atomicAdd(counts + place, 1u);
  }
}

// Operands of the loop: gradients, index, weight. `counts`: how often each index occurs, or null.
template <class T>
__global__ void add_rows(uint32_t n, Offsets<3> offsets, Axis axis, int64_t padding, const unsigned* counts,
                         const T* grad, const int64_t* index, T* weight) {
  const auto stride = static_cast<uint32_t>(grid_stride());
  for (auto i = static_cast<uint32_t>(first_element()); i < n; i += stride) {
    int64_t at[3];
    offsets.find(i, at);
    const int64_t place = index[at[1]];
    if (!axis.add(place, at[2]) || place == padding) continue;
    const T row = grad[at[0]];
    const auto divisor = static_cast<compute_t<T>>(counts == nullptr ? 1u : counts[place]);
    atomic_add(weight + at[2], static_cast<T>(static_cast<compute_t<T>>(row) / divisor));
  }
}

// embeddingBackward(gradWeight, grad, index; paddingIdx, scaleGradByFreq): adds rows of grad into gradWeight; those of
// paddingIdx (-1: none) are left out, and each is divided by how often its index occurs where scaleGradByFreq says so
template <class T>
void embedding_backward(Operand* operands, int count, Params& params) {
  require_embedding(operands, count);
  const Operand &weight = operands[0], &grad = operands[1], &index = operands[2];
  const int64_t padding = params.integer();
  const bool scale = params.boolean();
  const Places places = places_along(grad, weight, index, 0, false);
  const ZeroedWorkspace counts(scale ? weight.sizes[0] * sizeof(unsigned) : 0);
  if (scale) {
    Axis axis = places.axis;
    axis.stride = 1;
    TT_RUN_ELEMENTS(index.numel, count_indices, index.numel, axis, index.as<int64_t>(), index.strides[0],
                    counts.as<unsigned>());
  }
  const size_t item_sizes[] = {sizeof(T), sizeof(int64_t), sizeof(T)};
  each_launch(Loop<3>(places.operands), item_sizes, [&](const Loop<3>& part, const Offsets<3>& offsets, uint32_t n) {
    TT_RUN_ELEMENTS(n, add_rows<T>, n, offsets, places.axis, padding, scale ? counts.as<unsigned>() : nullptr,
                    reinterpret_cast<const T*>(part.data[0]), reinterpret_cast<const int64_t*>(part.data[1]),
                    reinterpret_cast<T*>(part.data[2]));
  });
}

void register_for_all(const char* name, Kernel kernel) {
  for_each_type(AllTypes{}, [&]<class T>() { register_kernel(name, 1, kDevice, dtype_of<T>, kernel); });
}

}  // namespace

void register_indexing() {
  register_for_all("index", index);
  register_for_all("indexPut", index_put);
  register_for_all("indexSelect", index_select);
  register_for_all("indexAdd", index_add);
  register_for_all("indexCopy", index_copy);
  register_for_all("indexFill", index_fill);
  register_for_all("indexReduce", index_reduce);
  register_for_all("gather", gather);
  register_for_all("scatter", scatter);
  register_for<Floating>("embeddingBackward", 1, []<class T>() -> Kernel { return embedding_backward<T>; });
}

}  // namespace tt::cuda
