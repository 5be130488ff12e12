// Sorting and what follows from it. Elements become unsigned keys of the same order, in which NaN is the largest and -0
// equals 0; keys are sorted stably with their places: by radix where lines are long.
#include "../checks/sorting.h"

#include <limits>
#include <vector>

#include "../functors/histogram.h"
#include "walk.h"

namespace tt {
namespace {

template <class T>
using key_t = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
key_t<T> key_of(T element) {
  using Key = key_t<T>;
  constexpr Key sign = Key(1) << (8 * sizeof(Key) - 1);
  const auto value = static_cast<compute_t<T>>(element);
  if constexpr (std::is_floating_point_v<compute_t<T>>) {
    if (value != value) return ~Key(0);
    // Negative floats order backwards; + 0 makes 0 of -0.
    const Key bits = bit_cast<Key>(value + compute_t<T>(0));
    return bits & sign ? ~bits : bits | sign;
  } else {
    return static_cast<Key>(static_cast<std::make_signed_t<Key>>(value)) ^ sign;
  }
}

template <class Key>
struct Entry {
  Key key;
  uint32_t place;
  bool operator<(const Entry& other) const { return key != other.key ? key < other.key : place < other.place; }
};

template <class Key>
using Entries = std::vector<Entry<Key>>;

constexpr int64_t kRadixLength = 512;
constexpr int kDigitBits = 11;

// From the least digit to the highest; digits that all keys share are skipped.
template <class Key>
void radix_sort(Entries<Key>& entries, Entries<Key>& spare) {
  constexpr int kDigits = (8 * sizeof(Key) + kDigitBits - 1) / kDigitBits;
  constexpr int kBuckets = 1 << kDigitBits;
  const size_t n = entries.size();
  spare.resize(n);
  std::vector<uint32_t> counts(kDigits * kBuckets);
  for (const auto& entry : entries)
    for (int digit = 0; digit < kDigits; ++digit)
      ++counts[digit * kBuckets + ((entry.key >> (digit * kDigitBits)) & (kBuckets - 1))];
  for (int digit = 0; digit < kDigits; ++digit) {
    uint32_t* starts = counts.data() + digit * kBuckets;
    const int shift = digit * kDigitBits;
    if (starts[(entries[0].key >> shift) & (kBuckets - 1)] == n) continue;
    uint32_t start = 0;
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      const uint32_t size = starts[bucket];
      starts[bucket] = start;
      start += size;
    }
    for (const auto& entry : entries) spare[starts[(entry.key >> shift) & (kBuckets - 1)]++] = entry;
    entries.swap(spare);
  }
}

template <class Key>
void sort_entries(Entries<Key>& entries, Entries<Key>& spare) {
  if (static_cast<int64_t>(entries.size()) >= kRadixLength)
    radix_sort(entries, spare);
  else
    std::sort(entries.begin(), entries.end());
}

template <class T>
void read_entries(const char* line, int64_t step, int64_t n, bool descending, Entries<key_t<T>>& entries) {
  entries.resize(n);
  for (int64_t i = 0; i < n; ++i) {
    const auto key = key_of(*reinterpret_cast<const T*>(line + i * step));
    entries[i] = {descending ? ~key : key, static_cast<uint32_t>(i)};
  }
}

// Lines of values, indices and self along a dimension.
struct Lines {
  Walk<3> outer;
  int64_t length = 1, results = 1;
  int64_t steps[3] = {};

