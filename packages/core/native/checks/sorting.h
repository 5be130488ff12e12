// What the ops that sort lines ask of their operands.
#pragma once
#include <cmath>
#include <limits>

#include "operands.h"

namespace tt {

// Places are 32-bit numbers.
constexpr int64_t kMostSorted = std::numeric_limits<uint32_t>::max();

// values and indices along `dim` of self, at most `most` elements: they have self's other dimensions.
inline void require_sorted_shapes(const Operand* operands, int count, int64_t dim, int64_t most = kMostSorted) {
  require_operands(operands, count, 3);
  const Operand &values = operands[0], &indices = operands[1], &self = operands[2];
  indices.as<int64_t>();
  require_dim(self, dim);
  require_same_dtype(values, self);
  require_same_shape(values, indices);
  bool fits = values.ndim == self.ndim;
  for (int d = 0; d < self.ndim && fits; ++d) fits = d == dim || values.sizes[d] == self.sizes[d];
  require(fits, ErrorKind::Shape, "results of shape ", values.shape(), " do not fit ", self.shape());
  require(self.ndim == 0 || self.sizes[dim] <= most, ErrorKind::Shape, "cannot sort ", self.sizes[dim],
          " elements along one dimension");
}

inline void require_one_result(const Operand* operands, int64_t dim) {
  const Operand &values = operands[0], &self = operands[2];
  require(self.ndim == 0 || values.sizes[dim] == 1, ErrorKind::Shape, "expected one result along dimension ", dim);
  require(self.ndim == 0 || self.sizes[dim] > 0 || values.numel == 0, ErrorKind::Shape,
          "cannot choose among no elements: input of shape ", self.shape());
}

// unique(values, inverse, counts, found, self): vectors as long as self; inverse and counts may be left out.
inline void require_distinct(const Operand* operands, int count) {
  require(count == 5 && operands[0].present && operands[3].present && operands[4].present, ErrorKind::Internal,
          "expected values, inverse, counts, their number and a vector");
  require(operands[3].numel == 1, ErrorKind::Shape, "expected one number, got ", operands[3].shape());
  operands[3].as<int64_t>();
  const Operand& self = operands[4];
  require_same_dtype(operands[0], self);
  require_same_shape(operands[0], self);
  for (const Operand* optional : {&operands[1], &operands[2]}) {
    if (!optional->present) continue;
    optional->as<int64_t>();
    require_same_shape(*optional, self);
  }
  require(self.ndim == 1 && self.numel <= kMostSorted, ErrorKind::Shape,
          "expected a vector of at most 2^32 - 1 elements, got ", self.shape());
}

// Rows of sorted [rows, n] (or one row for all) and values [rows, m].
inline void require_boundaries(const Operand* operands, int count) {
  require_operands(operands, count, 3);
  const Operand &out = operands[0], &sorted = operands[1], &values = operands[2];
  out.as<int64_t>();
  require_same_dtype(sorted, values);
  require_same_shape(out, values);
  require(sorted.ndim == 2 && values.ndim == 2 && (sorted.sizes[0] == 1 || sorted.sizes[0] == values.sizes[0]),
          ErrorKind::Shape, "boundaries of shape ", sorted.shape(), " do not fit values of shape ", values.shape());
}

inline void require_bins(const Operand* operands, int count, double low, double high) {
  require_operands(operands, count, 2);
  const Operand& out = operands[0];
  require_same_dtype(out, operands[1]);
  require(out.ndim == 1 && out.sizes[0] > 0, ErrorKind::Shape, "expected one dimension of bins, got ", out.shape());
  require(low < high && std::isfinite(low) && std::isfinite(high), ErrorKind::Value, "the range [", low, ", ", high,
          "] is not finite");
}

}  // namespace tt
