// A stand-in for the convolutions of cuDNN: windows laid out as columns, multiplied by OpenBLAS. 16-bit arrays are
// widened, and rounded in the end.
#include <algorithm>
#include <array>
#include <vector>

#include "../../cpu/im2col.h"
#include "../../cpu/openblas.h"
#include "../../functors/half.h"
#include "stand_in.h"

namespace tt::cuda {

struct CudnnContext {
  cudaStream_t stream;
};
struct CudnnTensorStruct {
  int type = -1, ndim = 0;
  int sizes[5];
};
struct CudnnFilterStruct {
  int type = -1, ndim = 0;
  int sizes[5];
};
struct CudnnConvolutionStruct {
  int spatial = 0, compute = -1, groups = 1, math = 0;
  int padding[3], stride[3], dilation[3];
};

}  // namespace tt::cuda

namespace {

using namespace tt;
using namespace tt::cuda;
using emulation::on_host;
using emulation::submit;

enum Status : int { kSuccess = 0, kBadParam = 2000, kNotSupported = 3000, kExecutionFailed = 5000 };
constexpr size_t kWorkspace = 4096;
constexpr int kAlgorithm = 1;

struct Shape {
  Windows windows;
  int64_t batch, groups, in_channels, out_channels;  // channels of one group
  int type;

