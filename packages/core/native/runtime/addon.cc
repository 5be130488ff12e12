// The Node-API surface: unpack, check, call, return. What a call means is decided in TypeScript.
#include <napi.h>
#include <omp.h>

#include <cstring>
#include <string>

#include "allocator.h"
#include "cuda_backend.h"
#include "instruction_set.h"
#include "registry.h"
#include "serial.h"
#include "signals.h"
#include "storage.h"

namespace tt {
namespace {

// All that one JavaScript thread has of us. Deleted when its last handle is gone, which may be after the environment's
// end.
struct Environment {
  StorageTable storages;
  double* args = nullptr;  // the Float64Array through which TypeScript passes shapes, strides and parameters
  size_t args_length = 0;
  napi_ref args_buffer = nullptr;
  napi_ref error_classes[9] = {};
  std::vector<Operand> operand_list;
  bool ended = false;
};

// V8 is not told of this memory by napi_adjust_external_memory: in Node 20 a report while it marks incrementally may
// end in its `Check failed: marking_done_`, which aborts the process. storage.ts asks for collections instead.

Environment* environment_of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}

// --- Errors ---------------------------------------------------------------------------------------------------------

void throw_error(napi_env env, ErrorKind kind, const std::string& message) {
  Environment* environment = environment_of(env);
  napi_ref reference = environment ? environment->error_classes[static_cast<int>(kind)] : nullptr;
  napi_value constructor, text, error;
  if (reference && napi_get_reference_value(env, reference, &constructor) == napi_ok &&
      napi_create_string_utf8(env, message.data(), message.size(), &text) == napi_ok &&
      napi_new_instance(env, constructor, 1, &text, &error) == napi_ok) {
    napi_throw(env, error);
    return;
  }
  napi_throw_error(env, nullptr, message.c_str());
}

// Not Napi::Error's own way: where an environment is ending, it meets a status that only modules of the experimental
// version get, takes it for a failure, and throws out of the handler.
void rethrow(napi_env env, const Napi::Error& error) noexcept {
  try {
    napi_throw(env, error.Value());
  } catch (...) {
    // The environment is ending: nobody is left to catch it.
  }
}

// A function of node-addon-api as Node-API calls it.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
napi_value call(napi_env env, napi_callback_info info) noexcept {
  try {
    return function(Napi::CallbackInfo(env, info));
  } catch (const Napi::Error& error) {
    rethrow(env, error);
  } catch (...) {
  }
  return nullptr;
}

// Runs `body`; every C++ exception becomes a JavaScript error of the right class. `op` is put in front of its message.
template <class F>
napi_value guarded(napi_env env, const char* const& op, F&& body) noexcept {
  const auto named = [&](const std::string& message) { return op ? std::string(op) + ": " + message : message; };
  try {
    return body();
  } catch (const Error& error) {
    throw_error(env, error.kind, named(error.what()));
  } catch (const Napi::Error& error) {
    rethrow(env, error);
  } catch (const std::bad_alloc&) {
    throw_error(env, ErrorKind::OutOfMemory, named("the process is out of memory"));
  } catch (const std::exception& error) {
    throw_error(env, ErrorKind::Internal, named(error.what()));
  } catch (...) {
    throw_error(env, ErrorKind::Internal, named("unknown failure"));
  }
  return nullptr;
}

// --- Storages -------------------------------------------------------------------------------------------------------

Storage& storage_of(napi_env env, Environment& environment, napi_value handle) {
  void* pointer = nullptr;
  require(napi_get_value_external(env, handle, &pointer) == napi_ok, ErrorKind::Value,
          "expected the handle of a storage");
  Storage* storage = environment.storages.find(pointer);
  require(storage != nullptr, ErrorKind::Value, "expected the handle of a storage, got that of something else");
  require(storage->live, ErrorKind::Disposed, "the tensor's memory has been disposed of");
  if (storage->buffer) [[unlikely]] {
    // Shared with an ArrayBuffer, which JavaScript may have transferred away.
    napi_value buffer;
    bool detached = true;
    if (napi_get_reference_value(env, storage->buffer, &buffer) == napi_ok && buffer)
      napi_is_detached_arraybuffer(env, buffer, &detached);
    require(!detached, ErrorKind::Disposed, "the ArrayBuffer that this tensor shares has been transferred away");
  }
  return *storage;
}

// Runs within a collection: only calls that Node-API allows there.
void finalize_storage(napi_env, void* data, void* hint) {
  auto* environment = static_cast<Environment*>(hint);
  auto* storage = static_cast<Storage*>(data);
  environment->storages.recycle(storage);
  if (environment->ended && environment->storages.handle_count == 0) delete environment;
}

napi_value wrap_storage(napi_env env, Environment& environment, Storage* storage) {
  napi_value handle;
  if (napi_create_external(env, storage, finalize_storage, &environment, &handle) != napi_ok) {
    environment.storages.recycle(storage);
    fail(ErrorKind::Internal, "cannot make a handle");
  }
  return handle;
}

void delete_dropped_buffers(napi_env env, Environment& environment) {
  for (napi_ref buffer : environment.storages.dropped) napi_delete_reference(env, buffer);
  environment.storages.dropped.clear();
}

// Where an allocation is asked for: the host, the host's pinned memory, or the number of a CUDA device.
constexpr int kPinned = -2;

void allocate_memory(Storage& storage, size_t bytes, int place) {
  if (place == kHostMemory) {
    storage.data = static_cast<char*>(allocate_block(bytes, storage.capacity));
    return;
  }
  const CudaBackend& backend = cuda_backend();
  void* block = nullptr;
  size_t capacity = 0;
  Failure failure;
  const bool allocated = place == kPinned ? backend.allocate_pinned(bytes, &block, &capacity, &failure)
                                          : backend.allocate(place, bytes, &block, &capacity, &failure);
  if (!allocated) rethrow(failure);
  storage.data = static_cast<char*>(block);
  storage.capacity = capacity;
  storage.pinned = place == kPinned;
  if (place == kPinned) return;
  storage.device = DeviceType::CUDA;
  storage.device_index = static_cast<uint8_t>(place);
}

// allocate(bytes, place): handle
napi_value allocate(napi_env env, napi_callback_info info) {
  const char* name = "allocate";
  return guarded(env, name, [&] {
    size_t argc = 2;
    napi_value argv[2];
    void* data;
    napi_get_cb_info(env, info, &argc, argv, nullptr, &data);
    auto& environment = *static_cast<Environment*>(data);
    double bytes;
    int32_t place;
    require(napi_get_value_double(env, argv[0], &bytes) == napi_ok && bytes >= 0 && bytes == std::floor(bytes),
            ErrorKind::Value, "expected a number of bytes");
    require(bytes <= 9007199254740992.0, ErrorKind::OutOfMemory, "cannot allocate ", bytes, " bytes");
    require(napi_get_value_int32(env, argv[1], &place) == napi_ok, ErrorKind::Internal,
            "expected allocate(bytes, place)");
    if (!environment.storages.dropped.empty()) delete_dropped_buffers(env, environment);
    Storage memory{};
    allocate_memory(memory, static_cast<size_t>(bytes), place);
    Storage* storage = environment.storages.create();
    memory.bytes = static_cast<size_t>(bytes);
    memory.live = true;
    *storage = memory;
    return wrap_storage(env, environment, storage);
  });
}

// share(arrayBuffer): handle
Napi::Value share(const Napi::CallbackInfo& info) {
  const char* name = "share";
  return Napi::Value(info.Env(), guarded(info.Env(), name, [&] {
                       auto& environment = *environment_of(info.Env());
                       require(info[0].IsArrayBuffer(), ErrorKind::Value, "expected an ArrayBuffer");
                       auto buffer = info[0].As<Napi::ArrayBuffer>();
                       Storage* storage = environment.storages.create();
                       storage->data = static_cast<char*>(buffer.Data());
                       storage->bytes = buffer.ByteLength();
                       napi_create_reference(info.Env(), buffer, 1, &storage->buffer);
                       return wrap_storage(info.Env(), environment, storage);
                     }));
}

Napi::Value dispose(const Napi::CallbackInfo& info) {
  const char* name = "dispose";
  guarded(info.Env(), name, [&]() -> napi_value {
    auto& environment = *environment_of(info.Env());
    void* pointer = nullptr;
    require(napi_get_value_external(info.Env(), info[0], &pointer) == napi_ok, ErrorKind::Value,
            "expected the handle of a storage");
    Storage* storage = environment.storages.find(pointer);
    require(storage != nullptr, ErrorKind::Value, "expected the handle of a storage, got that of something else");
    environment.storages.release(storage);
    return nullptr;
  });
  return info.Env().Undefined();
}

// --- Launching a kernel ---------------------------------------------------------------------------------------------

// Reads what launch.ts packed.
class ArgReader {
 public:
  ArgReader(const double* begin, size_t length) : next_(begin), end_(begin + length) {}
  double number() {
    require(next_ < end_, ErrorKind::Internal, "the argument array is cut short");
    return *next_++;
  }
  int64_t integer() {
    const double value = number();
    const auto result = static_cast<int64_t>(std::fabs(value) <= 9007199254740992.0 ? value : 0);
    require(static_cast<double>(result) == value, ErrorKind::Value, "expected an integer below 2^53, got ", value);
    return result;
  }
  const double* take(int64_t count) {
    require(count >= 0 && count <= end_ - next_, ErrorKind::Internal, "the argument array is cut short");
    const double* taken = next_;
    next_ += count;
    return taken;
  }