  Lines(const Operand* operands, int count, int64_t dim) {
    require_sorted_shapes(operands, count, dim);
    const Operand &values = operands[0], &indices = operands[1], &self = operands[2];
    for (int d = 0; d < self.ndim; ++d) {
      if (d != dim) outer.push(self.sizes[d], {bytes(values, d), bytes(indices, d), bytes(self, d)});
    }
    if (self.ndim == 0) return;
    length = self.sizes[dim];
    results = values.sizes[dim];
    steps[0] = bytes(values, dim);
    steps[1] = bytes(indices, dim);
    steps[2] = bytes(self, dim);
  }
  // f(values, indices, self) for each line
  template <class F>
  void each(const Operand* operands, F&& f) const {
    parallel_for(
        outer.numel, std::max<int64_t>(kGrain / 16 / std::max<int64_t>(length, 1), 1), [&](int64_t begin, int64_t end) {
          outer.each_row(begin, end, [&](const auto& offsets, int64_t n, int64_t) {
            for (int64_t i = 0; i < n; ++i)
              f(operands[0].data + offsets[0] + i * outer.step(0), operands[1].data + offsets[1] + i * outer.step(1),
                operands[2].data + offsets[2] + i * outer.step(2));
          });
        });
  }
  template <class T>
  void write(char* values, char* indices, const char* self, int64_t result, int64_t place) const {
    *reinterpret_cast<T*>(values + result * steps[0]) = *reinterpret_cast<const T*>(self + place * steps[2]);
    *reinterpret_cast<int64_t*>(indices + result * steps[1]) = place;
  }
};

// sort(values, indices, self; dim, descending): stable
template <class T>
void sort(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer();
  const bool descending = params.boolean();
  const Lines lines(operands, count, dim);
  require(lines.results == lines.length, ErrorKind::Shape, "expected results of self's shape");
  lines.each(operands, [&](char* values, char* indices, const char* self) {
    thread_local Entries<key_t<T>> entries, spare;
    read_entries<T>(self, lines.steps[2], lines.length, descending, entries);
    if (lines.length > 1) sort_entries(entries, spare);
    for (int64_t i = 0; i < lines.length; ++i) lines.write<T>(values, indices, self, i, entries[i].place);
  });
}

// topk(values, indices, self; dim, largest, sorted): as many as the outputs hold
template <class T>
void topk(Operand* operands, int count, Params& params) {
  const int64_t dim = params.integer();
  const bool largest = params.boolean();
  params.boolean();  // results are sorted anyway
  const Lines lines(operands, count, dim);
  const int64_t k = lines.results;
  require(k <= lines.length, ErrorKind::Index, "cannot take ", k, " of ", lines.length, " elements");
  if (k == 0) return;
  lines.each(operands, [&](char* values, char* indices, const char* self) {
    thread_local Entries<key_t<T>> entries;
    read_entries<T>(self, lines.steps[2], lines.length, largest, entries);
    if (k * 16 < lines.length) {
      std::partial_sort(entries.begin(), entries.begin() + k, entries.end());
    } else {
      std::nth_element(entries.begin(), entries.begin() + (k - 1), entries.end());
      std::sort(entries.begin(), entries.begin() + k);
    }
    for (int64_t i = 0; i < k; ++i) lines.write<T>(values, indices, self, i, entries[i].place);
  });
}

Lines one_result(const Operand* operands, int count, int64_t dim) {
  const Lines lines(operands, count, dim);
  require_one_result(operands, dim);
  return lines;
}

// kthvalue(values, indices, self; dim, k): the k-th smallest, from 1
template <class T>
void kthvalue(Operand* operands, int count, Params& params) {
  const Lines lines = one_result(operands, count, params.integer());
  const int64_t k = params.integer();
  require(k >= 1 && (k <= lines.length || operands[0].numel == 0), ErrorKind::Index, "expected k from 1 to ",
          lines.length, ", got ", k);
  if (lines.length == 0) return;
  lines.each(operands, [&](char* values, char* indices, const char* self) {
    thread_local Entries<key_t<T>> entries;
    read_entries<T>(self, lines.steps[2], lines.length, false, entries);
    std::nth_element(entries.begin(), entries.begin() + (k - 1), entries.end());
    lines.write<T>(values, indices, self, 0, entries[k - 1].place);
  });
}

template <class T>
bool is_nan(const char* element) {
  const auto value = static_cast<compute_t<T>>(*reinterpret_cast<const T*>(element));
  return value != value;
}

// median(values, indices, self; dim, ignoreNan): the lower of two; NaN where there is one that is not to be ignored
template <class T>
void median(Operand* operands, int count, Params& params) {
  const Lines lines = one_result(operands, count, params.integer());
  const bool ignore_nan = params.boolean();
  if (lines.length == 0) return;
  lines.each(operands, [&](char* values, char* indices, const char* self) {
    int64_t nans = 0, first_nan = 0;
    for (int64_t i = lines.length - 1; i >= 0; --i)
      if (is_nan<T>(self + i * lines.steps[2])) ++nans, first_nan = i;
    if (nans > 0 && (!ignore_nan || nans == lines.length)) return lines.write<T>(values, indices, self, 0, first_nan);
    thread_local Entries<key_t<T>> entries;
    read_entries<T>(self, lines.steps[2], lines.length, false, entries);
    const auto middle = entries.begin() + (lines.length - nans - 1) / 2;
    std::nth_element(entries.begin(), middle, entries.end());
    lines.write<T>(values, indices, self, 0, middle->place);
  });
}

// mode(values, indices, self; dim): the smallest of the most frequent, and its last place
template <class T>
void mode(Operand* operands, int count, Params& params) {
  const Lines lines = one_result(operands, count, params.integer());
  if (lines.length == 0) return;
  lines.each(operands, [&](char* values, char* indices, const char* self) {
    thread_local Entries<key_t<T>> entries, spare;
    read_entries<T>(self, lines.steps[2], lines.length, false, entries);
    sort_entries(entries, spare);
    int64_t best = 0, best_run = 0, run = 0;
    for (int64_t i = 0; i < lines.length; ++i) {
      run = i > 0 && entries[i].key == entries[i - 1].key ? run + 1 : 1;
      if (run > best_run) best = i, best_run = run;
    }
    lines.write<T>(values, indices, self, 0, entries[best].place);
  });
}

// The different elements of a vector in ascending order, where each element went among them, and how often each came.
template <class T>
class Distinct {
 public:
  Distinct(const Operand& values, const Operand& inverse, const Operand& counts, const Operand& self)
      : values_(values), inverse_(inverse), counts_(counts), self_(self), length_(self.numel) {}