  int64_t depth() const { return in_channels * windows.kernel_size(); }
  int64_t input_count() const { return batch * groups * in_channels * windows.input_size(); }
  int64_t output_count() const { return batch * groups * out_channels * windows.output_size(); }
  int64_t weight_count() const { return groups * out_channels * depth(); }
};

// Success if the four fit each other.
Status read_shape(CudnnTensor x, CudnnFilter w, CudnnConvolution conv, CudnnTensor y, Shape& shape) {
  if (!x || !w || !conv || !y || x->ndim != conv->spatial + 2 || w->ndim != x->ndim || y->ndim != x->ndim)
    return kBadParam;
  if (x->type != w->type || x->type != y->type || conv->groups < 1) return kBadParam;
  if (conv->compute != (x->type == kCudnnDouble ? kCudnnDouble : kCudnnFloat)) return kNotSupported;
  if (x->sizes[0] != y->sizes[0] || x->sizes[1] != w->sizes[1] * conv->groups || y->sizes[1] != w->sizes[0] ||
      w->sizes[0] % conv->groups != 0)
    return kBadParam;
  shape.batch = x->sizes[0];
  shape.groups = conv->groups;
  shape.in_channels = w->sizes[1];
  shape.out_channels = w->sizes[0] / conv->groups;
  shape.type = x->type;
  Windows& windows = shape.windows;
  for (int d = 0; d < kSpatial; ++d) {
    const int i = d - (kSpatial - conv->spatial);
    windows.input[d] = i < 0 ? 1 : x->sizes[i + 2];
    windows.kernel[d] = i < 0 ? 1 : w->sizes[i + 2];
    windows.output[d] = i < 0 ? 1 : y->sizes[i + 2];
    windows.stride[d] = i < 0 ? 1 : conv->stride[i];
    windows.padding[d] = i < 0 ? 0 : conv->padding[i];
    windows.dilation[d] = i < 0 ? 1 : conv->dilation[i];
    const int64_t reach = windows.input[d] + 2 * windows.padding[d] - windows.dilation[d] * (windows.kernel[d] - 1) - 1;
    if (reach < 0 || windows.output[d] != reach / windows.stride[d] + 1) return kBadParam;
  }
  return kSuccess;
}

// Row-major c[m, n] = a b + beta c, each of a and b as it lies or transposed.
template <class T>
void multiply(int64_t m, int64_t n, int64_t k, const T* a, bool a_transposed, const T* b, bool b_transposed, T beta,
              T* c) {
  if (m == 0 || n == 0) return;
  const int rows = static_cast<int>(n), columns = static_cast<int>(m), depth = static_cast<int>(k);
  const int a_stride = static_cast<int>(std::max<int64_t>(a_transposed ? m : k, 1));
  const int b_stride = static_cast<int>(std::max<int64_t>(b_transposed ? k : n, 1));
  const T one(1);
  blas::gemm(b_transposed ? "T" : "N", a_transposed ? "T" : "N", &rows, &columns, &depth, &one, b, &b_stride, a,
             &a_stride, &beta, c, &rows);
}

template <class T>
struct Part {
  const Shape& shape;
  int64_t image, group;
  template <class P>
  P* input(P* data) const {
    return data + (image * shape.groups + group) * shape.in_channels * shape.windows.input_size();
  }
  template <class P>
  P* output(P* data) const {
    return data + (image * shape.groups + group) * shape.out_channels * shape.windows.output_size();
  }
  template <class P>
  P* weight(P* data) const {
    return data + group * shape.out_channels * shape.depth();
  }
};

template <class T, class F>
void each_part(const Shape& shape, F&& f) {
  for (int64_t image = 0; image < shape.batch; ++image)
    for (int64_t group = 0; group < shape.groups; ++group) f(Part<T>{shape, image, group});
}

template <class T>
void forward(const Shape& shape, const T* x, const T* w, T* y) {
  const int64_t windows = shape.windows.output_size();
  std::vector<T> columns(shape.depth() * windows);
  each_part<T>(shape, [&](const Part<T>& part) {
    im2col(shape.windows, shape.in_channels, part.input(x), 0, windows, columns.data());
    multiply<T>(shape.out_channels, windows, shape.depth(), part.weight(w), false, columns.data(), false, T(0),
                part.output(y));
  });
}

template <class T>
void backward_data(const Shape& shape, const T* w, const T* dy, T* dx) {
  const int64_t windows = shape.windows.output_size();
  std::vector<T> columns(shape.depth() * windows);
  std::fill_n(dx, shape.input_count(), T(0));
  each_part<T>(shape, [&](const Part<T>& part) {
    multiply<T>(shape.depth(), windows, shape.out_channels, part.weight(w), true, part.output(dy), false, T(0),
                columns.data());
    col2im(shape.windows, shape.in_channels, columns.data(), 0, windows, part.input(dx));
  });
}

template <class T>
void backward_filter(const Shape& shape, const T* x, const T* dy, T* dw) {
  const int64_t windows = shape.windows.output_size();
  std::vector<T> columns(shape.depth() * windows);
  std::fill_n(dw, shape.weight_count(), T(0));
  each_part<T>(shape, [&](const Part<T>& part) {
    im2col(shape.windows, shape.in_channels, part.input(x), 0, windows, columns.data());
    multiply<T>(shape.out_channels, shape.depth(), windows, part.output(dy), false, columns.data(), true, T(1),
                part.weight(dw));
  });
}

// Calls f(a, b, c) on arrays of a type that BLAS knows: a and b are read, c is written.
template <class Stored, class Wide, class F>
void widened(const void* a, int64_t a_count, const void* b, int64_t b_count, void* c, int64_t c_count, F&& f) {
  const auto* first = static_cast<const Stored*>(a);
  const auto* second = static_cast<const Stored*>(b);
  const std::vector<Wide> left(first, first + a_count), right(second, second + b_count);
  std::vector<Wide> result(c_count);
  f(left.data(), right.data(), result.data());
  std::transform(result.begin(), result.end(), static_cast<Stored*>(c), [](Wide x) { return Stored(x); });
}

template <class F>
void with_type(int type, const void* a, int64_t a_count, const void* b, int64_t b_count, void* c, int64_t c_count,
               F&& f) {
  switch (type) {
    case kCudnnDouble:
      return f(static_cast<const double*>(a), static_cast<const double*>(b), static_cast<double*>(c));
    case kCudnnHalf:
      return widened<Half, float>(a, a_count, b, b_count, c, c_count, f);
    case kCudnnBFloat16:
      return widened<BFloat16, float>(a, a_count, b, b_count, c, c_count, f);
    default:
      return f(static_cast<const float*>(a), static_cast<const float*>(b), static_cast<float*>(c));
  }
}

// The only scaling that we ask for: the result replaces what was there.
bool is_plain(int type, const void* alpha, const void* beta) {
  if (type == kCudnnDouble) return *static_cast<const double*>(alpha) == 1 && *static_cast<const double*>(beta) == 0;
  return *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0;
}

Status check_call(CudnnHandle handle, int algorithm, const void* workspace, size_t bytes, int type, const void* alpha,
                  const void* beta) {
  if (!handle || !alpha || !beta || algorithm != kAlgorithm || (bytes > 0 && !workspace)) return kBadParam;
  if (bytes < kWorkspace || !is_plain(type, alpha, beta)) return kNotSupported;
  return kSuccess;
}

int suggest(Status status, int requested, int* returned, CudnnPerformance* results) {
  if (status != kSuccess) return status;
  if (requested < 1) return kBadParam;
  // The first one cannot be used, as happens with the real library.
  *returned = std::min(requested, 2);
  results[0] = {0, kNotSupported, -1, 0, 1, kCudnnDefaultMath, {}};
  if (requested > 1) results[1] = {kAlgorithm, kSuccess, 1, kWorkspace, 1, kCudnnDefaultMath, {}};
  return kSuccess;
}

template <class Descriptor>
int create(Descriptor** descriptor) {
  *descriptor = new Descriptor();
  return kSuccess;
}
template <class Descriptor>
int destroy(Descriptor* descriptor) {
  delete descriptor;
  return kSuccess;
}

bool is_type(int type) {
  return type == kCudnnFloat || type == kCudnnDouble || type == kCudnnHalf || type == kCudnnBFloat16;
}

}  // namespace

