// What the optimizers are compiled against: the CPU's tasks of many parameters, or the GPU's launches. Both offer
// update_all<T, groups, numbers, written>(operands, n, own, update).
#pragma once
#if defined(TT_CUDA)
#include "../cuda/updates.h"
#else
#include "../cpu/vectorized/updates.h"
#endif
