// The families of kernels: a new file of kernels is added here, and nowhere else.
#pragma once

// elementwise/<family>.cc: compiled for every instruction set and for CUDA.
#define TT_ELEMENTWISE_FAMILIES(FAMILY) \
  FAMILY(unary)                         \
  FAMILY(binary)                        \
  FAMILY(ternary)                       \
  FAMILY(special)                       \
  FAMILY(copy)                          \
  FAMILY(optimizers)                    \
  FAMILY(recurrent)

// cuda/<family>.cc: compiled for CUDA.
#define TT_CUDA_FAMILIES(FAMILY) \
  FAMILY(indexing)               \
  FAMILY(masks)                  \
  FAMILY(joining)                \
  FAMILY(ranges)                 \
  FAMILY(sorting)                \
  FAMILY(random)                 \
  FAMILY(matmul)                 \
  FAMILY(linalg)                 \
  FAMILY(convolution)            \
  FAMILY(pooling)                \
  FAMILY(interpolation)          \
  FAMILY(unfold)                 \
  FAMILY(fft)                    \
  FAMILY(reduce)                 \
  FAMILY(arg_reduce)             \
  FAMILY(moments)                \
  FAMILY(scan)                   \
  FAMILY(softmax)                \
  FAMILY(normalization)          \
  FAMILY(loss)                   \
  FAMILY(gradients)

// cpu/vectorized/<family>.cc: compiled for every instruction set.
#define TT_VECTORIZED_FAMILIES(FAMILY) \
  FAMILY(pooling)                      \
  FAMILY(interpolation)                \
  FAMILY(reduce)                       \
  FAMILY(arg_reduce)                   \
  FAMILY(moments)                      \
  FAMILY(softmax)                      \
  FAMILY(normalization)                \
  FAMILY(gradients)                    \
  FAMILY(depthwise)                    \
  FAMILY(random)                       \
  FAMILY(scan)

// cpu/<family>.cc: compiled once; the work is in libraries, or bound by memory.
#define TT_LIBRARY_FAMILIES(FAMILY) \
  FAMILY(matmul)                    \
  FAMILY(convolution)               \
  FAMILY(linalg)                    \
  FAMILY(unfold)                    \
  FAMILY(indexing)                  \
  FAMILY(fft)                       \
  FAMILY(ranges)                    \
  FAMILY(joining)                   \
  FAMILY(loss)                      \
  FAMILY(sorting)
