import type { DType } from '@ts-torch/core';

// The names of the dtypes as constants, for those who like `torch.float32` better than `'float32'`.

export const float64 = 'float64' satisfies DType;
export const float32 = 'float32' satisfies DType;
export const float16 = 'float16' satisfies DType;
export const bfloat16 = 'bfloat16' satisfies DType;
export const int64 = 'int64' satisfies DType;
export const int32 = 'int32' satisfies DType;
export const int16 = 'int16' satisfies DType;
export const int8 = 'int8' satisfies DType;
export const uint8 = 'uint8' satisfies DType;
export const complex64 = 'complex64' satisfies DType;
export const complex128 = 'complex128' satisfies DType;