TT_STAND_IN size_t cudnnGetVersion() { return 91000; }
TT_STAND_IN const char* cudnnGetErrorString(int status) {
  return status == kBadParam       ? "CUDNN_STATUS_BAD_PARAM"
         : status == kNotSupported ? "CUDNN_STATUS_NOT_SUPPORTED"
                                   : "failed";
}
TT_STAND_IN int cudnnCreate(CudnnHandle* handle) { return create(handle); }
TT_STAND_IN int cudnnSetStream(CudnnHandle handle, cudaStream_t stream) {
  handle->stream = stream;
  return kSuccess;
}
TT_STAND_IN int cudnnCreateTensorDescriptor(CudnnTensor* tensor) { return create(tensor); }
TT_STAND_IN int cudnnDestroyTensorDescriptor(CudnnTensor tensor) { return destroy(tensor); }
TT_STAND_IN int cudnnCreateFilterDescriptor(CudnnFilter* filter) { return create(filter); }
TT_STAND_IN int cudnnDestroyFilterDescriptor(CudnnFilter filter) { return destroy(filter); }
TT_STAND_IN int cudnnCreateConvolutionDescriptor(CudnnConvolution* convolution) { return create(convolution); }
TT_STAND_IN int cudnnDestroyConvolutionDescriptor(CudnnConvolution convolution) { return destroy(convolution); }

TT_STAND_IN int cudnnSetTensorNdDescriptor(CudnnTensor tensor, int type, int ndim, const int* sizes,
                                           const int* strides) {
  if (!tensor || !is_type(type) || ndim < 4 || ndim > 5) return kBadParam;
  int64_t stride = 1;
  for (int d = ndim - 1; d >= 0; --d) {
    if (sizes[d] < 1) return kBadParam;
    if (strides[d] != stride) return kNotSupported;
    stride *= sizes[d];
  }
  tensor->type = type;
  tensor->ndim = ndim;
  std::copy_n(sizes, ndim, tensor->sizes);
  return kSuccess;
}
TT_STAND_IN int cudnnSetFilterNdDescriptor(CudnnFilter filter, int type, int format, int ndim, const int* sizes) {
  if (!filter || !is_type(type) || format != kCudnnNchw || ndim < 4 || ndim > 5) return kBadParam;
  if (std::any_of(sizes, sizes + ndim, [](int size) { return size < 1; })) return kBadParam;
  filter->type = type;
  filter->ndim = ndim;
  std::copy_n(sizes, ndim, filter->sizes);
  return kSuccess;
}
TT_STAND_IN int cudnnSetConvolutionNdDescriptor(CudnnConvolution convolution, int spatial, const int* padding,
                                                const int* stride, const int* dilation, int mode, int compute) {
  if (!convolution || spatial < 2 || spatial > 3 || mode != kCudnnCrossCorrelation) return kBadParam;
  for (int d = 0; d < spatial; ++d)
    if (padding[d] < 0 || stride[d] < 1 || dilation[d] < 1) return kBadParam;
  convolution->spatial = spatial;
  convolution->compute = compute;
  std::copy_n(padding, spatial, convolution->padding);
  std::copy_n(stride, spatial, convolution->stride);
  std::copy_n(dilation, spatial, convolution->dilation);
  return kSuccess;
}
TT_STAND_IN int cudnnSetConvolutionGroupCount(CudnnConvolution convolution, int groups) {
  convolution->groups = groups;
  return groups < 1 ? kBadParam : kSuccess;
}
TT_STAND_IN int cudnnSetConvolutionMathType(CudnnConvolution convolution, int math) {
  convolution->math = math;
  return math < 0 || math > kCudnnFma ? kBadParam : kSuccess;
}