 private:
  const double* next_;
  const double* end_;
};

enum ArgumentKind { kAbsent, kArray, kNumber, kComplexNumber, kBigInteger };

void write_scalar(Operand& operand, double re, double im) {
  for_each_type(AllTypes{}, [&]<class T>() {
    if (operand.dtype != dtype_of<T>) return;
    T value;
    if constexpr (is_complex<T>) {
      value = T(static_cast<real_t<T>>(re), static_cast<real_t<T>>(im));
    } else if constexpr (std::is_same_v<T, bool>) {
      value = re != 0;
    } else if constexpr (std::is_integral_v<T>) {
      // Beyond 64 bits the conversion is undefined in C++; PyTorch wraps smaller types, and so do we.
      value = static_cast<T>(std::fabs(re) < 9.2e18 ? static_cast<int64_t>(re) : 0);
    } else {
      value = static_cast<T>(static_cast<compute_t<T>>(re));
    }
    std::memcpy(operand.scalar, &value, sizeof(T));
  });
}

void read_dtype(ArgReader& args, Operand& operand) {
  const int64_t code = args.integer();
  require(code >= 0 && code < kDTypeCount, ErrorKind::DType, "no dtype has the number ", code);
  operand.dtype = static_cast<DType>(code);
}

void read_array(ArgReader& args, Operand& operand, const Storage& storage) {
  read_dtype(args, operand);
  operand.device = storage.device;
  operand.device_index = storage.device_index;
  const int64_t ndim = args.integer();
  require(ndim >= 0 && ndim <= kMaxDims, ErrorKind::Shape, "expected at most ", kMaxDims, " dimensions, got ", ndim);
  operand.ndim = static_cast<int>(ndim);
  int64_t first = args.integer(), last = first, numel = 1;
  const int64_t offset = first;
  bool overflow = false;
  for (int d = 0; d < ndim; ++d) {
    const int64_t size = args.integer();
    require(size >= 0, ErrorKind::Shape, "expected sizes of at least 0, got ", size, " in dimension ", d);
    operand.sizes[d] = size;
    overflow |= __builtin_mul_overflow(numel, size, &numel);
  }
  for (int d = 0; d < ndim; ++d) {
    const int64_t stride = args.integer();
    operand.strides[d] = stride;
    if (operand.sizes[d] <= 1) continue;
    int64_t reach;
    overflow |= __builtin_mul_overflow(operand.sizes[d] - 1, stride, &reach);
    overflow |= __builtin_add_overflow(reach < 0 ? first : last, reach, reach < 0 ? &first : &last);
  }
  require(!overflow || numel == 0, ErrorKind::Shape, "the shape ", operand.shape(), " has too many elements");
  operand.numel = numel;
  if (numel == 0) {
    operand.data = storage.data;
    return;
  }
  const auto elements = static_cast<int64_t>(storage.bytes / item_size(operand.dtype));
  require(first >= 0 && last < elements, ErrorKind::Index, "shape ", operand.shape(), " reaches elements ", first,
          " to ", last, " of a storage of ", elements);
  operand.data = storage.data + offset * static_cast<int64_t>(item_size(operand.dtype));
}

void read_operand(ArgReader& args, Operand& operand, napi_env env, Environment& environment, napi_value handle) {
  const int64_t kind = args.integer();
  operand.present = kind != kAbsent;
  operand.is_scalar = kind > kArray;
  operand.data = nullptr;
  operand.numel = 0;
  operand.ndim = 0;
  operand.device = DeviceType::CPU;
  operand.device_index = 0;
  operand.dtype = DType::Float32;
  if (kind == kAbsent) return;
  if (kind == kArray) {
    read_array(args, operand, storage_of(env, environment, handle));
    return;
  }
  require(kind <= kBigInteger, ErrorKind::Internal, "unknown kind of argument ", kind);
  read_dtype(args, operand);
  operand.data = operand.scalar;
  operand.numel = 1;
  const double first = args.number();
  if (kind == kNumber) {
    write_scalar(operand, first, 0);
  } else if (kind == kComplexNumber) {
    write_scalar(operand, first, args.number());
  } else {
    require(operand.dtype == DType::Int64, ErrorKind::DType, "a bigint needs int64, not ", dtype_name(operand.dtype));
    const uint64_t word =
        static_cast<uint64_t>(static_cast<int64_t>(first)) << 32 | static_cast<uint64_t>(args.number());
    std::memcpy(operand.scalar, &word, sizeof(word));
  }
}

// A number operand takes the shape of operand 0.
void spread_scalars(Operand* operands, int count) {
  for (int i = 0; i < count; ++i) {
    Operand& operand = operands[i];
    if (!operand.is_scalar) continue;
    require(i > 0 && operands[0].present, ErrorKind::Internal, "a number cannot be written to");
    operand.data = operand.scalar;  // the list may have moved since it was read
    operand.ndim = operands[0].ndim;
    operand.device = operands[0].device;
    operand.device_index = operands[0].device_index;
    operand.numel = operands[0].numel;
    std::copy_n(operands[0].sizes, operand.ndim, operand.sizes);
    std::fill_n(operand.strides, operand.ndim, 0);
  }
}

void check_output(const Operand& output) {
  for (int d = 0; d < output.ndim; ++d)
    require(output.sizes[d] <= 1 || output.strides[d] != 0 || output.numel == 0, ErrorKind::Value,
            "cannot write into an expanded tensor: several of its elements share memory; clone() it first");
}

bool on_same_device(const Operand& a, const Operand& b) {
  return a.device == b.device && a.device_index == b.device_index;
}

std::string device_name(const Operand& operand) {
  return operand.device == DeviceType::CPU ? "cpu" : "cuda:" + std::to_string(operand.device_index);
}

void run(int id, const Op& op, Operand* operands, int count, Params& params) {
  require(count > 0, ErrorKind::Internal, "a kernel needs operands");
  spread_scalars(operands, count);
  for (int i = 0; i < op.outputs && i < count; ++i) {
    require(!operands[i].is_scalar, ErrorKind::Internal, "a number cannot be written to");
    check_output(operands[i]);
  }
  const Operand& key = operands[op.outputs < count ? op.outputs : 0];
  // What was left out lies where the rest does.
  for (int i = 0; i < count; ++i) {
    if (!operands[i].present) {
      operands[i].device = key.device;
      operands[i].device_index = key.device_index;
    }
    require(on_same_device(operands[i], key), ErrorKind::Device, "expected all operands on one device, got ",
            device_name(key), " and ", device_name(operands[i]));
  }
  const Kernel kernel = op.kernels[static_cast<int>(key.device)][static_cast<int>(key.dtype)];
  if (key.device == DeviceType::CPU) {
    require(kernel != nullptr, ErrorKind::DType, "not supported for ", dtype_name(key.dtype));
    kernel(operands, count, params);
  } else {
    require(kernel != nullptr, ErrorKind::DType, "not supported for ", dtype_name(key.dtype), " on cuda");
    Failure failure;
    if (!cuda_backend().run(id, kernel, operands, count, &params, &failure)) rethrow(failure);
  }
  require(params.done(), ErrorKind::Internal, "the kernel left parameters unread");
}

// launch(op, count, handle0, handle1, ...): the rest is in the argument array
napi_value launch(napi_env env, napi_callback_info info) {
  const char* name = nullptr;
  return guarded(env, name, [&]() -> napi_value {
    size_t argc = kMaxOperands + 2;
    napi_value argv[kMaxOperands + 2];
    void* data;
    napi_get_cb_info(env, info, &argc, argv, nullptr, &data);
    auto& environment = *static_cast<Environment*>(data);
    int32_t id, count;
    require(napi_get_value_int32(env, argv[0], &id) == napi_ok && napi_get_value_int32(env, argv[1], &count) == napi_ok,
            ErrorKind::Internal, "expected launch(op, count, ...handles)");
    const Op& kernels = op(id);
    name = kernels.name.c_str();
    require(count > 0 && count <= kMaxOperands, ErrorKind::Internal, "expected 1 to ", kMaxOperands, " operands");
    Operand operands[kMaxOperands];
    ArgReader args(environment.args, environment.args_length);
    for (int i = 0; i < count; ++i) read_operand(args, operands[i], env, environment, argv[i + 2]);
    const int64_t param_count = args.integer();
    Params params(args.take(param_count), static_cast<int>(param_count));
    run(id, kernels, operands, count, params);
    return nullptr;
  });
}

// launchList(op, handles, args): any number of operands, their description in an array of its own
Napi::Value launch_list(const Napi::CallbackInfo& info) {
  const char* name = nullptr;
  guarded(info.Env(), name, [&]() -> napi_value {
    auto& environment = *environment_of(info.Env());
    require(info[0].IsNumber() && info[1].IsArray() && info[2].IsTypedArray(), ErrorKind::Internal,
            "expected launchList(op, handles, args)");
    const int id = info[0].As<Napi::Number>().Int32Value();
    const Op& kernels = op(id);
    name = kernels.name.c_str();
    const auto handles = info[1].As<Napi::Array>();
    auto packed = info[2].As<Napi::Float64Array>();
    require(packed.TypedArrayType() == napi_float64_array, ErrorKind::Internal, "expected a Float64Array");
    const auto count = handles.Length();
    // Taken out of the environment, so that a second call from within a kernel could not overwrite it.
    std::vector<Operand> operands = std::move(environment.operand_list);
    operands.resize(count);
    ArgReader args(packed.Data(), packed.ElementLength());
    for (uint32_t i = 0; i < count; ++i) read_operand(args, operands[i], info.Env(), environment, handles[i]);
    const int64_t param_count = args.integer();
    Params params(args.take(param_count), static_cast<int>(param_count));
    run(id, kernels, operands.data(), static_cast<int>(count), params);
    environment.operand_list = std::move(operands);
    return nullptr;
  });
  return info.Env().Undefined();
}

// --- Copies between a storage and JavaScript ------------------------------------------------------------------------

struct Bytes {
  char* data;
  size_t length;
};

Bytes bytes_of(const Napi::Value& value) {
  require(value.IsTypedArray(), ErrorKind::Value, "expected a typed array");
  napi_typedarray_type type;
  size_t length;
  void* data;
  napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr);
  return {static_cast<char*>(data), length * value.As<Napi::TypedArray>().ElementSize()};
}