  // Gives how many there are.
  int64_t find() {
    if (length_ == 0) return 0;
    if constexpr (std::is_integral_v<T>) {
      T low = element(0), high = low;
      for (int64_t i = 1; i < length_; ++i) low = std::min(low, element(i)), high = std::max(high, element(i));
      const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
      // A table of all that lies between takes no more memory than the vector.
      if (range < static_cast<uint64_t>(std::max(length_, kRadixLength))) return find_by_table(low, range + 1);
    }
    return find_by_order();
  }

 private:
  T element(int64_t i) const { return reinterpret_cast<const T*>(self_.data)[i * self_.strides[0]]; }
  static void write(const Operand& to, int64_t i, int64_t number) {
    if (to.present) reinterpret_cast<int64_t*>(to.data)[i * to.strides[0]] = number;
  }
  void write_group(int64_t group, T value, int64_t count) const {
    reinterpret_cast<T*>(values_.data)[group * values_.strides[0]] = value;
    write(counts_, group, count);
  }

  int64_t find_by_table(T low, int64_t size) const {
    const auto place = [&](int64_t i) { return static_cast<uint64_t>(element(i)) - static_cast<uint64_t>(low); };
    std::vector<uint32_t> table(size);
    for (int64_t i = 0; i < length_; ++i) ++table[place(i)];
    int64_t groups = 0;
    for (int64_t k = 0; k < size; ++k) {
      if (table[k] == 0) continue;
      write_group(groups, static_cast<T>(static_cast<uint64_t>(low) + static_cast<uint64_t>(k)), table[k]);
      table[k] = static_cast<uint32_t>(groups++);
    }
    if (inverse_.present)
      for (int64_t i = 0; i < length_; ++i) write(inverse_, i, table[place(i)]);
    return groups;
  }

