// Reading and writing at indices. Every index is checked before it is used; those of take, put, index, indexPut and
// indexFill may count from the end, as in PyTorch.
#include "../checks/indexing.h"

#include <vector>

#include "../functors/combine.h"
#include "contiguous.h"
#include "walk.h"

namespace tt {
namespace {

// --- Combining what arrives at one place ----------------------------------------------------------------------------

template <Combine mode, class T>
inline T combined(T target, T source) {
  if constexpr (mode == Combine::Assign)
    return source;
  else if constexpr (is_complex<T> && (mode == Combine::Max || mode == Combine::Min))
    return target;  // with_combination refuses it
  else
    return combine(mode, target, source);
}

// A step that the compiler knows: loops over rows that lie evenly are compiled for it.
template <int64_t bytes>
using Step = std::integral_constant<int64_t, bytes>;

template <class T>
T& at(char* pointer) {
  return *reinterpret_cast<T*>(pointer);
}
template <class T>
T at(const char* pointer) {
  return *reinterpret_cast<const T*>(pointer);
}

template <class T, Combine mode>
void combine_row(char* to, int64_t to_step, const char* from, int64_t from_step, int64_t n) {
  const auto run = [=](auto to_by, auto from_by) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) {
      T& target = at<T>(to + i * to_by);
      target = combined<mode>(target, at<T>(from + i * from_by));
    }
  };
  constexpr Step<sizeof(T)> even;
  if (to_step == even && from_step == even)
    run(even, even);
  else
    run(to_step, from_step);
}

// f<T, mode>() with the type and the way to combine; words where elements are only moved.
template <class F>
void with_combination(DType dtype, Combine mode, F&& f) {
  if (mode == Combine::Assign)
    return with_word(dtype, [&]<class Word>() { f.template operator()<Word, Combine::Assign>(); });
  for_each_type(AllTypes{}, [&]<class T>() {
    if (dtype != dtype_of<T>) return;
    if (mode == Combine::Add) return f.template operator()<T, Combine::Add>();
    if (mode == Combine::Multiply) return f.template operator()<T, Combine::Multiply>();
    require(!is_complex<T>, ErrorKind::DType, "complex numbers have no order");
    if (mode == Combine::Max) return f.template operator()<T, Combine::Max>();
    if (mode == Combine::Min) return f.template operator()<T, Combine::Min>();
    fail(ErrorKind::Value, "unknown way to combine ", static_cast<int64_t>(mode));
  });
}

MoveRow combine_row_of(DType dtype, Combine mode) {
  if (mode == Combine::Assign) return copy_row_of(dtype);
  MoveRow row = nullptr;
  with_combination(dtype, mode, [&]<class T, Combine chosen>() { row = combine_row<T, chosen>; });
  return row;
}

// --- Indices --------------------------------------------------------------------------------------------------------

enum class Negative { Refused, FromTheEnd };

[[noreturn]] __attribute__((noinline)) void bad_index(int64_t index, int64_t size, int64_t dim) {
  fail(ErrorKind::Index, "index ", index, " is out of bounds for dimension ", dim, " with size ", size);
}

template <Negative negative>
inline int64_t checked(int64_t index, int64_t size, int64_t dim) {
  const int64_t wrapped = negative == Negative::FromTheEnd && index < 0 ? index + size : index;
  if (static_cast<uint64_t>(wrapped) >= static_cast<uint64_t>(size)) [[unlikely]]
    bad_index(index, size, dim);
  return wrapped;
}

inline int64_t read_index(const char* pointer) { return at<int64_t>(pointer); }

// Looks at all indices at once; which one is wrong is asked only where one is.
void check_indices(const Operand& index, int64_t size, int64_t dim) {
  const auto places = walk(0, index.ndim, index);
  const auto any_outside = [last = size - 1](const char* row, int64_t n, auto step) {
    // Bit 63 is set by an index below 0 or beyond the last.
    int64_t bits = 0;
    for (int64_t i = 0; i < n; ++i) {
      const int64_t index = read_index(row + i * step);
      bits |= index | (last - index);
    }
    return bits < 0;
  };
  places.each_row([&](const auto& offsets, int64_t n, int64_t) {
    constexpr Step<sizeof(int64_t)> even;
    const char* row = index.data + offsets[0];
    const int64_t step = places.step(0);
    if (!(step == even ? any_outside(row, n, even) : any_outside(row, n, step))) return;
    for (int64_t i = 0; i < n; ++i) checked<Negative::Refused>(read_index(row + i * step), size, dim);
  });
}

