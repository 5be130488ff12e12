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

#define TT_TRSM(T)                                                                                                 \
  (CublasHandle handle, int side, int fill, int operation, int diagonal, int m, int n, const T* alpha, const T* a, \
   int lda, T* b, int ldb)

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
  FUNCTION(int, cublasStrsm_v2, TT_TRSM(float))                                                                      \
  FUNCTION(int, cublasDtrsm_v2, TT_TRSM(double))                                                                     \
  FUNCTION(int, cublasCtrsm_v2, TT_TRSM(void))                                                                       \
  FUNCTION(int, cublasZtrsm_v2, TT_TRSM(void))

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

}  // namespace tt::cuda