int place_of(const Storage& storage) { return storage.device == DeviceType::CUDA ? storage.device_index : kHostMemory; }

// `wait`: the bytes are there, or the memory may be used otherwise, when it returns.
void copy_memory(void* to, int to_place, const void* from, int from_place, size_t bytes, bool wait) {
  if (bytes == 0) return;
  if (to_place == kHostMemory && from_place == kHostMemory) {
    std::memmove(to, from, bytes);
    return;
  }
  Failure failure;
  if (!cuda_backend().copy(to, to_place, from, from_place, bytes, wait, &failure)) rethrow(failure);
}

char* bytes_at(const Storage& storage, const Napi::Value& offset, size_t bytes) {
  // An empty view may begin anywhere.
  if (bytes == 0) return storage.data;
  const double first = offset.ToNumber().DoubleValue();
  require(first >= 0 && first == std::floor(first) && first <= static_cast<double>(storage.bytes) &&
              bytes <= storage.bytes - static_cast<size_t>(first),
          ErrorKind::Index, bytes, " bytes at ", first, " do not fit a storage of ", storage.bytes, " bytes");
  return storage.data + static_cast<size_t>(first);
}

template <class Copy>
Napi::Value copy_bytes(const Napi::CallbackInfo& info, const char* name, Copy copy) {
  guarded(info.Env(), name, [&]() -> napi_value {
    Storage& storage = storage_of(info.Env(), *environment_of(info.Env()), info[0]);
    const Bytes bytes = bytes_of(info[2]);
    copy(bytes_at(storage, info[1], bytes.length), place_of(storage), bytes);
    return nullptr;
  });
  return info.Env().Undefined();
}