// Byte offsets of the places that indices name: sum of index * step.
class Offsets {
 public:
  explicit Offsets(int64_t count) : count(count), values_(count) { std::fill_n(values_.data(), count, 0); }
  template <Negative negative>
  void add(const Operand& index, int64_t size, int64_t step, int64_t dim) {
    index.as<int64_t>();
    require(index.numel == count, ErrorKind::Shape, "expected ", count, " indices, got ", index.numel);
    const auto places = walk(0, index.ndim, index);
    places.each_row([&](const auto& offsets, int64_t n, int64_t first) {
      const char* from = index.data + offsets[0];
      const int64_t from_step = places.step(0);
      int64_t* values = values_.data() + first;
      for (int64_t i = 0; i < n; ++i)
        values[i] += checked<negative>(read_index(from + i * from_step), size, dim) * step;
    });
  }
  const int64_t* data() const { return values_.data(); }
  const int64_t count;

 private:
  Scratch<int64_t> values_;
};

// A dense operand beside one whose middle dimension goes by offsets: [outer..., places, inner...].
struct Rows {
  Walk<2> outer, inner;
  Walk<1> places;  // of the dense operand
  MoveRow move;
  int to_side;  // 0 where the dense operand is written, 1 where the indexed one is
  DType dtype;
  char* dense;
  char* indexed;

  template <class Move>
  void run(const Offsets& offsets, int64_t outer_begin, int64_t outer_end, int64_t begin, int64_t end,
           Move&& move_at) const {
    outer.each_row(outer_begin, outer_end, [&](const auto& base, int64_t n, int64_t) {
      for (int64_t o = 0; o < n; ++o) {
        char* const to = dense + base[0] + o * outer.step(0);
        char* const from = indexed + base[1] + o * outer.step(1);
        places.each_row(begin, end, [&](const auto& place, int64_t length, int64_t first) {
          char* next = to + place[0];
          const int64_t step = places.step(0);
          const int64_t* places_from = offsets.data() + first;
          for (int64_t i = 0; i < length; ++i, next += step) move_at(next, from + places_from[i]);
        });
      }
    });
  }

  // Reads: all rows are independent.
  void read(const Offsets& offsets) const {
    if (inner.numel == 0) return;
    const int64_t grain = std::max<int64_t>(kGrain / inner.numel, 1);
    if (inner.numel > 1) return read_with(offsets, grain, [&](char* to, char* from) { move_row(to, from); });
    with_word(dtype, [&]<class Word>() {
      read_with(offsets, grain, [](char* to, char* from) { std::memcpy(to, from, sizeof(Word)); });
    });
  }

  template <class Move>
  void read_with(const Offsets& offsets, int64_t grain, Move&& move_at) const {
    if (outer.numel >= thread_count()) {
      parallel_for(outer.numel, std::max<int64_t>(grain / std::max<int64_t>(places.numel, 1), 1),
                   [&](int64_t begin, int64_t end) { run(offsets, begin, end, 0, places.numel, move_at); });
      return;
    }
    parallel_for(places.numel, grain,
                 [&](int64_t begin, int64_t end) { run(offsets, 0, outer.numel, begin, end, move_at); });
  }

  // Writes: the same place may be named twice, so rows go in order; outer dimensions, or parts of long rows, side by
  // side.
  void write(const Offsets& offsets) const {
    if (inner.numel == 0 || places.numel == 0) return;
    const int64_t grain = std::max<int64_t>(kGrain / places.numel, 1);
    if (outer.numel >= thread_count() || inner.ndim != 1) {
      const auto move_at = [&](char* from, char* to) { move_row(to, from); };
      parallel_for(outer.numel, std::max<int64_t>(grain / inner.numel, 1),
                   [&](int64_t begin, int64_t end) { run(offsets, begin, end, 0, places.numel, move_at); });
      return;
    }
    parallel_for(inner.numel, std::max<int64_t>(grain, 64), [&](int64_t begin, int64_t end) {
      run(offsets, 0, outer.numel, 0, places.numel, [&](char* from, char* to) {
        move(to + begin * inner.step(1), inner.step(1), from + begin * inner.step(0), inner.step(0), end - begin);
      });
    });
  }

