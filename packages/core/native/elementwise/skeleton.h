// What the families of elementwise kernels are compiled against: the loops of an instruction set, or those of the GPU.
// Both offer elementwise<Out, In...>(operands, f, cost), elementwise_words<Out, In...>(operands, f) for functors that
// only move elements, and elementwise_nonzero<T>(operands, f, cost) for divisions of integers.
#pragma once
#if defined(TT_CUDA)
#include "../cuda/elementwise.h"
#else
#include "../cpu/vectorized/loops.h"
#endif