// read(handle, byteOffset, typedArray), write(handle, byteOffset, typedArray)
Napi::Value read(const Napi::CallbackInfo& info) {
  return copy_bytes(info, "read", [](char* memory, int place, Bytes bytes) {
    copy_memory(bytes.data, kHostMemory, memory, place, bytes.length, true);
  });
}
Napi::Value write(const Napi::CallbackInfo& info) {
  return copy_bytes(info, "write", [](char* memory, int place, Bytes bytes) {
    copy_memory(memory, place, bytes.data, kHostMemory, bytes.length, true);
  });
}

// transfer(to, toOffset, from, fromOffset, bytes, wait): between storages of any devices. Copies that involve host
// memory which is not pinned always wait.
Napi::Value transfer(const Napi::CallbackInfo& info) {
  const char* name = "transfer";
  guarded(info.Env(), name, [&]() -> napi_value {
    auto& environment = *environment_of(info.Env());
    const Storage& to = storage_of(info.Env(), environment, info[0]);
    const Storage& from = storage_of(info.Env(), environment, info[2]);
    const double bytes = info[4].ToNumber().DoubleValue();
    require(bytes >= 0 && bytes == std::floor(bytes) && bytes <= 9007199254740992.0, ErrorKind::Value,
            "expected a number of bytes, got ", bytes);
    const auto count = static_cast<size_t>(bytes);
    char* const target = bytes_at(to, info[1], count);
    const char* const source = bytes_at(from, info[3], count);
    const auto is_pageable = [](const Storage& s) { return s.device == DeviceType::CPU && !s.pinned; };
    const bool wait = info[5].ToBoolean() || is_pageable(to) || is_pageable(from);
    copy_memory(target, place_of(to), source, place_of(from), count, wait);
    return nullptr;
  });
  return info.Env().Undefined();
}