 private:
  // In reads the dense operand is written, in writes it is read: `to` has the steps of whichever it is.
  void move_row(char* to, char* from) const {
    if (inner.ndim <= 1) return move(to, inner.step(to_side), from, inner.step(1 - to_side), inner.numel);
    inner.each_row([&](const auto& offset, int64_t n, int64_t) {
      move(to + offset[to_side], inner.step(to_side), from + offset[1 - to_side], inner.step(1 - to_side), n);
    });
  }
};

// --- index and indexPut: several index tensors ----------------------------------------------------------------------

Rows rows_by_indices(const Operand& dense, const Operand& indexed, const Operand* indices, int index_count) {
  require_index_shapes(dense, indexed, indices, index_count);
  const int index_ndim = indices[0].ndim, rest = indexed.ndim - index_count;
  Rows rows{};
  for (int d = 0; d < rest; ++d)
    rows.inner.push(indexed.sizes[index_count + d], {bytes(dense, index_ndim + d), bytes(indexed, index_count + d)});
  rows.places = walk(0, index_ndim, dense);
  rows.dtype = dense.dtype;
  rows.dense = dense.data;
  rows.indexed = indexed.data;
  return rows;
}

Offsets offsets_of(const Operand& indexed, const Operand* indices, int index_count) {
  Offsets offsets(indices[0].numel);
  for (int k = 0; k < index_count; ++k)
    offsets.add<Negative::FromTheEnd>(indices[k], indexed.sizes[k], bytes(indexed, k), k);
  return offsets;
}

// index(out, self, index0, index1, ...): self with the indexed dimensions first, indices of one shape
void index(Operand* operands, int count, Params&) {
  require(count >= 3, ErrorKind::Internal, "expected an output, an input and indices");
  require_same_dtype(operands[0], operands[1]);
  Rows rows = rows_by_indices(operands[0], operands[1], operands + 2, count - 2);
  rows.move = copy_row_of(operands[0].dtype);
  rows.to_side = 0;
  rows.read(offsets_of(operands[1], operands + 2, count - 2));
}

// indexPut(self, values, index0, index1, ...; accumulate): as `index`; values in place of its output, or a number
void index_put(Operand* operands, int count, Params& params) {
  const bool accumulate = params.boolean();
  require(count >= 3 && operands[1].present && operands[2].present, ErrorKind::Internal,
          "expected a tensor, values and indices");
  require_same_dtype(operands[0], operands[1]);
  Operand& values = operands[1];
  respread_by_indices(values, operands[0], operands[2], count - 2);
  Rows rows = rows_by_indices(values, operands[0], operands + 2, count - 2);
  rows.move = combine_row_of(values.dtype, accumulate ? Combine::Add : Combine::Assign);
  rows.to_side = 1;
  rows.write(offsets_of(operands[0], operands + 2, count - 2));
}

// --- indexSelect, indexAdd and the like: one index along a dimension
// --------------------------------------------------

Rows rows_along(const Operand& dense, const Operand& indexed, const Operand& index, int64_t dim) {
  require_shapes_along(dense, indexed, index, dim);
  Rows rows{};
  for (int d = 0; d < dim; ++d) rows.outer.push(indexed.sizes[d], {bytes(dense, d), bytes(indexed, d)});
  for (int d = dim + 1; d < indexed.ndim; ++d) rows.inner.push(indexed.sizes[d], {bytes(dense, d), bytes(indexed, d)});
  rows.places.push(index.numel, {bytes(dense, dim)});
  rows.dtype = dense.dtype;
  rows.dense = dense.data;
  rows.indexed = indexed.data;
  return rows;
}

// indexSelect(out, self, index; dim)
void index_select(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  const int64_t dim = require_dim(operands[1], params.integer());
  const Operand out = at_least_1d(operands[0]), self = at_least_1d(operands[1]);
  Rows rows = rows_along(out, self, operands[2], dim);
  Offsets offsets(operands[2].numel);
  offsets.add<Negative::Refused>(operands[2], self.sizes[dim], bytes(self, dim), dim);
  rows.move = copy_row_of(out.dtype);
  rows.to_side = 0;
  rows.read(offsets);
}