  int64_t find_by_order() const {
    thread_local Entries<key_t<T>> entries, spare;
    read_entries<T>(self_.data, bytes(self_, 0), length_, false, entries);
    sort_entries(entries, spare);
    int64_t groups = 0;
    for (int64_t begin = 0; begin < length_; ++groups) {
      const auto key = entries[begin].key;
      const T value = element(entries[begin].place);
      int64_t end = begin;
      // NaN differs from itself.
      do write(inverse_, entries[end++].place, groups);
      while (end < length_ && entries[end].key == key && value == value);
      write_group(groups, value, end - begin);
      begin = end;
    }
    return groups;
  }

  const Operand &values_, &inverse_, &counts_, &self_;
  const int64_t length_;
};

// unique(values, inverse, counts, found, self): vectors as long as self, of which the first `found` values and counts
// are written; inverse and counts may be left out
template <class T>
void unique(Operand* operands, int count, Params&) {
  require_distinct(operands, count);
  *operands[3].as<int64_t>() = Distinct<T>(operands[0], operands[1], operands[2], operands[4]).find();
}

// searchsorted(out, sorted, values; right): rows of sorted [rows, n] (or one row for all) and values [rows, m]; the
// first place that is not less than a value, with `right` the first that is greater
template <class T>
void searchsorted(Operand* operands, int count, Params& params) {
  const bool right = params.boolean();
  require_boundaries(operands, count);
  const Operand &out = operands[0], &sorted = operands[1], &values = operands[2];
  const int64_t rows = values.sizes[0], columns = values.sizes[1], n = sorted.sizes[1];
  const int64_t row_step = sorted.sizes[0] == 1 ? 0 : sorted.strides[0];
  parallel_for(rows * columns, kGrain / 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / columns, column = i % columns;
      const T* line = reinterpret_cast<const T*>(sorted.data) + row * row_step;
      const auto value = static_cast<compute_t<T>>(
          reinterpret_cast<const T*>(values.data)[row * values.strides[0] + column * values.strides[1]]);
      const auto boundary_at = [&](int64_t k) { return static_cast<compute_t<T>>(line[k * sorted.strides[1]]); };
      reinterpret_cast<int64_t*>(out.data)[row * out.strides[0] + column * out.strides[1]] =
          functors::first_boundary(value, n, right, boundary_at);
    }
  });
}

// histc(out, self; min, max): counts elements of each of out's even bins; those outside, and NaN, are left out
template <class T>
void histc(Operand* operands, int count, Params& params) {
  const double low = params.number(), high = params.number();
  require_bins(operands, count, low, high);
  const Operand &out = operands[0], &self = operands[1];
  const int64_t bins = out.sizes[0];
  std::vector<int64_t> counts(bins);
  const auto elements = walk(0, self.ndim, self);
  elements.each_row([&](const auto& offsets, int64_t n, int64_t) {
    for (int64_t i = 0; i < n; ++i) {
      const double value =
          static_cast<compute_t<T>>(*reinterpret_cast<const T*>(self.data + offsets[0] + i * elements.step(0)));
      const int64_t bin = functors::histogram_bin(value, low, high, bins);
      if (bin >= 0) ++counts[bin];
    }
  });
  for (int64_t i = 0; i < bins; ++i)
    reinterpret_cast<T*>(out.data)[i * out.strides[0]] = static_cast<T>(static_cast<compute_t<T>>(counts[i]));
}

}  // namespace

void register_sorting() {
  register_for<RealAndBool>("sort", 2, []<class T>() -> Kernel { return sort<T>; });
  register_for<RealTypes>("topk", 2, []<class T>() -> Kernel { return topk<T>; });
  register_for<RealTypes>("kthvalue", 2, []<class T>() -> Kernel { return kthvalue<T>; });
  register_for<RealTypes>("median", 2, []<class T>() -> Kernel { return median<T>; });
  register_for<RealAndBool>("mode", 2, []<class T>() -> Kernel { return mode<T>; });
  register_for<RealAndBool>("unique", 4, []<class T>() -> Kernel { return unique<T>; });
  register_for<RealTypes>("searchsorted", 1, []<class T>() -> Kernel { return searchsorted<T>; });
  register_for<Floating>("histc", 1, []<class T>() -> Kernel { return histc<T>; });
}

}  // namespace tt