// item(handle, dtype, element): the element; a bigint for int64, the two parts in the argument array for complex
// numbers
Napi::Value item(const Napi::CallbackInfo& info) {
  const char* name = "item";
  return Napi::Value(info.Env(), guarded(info.Env(), name, [&]() -> napi_value {
                       auto& environment = *environment_of(info.Env());
                       Storage& storage = storage_of(info.Env(), environment, info[0]);
                       const int32_t code = info[1].ToNumber().Int32Value();
                       require(code >= 0 && code < kDTypeCount, ErrorKind::DType, "no dtype has the number ", code);
                       const auto dtype = static_cast<DType>(code);
                       const double element = info[2].ToNumber().DoubleValue();
                       require(element >= 0 && element == std::floor(element) &&
                                   element < static_cast<double>(storage.bytes / item_size(dtype)),
                               ErrorKind::Index, "element ", element, " lies outside of the storage");
                       napi_value result = nullptr;
                       for_each_type(AllTypes{}, [&]<class T>() {
                         if (dtype != dtype_of<T>) return;
                         T value;
                         copy_memory(&value, kHostMemory, storage.data + static_cast<size_t>(element) * sizeof(T),
                                     place_of(storage), sizeof(T), true);
                         if constexpr (is_complex<T>) {
                           environment.args[0] = value.re;
                           environment.args[1] = value.im;
                         } else if constexpr (std::is_same_v<T, bool>) {
                           napi_get_boolean(info.Env(), value, &result);
                         } else if constexpr (std::is_same_v<T, int64_t>) {
                           napi_create_bigint_int64(info.Env(), value, &result);
                         } else {
                           napi_create_double(info.Env(), static_cast<double>(static_cast<compute_t<T>>(value)),
                                              &result);
                         }
                       });
                       return result;
                     }));
}

