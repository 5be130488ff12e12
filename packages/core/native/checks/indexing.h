// What the ops that read and write at indices ask of their operands.
#pragma once
#include "operands.h"

namespace tt {

// Several indices of one shape: `indexed` has its indexed dimensions first; `dense` has the dimensions of the indices,
// then the rest of `indexed`.
inline void require_index_shapes(const Operand& dense, const Operand& indexed, const Operand* indices,
                                 int index_count) {
  require(index_count > 0 && index_count <= indexed.ndim, ErrorKind::Index, "too many indices: ", index_count,
          " for a tensor of shape ", indexed.shape());
  const int index_ndim = indices[0].ndim;
  for (int k = 0; k < index_count; ++k) {
    require(indices[k].present && !indices[k].is_scalar, ErrorKind::Internal, "an index is missing");
    indices[k].as<int64_t>();
    require_same_shape(indices[0], indices[k]);
  }
  const int rest = indexed.ndim - index_count;
  bool fits = dense.ndim == index_ndim + rest;
  for (int d = 0; d < index_ndim && fits; ++d) fits = dense.sizes[d] == indices[0].sizes[d];
  for (int d = 0; d < rest && fits; ++d) fits = dense.sizes[index_ndim + d] == indexed.sizes[index_count + d];
  require(fits, ErrorKind::Shape, "indices of shape ", indices[0].shape(), " into ", indexed.shape(), " do not give ",
          dense.shape());
}

// A number that indices write takes the shape that an array would have.
inline void respread_by_indices(Operand& values, const Operand& indexed, const Operand& index, int index_count) {
  if (!values.is_scalar) return;
  const int rest = std::max(indexed.ndim - index_count, 0);
  require(index.ndim + rest <= kMaxDims, ErrorKind::Shape, "too many dimensions");
  Operand shape = index;
  for (int d = 0; d < rest; ++d) {
    shape.sizes[index.ndim + d] = indexed.sizes[index_count + d];
    shape.numel *= shape.sizes[index.ndim + d];
  }
  shape.ndim = index.ndim + rest;
  respread(values, shape);
}

// One index along a dimension: `dense` has as many places there as the index, and otherwise the shape of `indexed`.
inline void require_shapes_along(const Operand& dense, const Operand& indexed, const Operand& index, int64_t dim) {
  const int64_t places = index.numel;
  index.as<int64_t>();
  require(index.ndim <= 1, ErrorKind::Shape, "expected indices of one dimension, got shape ", index.shape());
  bool fits = dense.ndim == indexed.ndim;
  for (int d = 0; d < indexed.ndim && fits; ++d) fits = dense.sizes[d] == (d == dim ? places : indexed.sizes[d]);
  require(fits, ErrorKind::Shape, places, " indices along dimension ", dim, " of ", indexed.shape(), " do not give ",
          dense.shape());
}

// An index for each element: no larger than what it reads or writes, apart from the dimension that it goes along.
inline void require_gather_shape(const Operand& index, const Operand& places, int64_t dim) {
  bool fits = index.ndim == places.ndim;
  for (int d = 0; d < index.ndim && fits; ++d) fits = d == dim || index.sizes[d] <= places.sizes[d];
  require(fits, ErrorKind::Shape, "index of shape ", index.shape(), " does not fit ", places.shape(),
          " apart from dimension ", dim);
}

// Rows of gradients that go to the rows of a weight that the indices name.
inline void require_embedding(const Operand* operands, int count) {
  require_operands(operands, count, 3);
  require_same_dtype(operands[0], operands[1]);
  const Operand &weight = operands[0], &grad = operands[1], &index = operands[2];
  index.as<int64_t>();
  require(weight.ndim == 2 && grad.ndim == 2 && index.ndim == 1 && grad.sizes[0] == index.sizes[0] &&
              grad.sizes[1] == weight.sizes[1],
          ErrorKind::Shape, "gradients ", grad.shape(), " and indices ", index.shape(), " do not fit a weight of ",
          weight.shape());
}

}  // namespace tt