// indexAdd(self, source, index; dim): also indexCopy, and indexFill, whose source is a number; combines as `mode` says
template <Negative negative, bool reads_mode>
void index_update(Operand* operands, int count, Params& params, Combine mode) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  const int64_t dim = require_dim(operands[0], params.integer());
  if constexpr (reads_mode) mode = static_cast<Combine>(params.integer());
  const Operand self = at_least_1d(operands[0]);
  Operand source = at_least_1d(operands[1]);
  const int64_t places = operands[2].numel;
  if (source.is_scalar) {
    Operand shape = self;
    shape.sizes[dim] = places;
    respread(source, shape);
  }
  Rows rows = rows_along(source, self, operands[2], dim);
  Offsets offsets(places);
  offsets.add<negative>(operands[2], self.sizes[dim], bytes(self, dim), dim);
  rows.move = combine_row_of(source.dtype, mode);
  rows.to_side = 1;
  rows.write(offsets);
}
void index_add(Operand* operands, int count, Params& params) {
  index_update<Negative::Refused, false>(operands, count, params, Combine::Add);
}
void index_copy(Operand* operands, int count, Params& params) {
  index_update<Negative::Refused, false>(operands, count, params, Combine::Assign);
}
void index_fill(Operand* operands, int count, Params& params) {
  index_update<Negative::FromTheEnd, false>(operands, count, params, Combine::Assign);
}
// indexReduce(self, source, index; dim, mode)
void index_reduce(Operand* operands, int count, Params& params) {
  index_update<Negative::Refused, true>(operands, count, params, Combine::Assign);
}

// --- gather and scatter: an index for each element ------------------------------------------------------------------

// The elements of `index` beside the places of `places`, whose dimension `dim` goes by the index.
Walk<3> element_walk(const Operand& dense, const Operand& index, const Operand& places, int64_t dim, int64_t split,
                     int64_t length) {
  Walk<3> result;
  for (int d = 0; d < index.ndim; ++d)
    result.push(d == split ? length : index.sizes[d],
                {bytes(dense, d), bytes(index, d), d == dim ? 0 : bytes(places, d)});
  return result;
}

// The largest dimension but `dim`, whose parts touch different places: threads share it.
int split_dim(const Operand& index, int64_t dim) {
  int best = -1;
  for (int d = 0; d < index.ndim; ++d)
    if (d != dim && (best < 0 || index.sizes[d] > index.sizes[best])) best = d;
  return best;
}

// f(dense pointer, index pointer, places pointer, row length, their three steps, that along the indexed dimension) for
// parts of the split dimension in parallel. Rows that lie evenly come with constant steps.
template <class Word, class F>
void each_element_row(const Operand& dense, const Operand& index, const Operand& places, int64_t dim, F&& f) {
  if (index.numel == 0) return;
  const int split = split_dim(index, dim);
  const int64_t parts = split < 0 ? 1 : index.sizes[split], along = bytes(places, dim);
  parallel_for(parts, std::max<int64_t>(kGrain * parts / index.numel, 1), [&](int64_t begin, int64_t end) {
    const auto elements = element_walk(dense, index, places, dim, split, end - begin);
    const auto start = [&](const Operand& operand) {
      return operand.data + (split < 0 ? 0 : begin * bytes(operand, split));
    };
    char *const dense_start = start(dense), *const index_start = start(index), *const places_start = start(places);
    constexpr Step<sizeof(Word)> item;
    constexpr Step<sizeof(int64_t)> word;
    const int64_t place_step = elements.step(2);
    const bool even = elements.step(0) == item && elements.step(1) == word;
    elements.each_row([&](const auto& offsets, int64_t n, int64_t) {
      char* const row = dense_start + offsets[0];
      const char* const indices = index_start + offsets[1];
      char* const base = places_start + offsets[2];
      if (even && place_step == 0 && along == item) return f(row, indices, base, n, item, word, Step<0>{}, item);
      if (even && place_step == item) return f(row, indices, base, n, item, word, item, along);
      f(row, indices, base, n, elements.step(0), elements.step(1), place_step, along);
    });
  });
}

