// The native half of a Storage: one per JavaScript handle.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "operand.h"

namespace tt {

struct Storage {
  char* data;       // nullptr for no bytes, and after release
  size_t bytes;     // what views may reach
  size_t capacity;  // the block's size; 0: the memory is a JavaScript ArrayBuffer's
  napi_ref buffer;  // that ArrayBuffer
  DeviceType device;
  uint8_t device_index;
  bool pinned;  // host memory that CUDA devices read and write directly
  bool live;    // false: disposed or free
};

// Storages of one environment live in slabs that are never given back, so that any pointer that JavaScript hands in can
// be recognised without being followed.
class StorageTable {
 public:
  Storage* create();
  // Gives the memory back; the slot stays taken for as long as JavaScript holds the handle, so that a disposed handle
  // is never taken for a newer storage.
  void release(Storage* storage) noexcept;
  void recycle(Storage* storage) noexcept;
  // The storage at this address, or nullptr if none was ever there.
  Storage* find(void* pointer) const;
  ~StorageTable();

  int64_t live_count = 0;    // storages with memory
  int64_t handle_count = 0;  // storages that JavaScript can still name
  // References to ArrayBuffers whose storage was collected; deleted where Node-API allows it.
  std::vector<napi_ref> dropped;

 private:
  static constexpr size_t kSlabBytes = 1 << 18;
  std::vector<char*> slabs_;
  std::vector<Storage*> free_;
};

}  // namespace tt