// --- The rest -------------------------------------------------------------------------------------------------------

Napi::Value get_op_id(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), op_id(info[0].ToString().Utf8Value()));
}

// The dtypes that each op has a kernel for: { name: [outputs, cpu mask, cuda mask] }
Napi::Value get_op_table(const Napi::CallbackInfo& info) {
  auto table = Napi::Object::New(info.Env());
  for (int id = 0; id < op_count(); ++id) {
    auto row = Napi::Array::New(info.Env());
    row[0u] = op(id).outputs;
    for (uint32_t device = 0; device < kDeviceTypeCount; ++device) {
      int mask = 0;
      for (int dtype = 0; dtype < kDTypeCount; ++dtype) mask |= (op(id).kernels[device][dtype] != nullptr) << dtype;
      row[device + 1] = mask;
    }
    table.Set(op(id).name, row);
  }
  return table;
}

// --- CUDA -----------------------------------------------------------------------------------------------------------

// A function of the backend's table: numbers in, a number out.
napi_value call_cuda(napi_env env, napi_callback_info info) {
  const char* name = nullptr;
  return guarded(env, name, [&]() -> napi_value {
    constexpr size_t kMostArguments = 8;
    size_t argc = kMostArguments;
    napi_value argv[kMostArguments];
    void* data;
    napi_get_cb_info(env, info, &argc, argv, nullptr, &data);
    const auto& function = *static_cast<const CudaFunction*>(data);
    name = function.name;
    double arguments[kMostArguments] = {};
    for (int i = 0; i < function.arguments; ++i)
      require(napi_get_value_double(env, argv[i], &arguments[i]) == napi_ok, ErrorKind::Value, "expected ",
              function.arguments, " numbers");
    double result = 0;
    Failure failure;
    if (!function.call(arguments, &result, &failure)) rethrow(failure);
    napi_value number;
    napi_create_double(env, result, &number);
    return number;
  });
}

