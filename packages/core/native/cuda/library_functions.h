// The functions of CUDA's libraries that we call, with prototypes of our own: nothing of a library is needed to build.
// Enumerations are ints, handles and descriptors opaque pointers; a status of 0 is success.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(__CUDACC__)
#include <cuda_runtime_api.h>
#else
#include "../emulation/cuda_runtime.h"
#endif

namespace tt::cuda {

// Of library_types.h.
enum DataType : int { kReal32 = 0, kReal64 = 1, kReal16 = 2, kComplex32 = 4, kComplex64 = 5, kBFloat16 = 14 };

// --- cuBLAS: matrices lie by columns ---------------------------------------------------------------------------------

using CublasHandle = struct CublasContext*;

enum CublasOperation : int { kNormal = 0, kTransposed = 1, kAdjoint = 2 };
enum CublasCompute : int { kCompute32 = 68, kCompute64 = 70, kCompute32FastTf32 = 77 };
enum CublasFill : int { kLower = 0, kUpper = 1 };
enum CublasDiagonal : int { kNonUnit = 0, kUnit = 1 };
enum CublasSide : int { kLeft = 0, kRight = 1 };
constexpr int kDefaultAlgorithm = -1;

// A function for each type of numbers, by the letter of the type: S, D, C, Z. PARAMETERS(T) has void for complex T, of
// which libraries have types of their own. Names differ where real matrices are orthogonal and complex ones unitary.
#define TT_BY_TYPE(FUNCTION, library, real, complex, PARAMETERS) \
  FUNCTION(int, library##S##real, PARAMETERS(float))             \
  FUNCTION(int, library##D##real, PARAMETERS(double))            \
  FUNCTION(int, library##C##complex, PARAMETERS(void))           \
  FUNCTION(int, library##Z##complex, PARAMETERS(void))

#define TT_TRSM(T)                                                                                                 \
  (CublasHandle handle, int side, int fill, int operation, int diagonal, int m, int n, const T* alpha, const T* a, \
   int lda, T* b, int ldb)
#define TT_TRSM_BATCHED(T)                                                                             \
  (CublasHandle handle, int side, int fill, int operation, int diagonal, int m, int n, const T* alpha, \
   const T* const* a, int lda, T* const* b, int ldb, int batch)
#define TT_GETRF_BATCHED(T) (CublasHandle handle, int n, T* const* a, int lda, int* pivots, int* info, int batch)
// info: one number, of the host.
#define TT_GETRS_BATCHED(T)                                                                                          \
  (CublasHandle handle, int operation, int n, int sides, const T* const* a, int lda, const int* pivots, T* const* b, \
   int ldb, int* info, int batch)

#define TT_CUBLAS_FUNCTIONS(FUNCTION)                                                                                \
  FUNCTION(int, cublasCreate_v2, (CublasHandle * handle))                                                            \
  FUNCTION(int, cublasSetStream_v2, (CublasHandle handle, cudaStream_t stream))                                      \
  FUNCTION(int, cublasSetWorkspace_v2, (CublasHandle handle, void* workspace, size_t bytes))                         \
  FUNCTION(const char*, cublasGetStatusString, (int status))                                                         \
  FUNCTION(                                                                                                          \
      int, cublasGemmStridedBatchedEx,                                                                               \
      (CublasHandle handle, int operation_a, int operation_b, int m, int n, int k, const void* alpha, const void* a, \
       int type_a, int lda, long long stride_a, const void* b, int type_b, int ldb, long long stride_b,              \
       const void* beta, void* c, int type_c, int ldc, long long stride_c, int batch, int compute, int algorithm))   \
  TT_BY_TYPE(FUNCTION, cublas, trsm_v2, trsm_v2, TT_TRSM)                                                            \
  TT_BY_TYPE(FUNCTION, cublas, trsmBatched, trsmBatched, TT_TRSM_BATCHED)                                            \
  TT_BY_TYPE(FUNCTION, cublas, getrfBatched, getrfBatched, TT_GETRF_BATCHED)                                         \
  TT_BY_TYPE(FUNCTION, cublas, getrsBatched, getrsBatched, TT_GETRS_BATCHED)

// --- cuSOLVER: matrices lie by columns -------------------------------------------------------------------------------

using CusolverHandle = struct CusolverContext*;
using CusolverParams = struct CusolverParamsStruct*;

enum CusolverVectors : int { kNoVectors = 0, kVectors = 1 };

#define TT_POTRF_BATCHED(T) (CusolverHandle handle, int fill, int n, T** a, int lda, int* info, int batch)
#define TT_ORGQR_SIZE(T) (CusolverHandle handle, int m, int n, int k, const T* a, int lda, const T* tau, int* count)
#define TT_ORGQR(T) \
  (CusolverHandle handle, int m, int n, int k, T* a, int lda, const T* tau, T* workspace, int count, int* info)
#define TT_ORMQR_SIZE(T)                                                                                               \
  (CusolverHandle handle, int side, int operation, int m, int n, int k, const T* a, int lda, const T* tau, const T* c, \
   int ldc, int* count)
#define TT_ORMQR(T)                                                                                              \
  (CusolverHandle handle, int side, int operation, int m, int n, int k, const T* a, int lda, const T* tau, T* c, \
   int ldc, T* workspace, int count, int* info)

// Sizes are asked for before the call: those of the device's and of the host's workspace, in bytes.
#define TT_CUSOLVER_FUNCTIONS(FUNCTION)                                                                                \
  FUNCTION(int, cusolverGetVersion, (int* version))                                                                    \
  FUNCTION(int, cusolverDnCreate, (CusolverHandle * handle))                                                           \
  FUNCTION(int, cusolverDnSetStream, (CusolverHandle handle, cudaStream_t stream))                                     \
  FUNCTION(int, cusolverDnCreateParams, (CusolverParams * params))                                                     \
  FUNCTION(int, cusolverDnXpotrf_bufferSize,                                                                           \
           (CusolverHandle handle, CusolverParams params, int fill, int64_t n, int type_a, const void* a, int64_t lda, \
            int compute, size_t* device_bytes, size_t* host_bytes))                                                    \
  FUNCTION(int, cusolverDnXpotrf,                                                                                      \
           (CusolverHandle handle, CusolverParams params, int fill, int64_t n, int type_a, void* a, int64_t lda,       \
            int compute, void* device, size_t device_bytes, void* host, size_t host_bytes, int* info))                 \
  FUNCTION(int, cusolverDnXgetrf_bufferSize,                                                                           \
           (CusolverHandle handle, CusolverParams params, int64_t m, int64_t n, int type_a, const void* a,             \
            int64_t lda, int compute, size_t* device_bytes, size_t* host_bytes))                                       \
  FUNCTION(                                                                                                            \
      int, cusolverDnXgetrf,                                                                                           \
      (CusolverHandle handle, CusolverParams params, int64_t m, int64_t n, int type_a, void* a, int64_t lda,           \
       int64_t* pivots, int compute, void* device, size_t device_bytes, void* host, size_t host_bytes, int* info))     \
  FUNCTION(int, cusolverDnXgetrs,                                                                                      \
           (CusolverHandle handle, CusolverParams params, int operation, int64_t n, int64_t sides, int type_a,         \
            const void* a, int64_t lda, const int64_t* pivots, int type_b, void* b, int64_t ldb, int* info))           \
  FUNCTION(int, cusolverDnXgeqrf_bufferSize,                                                                           \
           (CusolverHandle handle, CusolverParams params, int64_t m, int64_t n, int type_a, const void* a,             \
            int64_t lda, int type_tau, const void* tau, int compute, size_t* device_bytes, size_t* host_bytes))        \
  FUNCTION(int, cusolverDnXgeqrf,                                                                                      \
           (CusolverHandle handle, CusolverParams params, int64_t m, int64_t n, int type_a, void* a, int64_t lda,      \
            int type_tau, void* tau, int compute, void* device, size_t device_bytes, void* host, size_t host_bytes,    \
            int* info))                                                                                                \
  FUNCTION(int, cusolverDnXsyevd_bufferSize,                                                                           \
           (CusolverHandle handle, CusolverParams params, int vectors, int fill, int64_t n, int type_a, const void* a, \
            int64_t lda, int type_w, const void* w, int compute, size_t* device_bytes, size_t* host_bytes))            \
  FUNCTION(int, cusolverDnXsyevd,                                                                                      \
           (CusolverHandle handle, CusolverParams params, int vectors, int fill, int64_t n, int type_a, void* a,       \
            int64_t lda, int type_w, void* w, int compute, void* device, size_t device_bytes, void* host,              \
            size_t host_bytes, int* info))                                                                             \
  FUNCTION(int, cusolverDnXgesvd_bufferSize,                                                                           \
           (CusolverHandle handle, CusolverParams params, signed char job_u, signed char job_vt, int64_t m, int64_t n, \
            int type_a, const void* a, int64_t lda, int type_s, const void* s, int type_u, const void* u, int64_t ldu, \
            int type_vt, const void* vt, int64_t ldvt, int compute, size_t* device_bytes, size_t* host_bytes))         \
  FUNCTION(                                                                                                            \
      int, cusolverDnXgesvd,                                                                                           \
      (CusolverHandle handle, CusolverParams params, signed char job_u, signed char job_vt, int64_t m, int64_t n,      \
       int type_a, void* a, int64_t lda, int type_s, void* s, int type_u, void* u, int64_t ldu, int type_vt, void* vt, \
       int64_t ldvt, int compute, void* device, size_t device_bytes, void* host, size_t host_bytes, int* info))        \
  TT_BY_TYPE(FUNCTION, cusolverDn, potrfBatched, potrfBatched, TT_POTRF_BATCHED)                                       \
  TT_BY_TYPE(FUNCTION, cusolverDn, orgqr_bufferSize, ungqr_bufferSize, TT_ORGQR_SIZE)                                  \
  TT_BY_TYPE(FUNCTION, cusolverDn, orgqr, ungqr, TT_ORGQR)                                                             \
  TT_BY_TYPE(FUNCTION, cusolverDn, ormqr_bufferSize, unmqr_bufferSize, TT_ORMQR_SIZE)                                  \
  TT_BY_TYPE(FUNCTION, cusolverDn, ormqr, unmqr, TT_ORMQR)

// Those of CUDA 12.8 and later.
#define TT_CUSOLVER_GEEV_FUNCTIONS(FUNCTION)                                                                         \
  FUNCTION(int, cusolverDnXgeev_bufferSize,                                                                          \
           (CusolverHandle handle, CusolverParams params, int left, int right, int64_t n, int type_a, const void* a, \
            int64_t lda, int type_w, const void* w, int type_vl, const void* vl, int64_t ldvl, int type_vr,          \
            const void* vr, int64_t ldvr, int compute, size_t* device_bytes, size_t* host_bytes))                    \
  FUNCTION(int, cusolverDnXgeev,                                                                                     \
           (CusolverHandle handle, CusolverParams params, int left, int right, int64_t n, int type_a, void* a,       \
            int64_t lda, int type_w, void* w, int type_vl, void* vl, int64_t ldvl, int type_vr, void* vr,            \
            int64_t ldvr, int compute, void* device, size_t device_bytes, void* host, size_t host_bytes, int* info))

// --- cuDNN -----------------------------------------------------------------------------------------------------------

using CudnnHandle = struct CudnnContext*;
using CudnnTensor = struct CudnnTensorStruct*;
using CudnnFilter = struct CudnnFilterStruct*;
using CudnnConvolution = struct CudnnConvolutionStruct*;

enum CudnnDataType : int { kCudnnFloat = 0, kCudnnDouble = 1, kCudnnHalf = 2, kCudnnBFloat16 = 9 };
enum CudnnMath : int { kCudnnDefaultMath = 0, kCudnnTensorOp = 1, kCudnnFma = 3 };
constexpr int kCudnnNchw = 0;
constexpr int kCudnnCrossCorrelation = 1;

struct CudnnPerformance {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math;
  int reserved[3];
};

#define TT_CUDNN_FUNCTIONS(FUNCTION)                                                                                  \
  FUNCTION(size_t, cudnnGetVersion, ())                                                                               \
  FUNCTION(const char*, cudnnGetErrorString, (int status))                                                            \
  FUNCTION(int, cudnnCreate, (CudnnHandle * handle))                                                                  \
  FUNCTION(int, cudnnSetStream, (CudnnHandle handle, cudaStream_t stream))                                            \
  FUNCTION(int, cudnnCreateTensorDescriptor, (CudnnTensor * tensor))                                                  \
  FUNCTION(int, cudnnDestroyTensorDescriptor, (CudnnTensor tensor))                                                   \
  FUNCTION(int, cudnnSetTensorNdDescriptor,                                                                           \
           (CudnnTensor tensor, int type, int ndim, const int* sizes, const int* strides))                            \
  FUNCTION(int, cudnnCreateFilterDescriptor, (CudnnFilter * filter))                                                  \
  FUNCTION(int, cudnnDestroyFilterDescriptor, (CudnnFilter filter))                                                   \
  FUNCTION(int, cudnnSetFilterNdDescriptor, (CudnnFilter filter, int type, int format, int ndim, const int* sizes))   \
  FUNCTION(int, cudnnCreateConvolutionDescriptor, (CudnnConvolution * convolution))                                   \
  FUNCTION(int, cudnnDestroyConvolutionDescriptor, (CudnnConvolution convolution))                                    \
  FUNCTION(int, cudnnSetConvolutionNdDescriptor,                                                                      \
           (CudnnConvolution convolution, int spatial, const int* padding, const int* stride, const int* dilation,    \
            int mode, int compute))                                                                                   \
  FUNCTION(int, cudnnSetConvolutionGroupCount, (CudnnConvolution convolution, int groups))                            \
  FUNCTION(int, cudnnSetConvolutionMathType, (CudnnConvolution convolution, int math))                                \
  FUNCTION(int, cudnnGetConvolutionForwardAlgorithm_v7,                                                               \
           (CudnnHandle handle, CudnnTensor x, CudnnFilter w, CudnnConvolution convolution, CudnnTensor y,            \
            int requested, int* returned, CudnnPerformance* results))                                                 \
  FUNCTION(int, cudnnGetConvolutionBackwardDataAlgorithm_v7,                                                          \
           (CudnnHandle handle, CudnnFilter w, CudnnTensor dy, CudnnConvolution convolution, CudnnTensor dx,          \
            int requested, int* returned, CudnnPerformance* results))                                                 \
  FUNCTION(int, cudnnGetConvolutionBackwardFilterAlgorithm_v7,                                                        \
           (CudnnHandle handle, CudnnTensor x, CudnnTensor dy, CudnnConvolution convolution, CudnnFilter dw,          \
            int requested, int* returned, CudnnPerformance* results))                                                 \
  FUNCTION(int, cudnnFindConvolutionForwardAlgorithm,                                                                 \
           (CudnnHandle handle, CudnnTensor x, CudnnFilter w, CudnnConvolution convolution, CudnnTensor y,            \
            int requested, int* returned, CudnnPerformance* results))                                                 \
  FUNCTION(int, cudnnFindConvolutionBackwardDataAlgorithm,                                                            \
           (CudnnHandle handle, CudnnFilter w, CudnnTensor dy, CudnnConvolution convolution, CudnnTensor dx,          \
            int requested, int* returned, CudnnPerformance* results))                                                 \
  FUNCTION(int, cudnnFindConvolutionBackwardFilterAlgorithm,                                                          \
           (CudnnHandle handle, CudnnTensor x, CudnnTensor dy, CudnnConvolution convolution, CudnnFilter dw,          \
            int requested, int* returned, CudnnPerformance* results))                                                 \
  FUNCTION(int, cudnnConvolutionForward,                                                                              \
           (CudnnHandle handle, const void* alpha, CudnnTensor x_description, const void* x,                          \
            CudnnFilter w_description, const void* w, CudnnConvolution convolution, int algorithm, void* workspace,   \
            size_t bytes, const void* beta, CudnnTensor y_description, void* y))                                      \
  FUNCTION(int, cudnnConvolutionBackwardData,                                                                         \
           (CudnnHandle handle, const void* alpha, CudnnFilter w_description, const void* w,                          \
            CudnnTensor dy_description, const void* dy, CudnnConvolution convolution, int algorithm, void* workspace, \
            size_t bytes, const void* beta, CudnnTensor dx_description, void* dx))                                    \
  FUNCTION(int, cudnnConvolutionBackwardFilter,                                                                       \
           (CudnnHandle handle, const void* alpha, CudnnTensor x_description, const void* x,                          \
            CudnnTensor dy_description, const void* dy, CudnnConvolution convolution, int algorithm, void* workspace, \
            size_t bytes, const void* beta, CudnnFilter dw_description, void* dw))

// --- Tables of pointers ----------------------------------------------------------------------------------------------

#define TT_LIBRARY_POINTER(Result, name, parameters) Result(*name) parameters;
#define TT_LIBRARY_NAME(Result, name, parameters) #name,

struct Cublas {
  TT_CUBLAS_FUNCTIONS(TT_LIBRARY_POINTER)
};
struct Cudnn {
  TT_CUDNN_FUNCTIONS(TT_LIBRARY_POINTER)
};
struct Cusolver {
  TT_CUSOLVER_FUNCTIONS(TT_LIBRARY_POINTER)
};
struct CusolverGeev {
  TT_CUSOLVER_GEEV_FUNCTIONS(TT_LIBRARY_POINTER)
};

}  // namespace tt::cuda