#define TT_SUGGEST(Forward, BackwardData, BackwardFilter)                                                         \
  TT_STAND_IN int Forward(CudnnHandle, CudnnTensor x, CudnnFilter w, CudnnConvolution convolution, CudnnTensor y, \
                          int requested, int* returned, CudnnPerformance* results) {                              \
    Shape shape;                                                                                                  \
    return suggest(read_shape(x, w, convolution, y, shape), requested, returned, results);                        \
  }                                                                                                               \
  TT_STAND_IN int BackwardData(CudnnHandle, CudnnFilter w, CudnnTensor dy, CudnnConvolution convolution,          \
                               CudnnTensor dx, int requested, int* returned, CudnnPerformance* results) {         \
    Shape shape;                                                                                                  \
    return suggest(read_shape(dx, w, convolution, dy, shape), requested, returned, results);                      \
  }                                                                                                               \
  TT_STAND_IN int BackwardFilter(CudnnHandle, CudnnTensor x, CudnnTensor dy, CudnnConvolution convolution,        \
                                 CudnnFilter dw, int requested, int* returned, CudnnPerformance* results) {       \
    Shape shape;                                                                                                  \
    return suggest(read_shape(x, dw, convolution, dy, shape), requested, returned, results);                      \
  }
TT_SUGGEST(cudnnGetConvolutionForwardAlgorithm_v7, cudnnGetConvolutionBackwardDataAlgorithm_v7,
           cudnnGetConvolutionBackwardFilterAlgorithm_v7)
TT_SUGGEST(cudnnFindConvolutionForwardAlgorithm, cudnnFindConvolutionBackwardDataAlgorithm,
           cudnnFindConvolutionBackwardFilterAlgorithm)

TT_STAND_IN int cudnnConvolutionForward(CudnnHandle handle, const void* alpha, CudnnTensor x_description, const void* x,
                                        CudnnFilter w_description, const void* w, CudnnConvolution convolution,
                                        int algorithm, void* workspace, size_t bytes, const void* beta,
                                        CudnnTensor y_description, void* y) {
  Shape shape;
  Status status = read_shape(x_description, w_description, convolution, y_description, shape);
  if (status == kSuccess) status = check_call(handle, algorithm, workspace, bytes, shape.type, alpha, beta);
  if (status != kSuccess) return status;
  const auto work = [shape, x = on_host(x), w = on_host(w), y = on_host(y)] {
    with_type(shape.type, x, shape.input_count(), w, shape.weight_count(), y, shape.output_count(),
              [&](const auto* a, const auto* b, auto* c) { forward(shape, a, b, c); });
  };
  return submit(handle->stream, work) ? kSuccess : kExecutionFailed;
}

TT_STAND_IN int cudnnConvolutionBackwardData(CudnnHandle handle, const void* alpha, CudnnFilter w_description,
                                             const void* w, CudnnTensor dy_description, const void* dy,
                                             CudnnConvolution convolution, int algorithm, void* workspace, size_t bytes,
                                             const void* beta, CudnnTensor dx_description, void* dx) {
  Shape shape;
  Status status = read_shape(dx_description, w_description, convolution, dy_description, shape);
  if (status == kSuccess) status = check_call(handle, algorithm, workspace, bytes, shape.type, alpha, beta);
  if (status != kSuccess) return status;
  const auto work = [shape, w = on_host(w), dy = on_host(dy), dx = on_host(dx)] {
    with_type(shape.type, w, shape.weight_count(), dy, shape.output_count(), dx, shape.input_count(),
              [&](const auto* a, const auto* b, auto* c) { backward_data(shape, a, b, c); });
  };
  return submit(handle->stream, work) ? kSuccess : kExecutionFailed;
}

TT_STAND_IN int cudnnConvolutionBackwardFilter(CudnnHandle handle, const void* alpha, CudnnTensor x_description,
                                               const void* x, CudnnTensor dy_description, const void* dy,
                                               CudnnConvolution convolution, int algorithm, void* workspace,
                                               size_t bytes, const void* beta, CudnnFilter dw_description, void* dw) {
  Shape shape;
  Status status = read_shape(x_description, dw_description, convolution, dy_description, shape);
  if (status == kSuccess) status = check_call(handle, algorithm, workspace, bytes, shape.type, alpha, beta);
  if (status != kSuccess) return status;
  const auto work = [shape, x = on_host(x), dy = on_host(dy), dw = on_host(dw)] {
    with_type(shape.type, x, shape.input_count(), dy, shape.output_count(), dw, shape.weight_count(),
              [&](const auto* a, const auto* b, auto* c) { backward_filter(shape, a, b, c); });
  };
  return submit(handle->stream, work) ? kSuccess : kExecutionFailed;
}

// The prototypes are those that callers use.
#define TT_SAME(Result, name, parameters) static_assert(std::is_same_v<decltype(&name), decltype(Cudnn::name)>);
TT_CUDNN_FUNCTIONS(TT_SAME)