// gather(out, self, index; dim)
void gather(Operand* operands, int count, Params& params) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  require_same_shape(operands[0], operands[2]);
  operands[2].as<int64_t>();
  const int64_t dim = require_dim(operands[1], params.integer());
  const Operand out = at_least_1d(operands[0]), self = at_least_1d(operands[1]), index = at_least_1d(operands[2]);
  require_gather_shape(index, self, dim);
  with_word(self.dtype, [&]<class Word>() {
    each_element_row<Word>(out, index, self, dim,
                           [size = self.sizes[dim], dim](char* to, const char* indices, const char* from, int64_t n,
                                                         auto to_step, auto index_step, auto from_step, auto along) {
                             for (int64_t i = 0; i < n; ++i) {
                               const int64_t place =
                                   checked<Negative::Refused>(read_index(indices + i * index_step), size, dim);
                               at<Word>(to + i * to_step) = at<Word>(from + i * from_step + place * along);
                             }
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
  Operand src = at_least_1d(operands[1]);
  respread(src, index);
  if (index.numel == 0) return;
  require_gather_shape(index, self, dim);
  require_gather_shape(index, src, -1);
  check_indices(index, self.sizes[dim], dim);
  with_combination(self.dtype, mode, [&]<class T, Combine chosen>() {
    each_element_row<T>(src, index, self, dim,
                        [](const char* from, const char* indices, char* to, int64_t n, auto from_step, auto index_step,
                           auto to_step, auto along) {
                          for (int64_t i = 0; i < n; ++i) {
                            T& target = at<T>(to + i * to_step + read_index(indices + i * index_step) * along);
                            target = combined<chosen>(target, at<T>(from + i * from_step));
                          }
                        });
  });
}

// --- Masks ----------------------------------------------------------------------------------------------------------

template <class T>
bool is_true(const char* pointer) {
  const T value = *reinterpret_cast<const T*>(pointer);
  if constexpr (is_complex<T>) {
    return value.re != 0 || value.im != 0;
  } else {
    return static_cast<compute_t<T>>(value) != compute_t<T>(0);
  }
}

// f(places, how many) with the places in a row at which `holds`, ascending, by blocks. They are found without branches,
// which masks would make the processor guess.
template <class Holds, class F>
void each_true(int64_t n, Holds&& holds, F&& f) {
  constexpr int64_t kBlock = 512;
  int64_t places[kBlock];
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    int64_t found = 0;
    const int64_t end = std::min(begin + kBlock, n);
    for (int64_t i = begin; i < end; ++i) {
      places[found] = i;
      found += holds(i);
    }
    f(places, found);
  }
}

// Moves between the elements of `self` where the mask is true and those of `line`, in order; gives how many there are.
template <bool to_line>
int64_t move_masked(const Operand& self, const Operand& line, const Operand& mask) {
  require_same_dtype(self, line);
  require_same_shape(self, mask);
  mask.as<bool>();
  require(line.ndim == 1, ErrorKind::Shape, "expected a line of one dimension, got ", line.shape());
  const auto elements = walk(0, self.ndim, self, mask);
  const int64_t step = elements.step(0), mask_step = elements.step(1), line_step = bytes(line, 0);
  int64_t taken = 0;
  with_word(self.dtype, [&]<class Word>() {
    elements.each_row([&](const auto& offsets, int64_t n, int64_t) {
      char* const row = self.data + offsets[0];
      const char* const truths = mask.data + offsets[1];
      each_true(
          n, [=](int64_t i) { return truths[i * mask_step] != 0; },
          [&](const int64_t* places, int64_t found) {
            require(taken + found <= line.numel, ErrorKind::Shape, "the mask has more than ", line.numel,
                    " true elements");
            char* const next = line.data + taken * line_step;
            for (int64_t k = 0; k < found; ++k) {
              Word &element = at<Word>(row + places[k] * step), &other = at<Word>(next + k * line_step);
              if constexpr (to_line)
                other = element;
              else
                element = other;
            }
            taken += found;
          });
    });
  });
  return taken;
}

// maskedSelect(out, self, mask): out has as many elements as the mask has true ones
void masked_select(Operand* operands, int count, Params&) {
  require_operands(operands, count, 3);
  const int64_t taken = move_masked<true>(operands[1], operands[0], operands[2]);
  require(taken == operands[0].numel, ErrorKind::Shape, taken, " elements are selected for an output of ",
          operands[0].numel);
}

// maskedScatter(self, source, mask): the elements of source, in order, go where the mask is true
void masked_scatter(Operand* operands, int count, Params&) {
  require_operands(operands, count, 3);
  move_masked<false>(operands[0], operands[1], operands[2]);
}

// nonzero(out, self): out is [number of nonzero elements, dimensions of self]
template <class T>
void nonzero(Operand* operands, int count, Params&) {
  require_operands(operands, count, 2);
  const Operand &out = operands[0], self = at_least_1d(operands[1]);
  out.as<int64_t>();
  require(out.ndim == 2 && out.sizes[1] == operands[1].ndim, ErrorKind::Shape, "expected an output of [count, ",
          operands[1].ndim, "], got ", out.shape());
  const int last = self.ndim - 1;
  const int64_t length = self.sizes[last], step = bytes(self, last), row_step = bytes(out, 0), dim_step = bytes(out, 1);
  // One line of the last dimension after the other: their other indices count up.
  Walk<1> lines;
  for (int d = 0; d < last; ++d) lines.push(self.sizes[d], {bytes(self, d)});
  int64_t taken = 0;
  const auto write_line = [&](const char* line, int64_t number) {
    each_true(
        length, [=](int64_t i) { return is_true<T>(line + i * step); },
        [&](const int64_t* places, int64_t found) {
          require(taken + found <= out.sizes[0], ErrorKind::Shape, "more elements are nonzero than the output's ",
                  out.sizes[0]);
          int64_t rest = number;
          char* const rows = out.data + taken * row_step;
          for (int d = operands[1].ndim - 1; d >= 0; --d) {
            const int64_t index = d == last ? 0 : rest % self.sizes[d];
            if (d != last) rest /= self.sizes[d];
            for (int64_t k = 0; k < found; ++k)
              at<int64_t>(rows + k * row_step + d * dim_step) = d == last ? places[k] : index;
          }
          taken += found;
        });
  };
  if (length > 0)
    lines.each_row([&](const auto& offsets, int64_t n, int64_t first) {
      for (int64_t i = 0; i < n; ++i) write_line(self.data + offsets[0] + i * lines.step(0), first + i);
    });
  require(taken == out.sizes[0], ErrorKind::Shape, taken, " elements are nonzero, for an output of ", out.sizes[0]);
}

// --- Embeddings -----------------------------------------------------------------------------------------------------

// embeddingBackward(gradWeight, grad, index; paddingIdx, scaleGradByFreq): adds rows of grad into gradWeight; those of
// paddingIdx (-1: none) are left out, and each is divided by how often its index occurs where scaleGradByFreq says so
template <class T>
void embedding_backward(Operand* operands, int count, Params& params) {
  require_embedding(operands, count);
  const Operand &weight = operands[0], &grad = operands[1], &index = operands[2];
  const int64_t padding = params.integer();
  const bool scale = params.boolean();
  const int64_t n = index.sizes[0], width = weight.sizes[1];
  check_indices(index, weight.sizes[0], 0);
  const auto index_at = [&](int64_t i) { return read_index(index.data + i * bytes(index, 0)); };
  std::vector<int64_t> frequency(scale ? weight.sizes[0] : 0);
  for (int64_t i = 0; scale && i < n; ++i) ++frequency[index_at(i)];
  if (n == 0) return;
  parallel_for(width, std::max<int64_t>(kGrain / n, 16), [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < n; ++i) {
      const int64_t place = index_at(i);
      if (place == padding) continue;
      T* to = reinterpret_cast<T*>(weight.data) + place * weight.strides[0];
      const T* from = reinterpret_cast<const T*>(grad.data) + i * grad.strides[0];
      const auto divisor = static_cast<compute_t<T>>(scale ? frequency[place] : 1);
      for (int64_t j = begin; j < end; ++j)
        to[j * weight.strides[1]] =
            static_cast<T>(to[j * weight.strides[1]] + static_cast<compute_t<T>>(from[j * grad.strides[1]]) / divisor);
    }
  });
}

template <class Types>
void register_erased(const char* name, Kernel kernel) {
  for_each_type(Types{}, [&]<class T>() { register_kernel(name, 1, DeviceType::CPU, dtype_of<T>, kernel); });
}

}  // namespace

void register_indexing() {
  register_erased<AllTypes>("index", index);
  register_erased<AllTypes>("indexPut", index_put);
  register_erased<AllTypes>("indexSelect", index_select);
  register_erased<AllTypes>("indexAdd", index_add);
  register_erased<AllTypes>("indexCopy", index_copy);
  register_erased<AllTypes>("indexFill", index_fill);
  register_erased<AllTypes>("indexReduce", index_reduce);
  register_erased<AllTypes>("gather", gather);
  register_erased<AllTypes>("scatter", scatter);
  register_erased<AllTypes>("maskedSelect", masked_select);
  register_erased<AllTypes>("maskedScatter", masked_scatter);
  register_for<AllTypes>("nonzero", 1, []<class T>() -> Kernel { return nonzero<T>; });
  register_for<Floating>("embeddingBackward", 1, []<class T>() -> Kernel { return embedding_backward<T>; });
}

}  // namespace tt