// openCuda(path): { deviceCount, emulated, deviceNames, libraries, and the functions of the backend's table }
Napi::Value open_cuda_backend(const Napi::CallbackInfo& info) {
  const char* name = nullptr;
  return Napi::Value(info.Env(), guarded(info.Env(), name, [&]() -> napi_value {
                       const std::string path = info[0].ToString();
                       const CudaBackend& backend = open_cuda(path.c_str());
                       auto result = Napi::Object::New(info.Env());
                       result.Set("deviceCount", backend.device_count);
                       result.Set("emulated", backend.emulated);
                       // Asked for only by those who want to read it: it opens them all.
                       result.Set("libraries", Napi::Function::New(info.Env(), [](const Napi::CallbackInfo& call) {
                                    return Napi::String::New(call.Env(), cuda_backend().libraries());
                                  }));
                       auto names = Napi::Array::New(info.Env());
                       for (int i = 0; i < backend.device_count; ++i)
                         names[static_cast<uint32_t>(i)] = Napi::String::New(info.Env(), backend.device_name(i));
                       result.Set("deviceNames", names);
                       for (int i = 0; i < backend.function_count; ++i) {
                         const CudaFunction& function = backend.functions[i];
                         napi_value callable;
                         napi_create_function(info.Env(), function.name, NAPI_AUTO_LENGTH, call_cuda,
                                              const_cast<CudaFunction*>(&function), &callable);
                         result.Set(function.name, callable);
                       }
                       return result;
                     }));
}

// recordStream(handle, stream)
Napi::Value record_stream(const Napi::CallbackInfo& info) {
  const char* name = "recordStream";
  guarded(info.Env(), name, [&]() -> napi_value {
    const Storage& storage = storage_of(info.Env(), *environment_of(info.Env()), info[0]);
    require(storage.device == DeviceType::CUDA, ErrorKind::Device, "expected a tensor on cuda, got one on the cpu");
    Failure failure;
    if (!cuda_backend().record_stream(storage.device_index, storage.data, info[1].ToNumber().Int32Value(), &failure))
      rethrow(failure);
    return nullptr;
  });
  return info.Env().Undefined();
}

Napi::Value get_memory_stats(const Napi::CallbackInfo& info) {
  const MemoryStats stats = memory_stats();
  auto result = Napi::Object::New(info.Env());
  result.Set("allocated", static_cast<double>(stats.allocated));
  result.Set("peak", static_cast<double>(stats.peak));
  result.Set("cached", static_cast<double>(stats.cached));
  result.Set("limit", stats.limit == INT64_MAX ? HUGE_VAL : static_cast<double>(stats.limit));
  result.Set("allocations", static_cast<double>(stats.allocations));
  result.Set("storages", static_cast<double>(environment_of(info.Env())->storages.live_count));
  return result;
}

