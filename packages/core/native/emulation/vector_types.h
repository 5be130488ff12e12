// The CUDA vector types that kernels use, with CUDA's sizes and alignments.
#pragma once

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
  constexpr dim3(uint3 from) : x(from.x), y(from.y), z(from.z) {}
};

#define TT_VECTOR_2(Name, Type, alignment) \
  struct alignas(alignment) Name {         \
    Type x, y;                             \
  };                                       \
  constexpr Name make_##Name(Type x, Type y) { return {x, y}; }
#define TT_VECTOR_4(Name, Type, alignment) \
  struct alignas(alignment) Name {         \
    Type x, y, z, w;                       \
  };                                       \
  constexpr Name make_##Name(Type x, Type y, Type z, Type w) { return {x, y, z, w}; }

TT_VECTOR_2(char2, signed char, 2)
TT_VECTOR_2(uchar2, unsigned char, 2)
TT_VECTOR_2(short2, short, 4)
TT_VECTOR_2(ushort2, unsigned short, 4)
TT_VECTOR_2(int2, int, 8)
TT_VECTOR_2(uint2, unsigned, 8)
TT_VECTOR_2(longlong2, long long, 16)
TT_VECTOR_2(ulonglong2, unsigned long long, 16)
TT_VECTOR_2(float2, float, 8)
TT_VECTOR_2(double2, double, 16)
TT_VECTOR_4(char4, signed char, 4)
TT_VECTOR_4(uchar4, unsigned char, 4)
TT_VECTOR_4(short4, short, 8)
TT_VECTOR_4(ushort4, unsigned short, 8)
TT_VECTOR_4(int4, int, 16)
TT_VECTOR_4(uint4, unsigned, 16)
TT_VECTOR_4(float4, float, 16)

#undef TT_VECTOR_2
#undef TT_VECTOR_4
