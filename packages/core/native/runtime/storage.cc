#include "storage.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "allocator.h"
#include "cuda_backend.h"

namespace tt {
namespace {

void release_memory(const Storage& storage) noexcept {
  if (storage.capacity == 0) return;
  if (storage.device == DeviceType::CUDA)
    cuda_backend().release(storage.device_index, storage.data, storage.capacity);
  else if (storage.pinned)
    cuda_backend().release_pinned(storage.data, storage.capacity);
  else
    release_block(storage.data, storage.capacity);
}

}  // namespace

Storage* StorageTable::create() {
  if (free_.empty()) {
    char* slab = static_cast<char*>(std::aligned_alloc(kSlabBytes, kSlabBytes));
    require(slab != nullptr, ErrorKind::OutOfMemory, "cannot allocate a table of storages");
    slabs_.insert(std::lower_bound(slabs_.begin(), slabs_.end(), slab), slab);
    const size_t count = kSlabBytes / sizeof(Storage);
    free_.reserve(slabs_.size() * count);  // so that `recycle` never allocates
    for (size_t i = count; i-- > 0;) free_.push_back(new (slab + i * sizeof(Storage)) Storage{});
  }
  Storage* storage = free_.back();
  free_.pop_back();
  *storage = Storage{};
  storage->live = true;
  ++live_count;
  ++handle_count;
  return storage;
}

void StorageTable::release(Storage* storage) noexcept {
  if (!storage->live) return;
  storage->live = false;
  --live_count;
  release_memory(*storage);
  if (storage->buffer) dropped.push_back(storage->buffer);
  storage->data = nullptr;
  storage->bytes = 0;
  storage->capacity = 0;
  storage->buffer = nullptr;
}

Storage* StorageTable::find(void* pointer) const {
  const auto address = reinterpret_cast<uintptr_t>(pointer);
  char* slab = reinterpret_cast<char*>(address & ~(kSlabBytes - 1));
  if (!std::binary_search(slabs_.begin(), slabs_.end(), slab)) return nullptr;
  if ((address - reinterpret_cast<uintptr_t>(slab)) % sizeof(Storage) != 0) return nullptr;
  return reinterpret_cast<Storage*>(pointer);
}

void StorageTable::recycle(Storage* storage) noexcept {
  release(storage);
  --handle_count;
  free_.push_back(storage);
}

StorageTable::~StorageTable() {
  for (char* slab : slabs_) {
    for (size_t i = 0; i < kSlabBytes / sizeof(Storage); ++i) {
      Storage* storage = reinterpret_cast<Storage*>(slab + i * sizeof(Storage));
      if (storage->live) release_memory(*storage);
    }
    std::free(slab);
  }
}

}  // namespace tt