Napi::Value set_limit(const Napi::CallbackInfo& info) {
  const double bytes = info[0].ToNumber().DoubleValue();
  set_memory_limit(bytes < 9e18 ? static_cast<int64_t>(bytes) : INT64_MAX);
  return info.Env().Undefined();
}

Napi::Value fail_next_allocation(const Napi::CallbackInfo& info) {
  fail_allocation(info[0].ToNumber().Int64Value());
  return info.Env().Undefined();
}

Napi::Value empty_cache(const Napi::CallbackInfo& info) {
  release_cached_blocks();
  return info.Env().Undefined();
}

Napi::Value get_next_serial(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(next_serial()));
}

Napi::Value get_threads(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), omp_get_max_threads()); }

Napi::Value set_threads(const Napi::CallbackInfo& info) {
  const double count = info[0].ToNumber().DoubleValue();
  const char* name = "setNumThreads";
  guarded(info.Env(), name, [&]() -> napi_value {
    require(count >= 1 && count <= 1024 && count == std::floor(count), ErrorKind::Value,
            "expected a number of threads from 1 to 1024, got ", count);
    omp_set_num_threads(static_cast<int>(count));
    start_threads();
    return nullptr;
  });
  return info.Env().Undefined();
}

Napi::Value has_exact_blocks(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), kExactBlocks); }

Napi::Value get_instruction_set(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), instruction_set_name());
}

// initialize(argumentArray, errorClasses)
Napi::Value initialize(const Napi::CallbackInfo& info) {
  const char* name = "initialize";
  guarded(info.Env(), name, [&]() -> napi_value {
    auto& environment = *environment_of(info.Env());
    require(info[0].IsTypedArray() && info[1].IsArray() && environment.args == nullptr, ErrorKind::Internal,
            "expected to be called once with an array of arguments and the error classes");
    auto args = info[0].As<Napi::Float64Array>();
    napi_create_reference(info.Env(), args.ArrayBuffer(), 1, &environment.args_buffer);
    environment.args = args.Data();
    environment.args_length = args.ElementLength();
    const auto classes = info[1].As<Napi::Array>();
    for (uint32_t i = 0; i < 9; ++i)
      napi_create_reference(info.Env(), classes.Get(i), 1, &environment.error_classes[i]);
    return nullptr;
  });
  return info.Env().Undefined();
}

void end_environment(napi_env, void* data, void*) {
  auto* environment = static_cast<Environment*>(data);
  environment->ended = true;
  if (environment->storages.handle_count == 0) delete environment;
}

struct Export {
  const char* name;
  napi_callback callback;
};

constexpr Export kExports[] = {
    {"launch", launch},
    {"allocate", allocate},
    {"launchList", call<launch_list>},
    {"share", call<share>},
    {"dispose", call<dispose>},
    {"read", call<read>},
    {"write", call<write>},
    {"transfer", call<transfer>},
    {"openCuda", call<open_cuda_backend>},
    {"recordStream", call<record_stream>},
    {"item", call<item>},
    {"opId", call<get_op_id>},
    {"opTable", call<get_op_table>},
    {"memoryStats", call<get_memory_stats>},
    {"setMemoryLimit", call<set_limit>},
    {"failAllocation", call<fail_next_allocation>},
    {"emptyCache", call<empty_cache>},
    {"nextSerial", call<get_next_serial>},
    {"threads", call<get_threads>},
    {"setThreads", call<set_threads>},
    {"hasExactBlocks", call<has_exact_blocks>},
    {"instructionSet", call<get_instruction_set>},
    {"initialize", call<initialize>},
};

napi_value start(napi_env env, napi_value exports) {
  static const bool registered = (register_kernels(), start_threads(), true);
  (void)registered;
  auto* environment = new Environment();
  napi_set_instance_data(env, environment, end_environment, nullptr);
  for (const auto& [name, callback] : kExports) {
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, environment, &function) != napi_ok) return nullptr;
    if (napi_set_named_property(env, exports, name, function) != napi_ok) return nullptr;
  }
  return exports;
}

}  // namespace
}  // namespace tt

// Node-API lets finalizers run within a collection, rather than when the program next yields, for modules of the
// experimental version only: without it a synchronous training loop would free nothing. Nothing else of it is used.
extern "C" NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1() { return 2147483647; }

extern "C" NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  return tt::start(env, exports);
}
