// Memory of the emulated devices. An address that cudaMalloc hands out can never be followed: it lies in a range
// without access. The bytes are elsewhere, at a fixed distance; kernel arguments, copies and the stand-ins for CUDA's
// libraries translate. So a host that touches device memory faults, as it would with a GPU.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tt::emulation {

// Equal parts, one for each device, then one for what stands for ordinary host memory in kernel arguments.
struct AddressRange {
  uintptr_t begin = 0;
  size_t part = 0;
  int devices = 0;
  ptrdiff_t distance = 0;  // from a handed-out address to its byte
};
inline AddressRange address_range;

inline bool is_device_address(const void* pointer) {
  const uintptr_t offset = reinterpret_cast<uintptr_t>(pointer) - address_range.begin;
  return offset < address_range.part * static_cast<size_t>(address_range.devices);
}
inline int device_of(const void* pointer) {
  return static_cast<int>((reinterpret_cast<uintptr_t>(pointer) - address_range.begin) / address_range.part);
}
// Where the host finds the byte. Other pointers are returned as they are.
template <class T>
T* host_pointer(T* pointer) {
  if (!is_device_address(pointer)) return pointer;
  return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(pointer) + address_range.distance);
}

class DeviceMemory {
 public:
  // `begin`: of the handed-out addresses.
  DeviceMemory(uintptr_t begin, size_t room, size_t limit, bool guard);
  // nullptr: the limit is reached.
  void* allocate(size_t bytes);
  bool release(void* pointer);
  // Whether the bytes are inside one allocation.
  bool contains(const void* pointer, size_t bytes) const;
  size_t used() const { return used_; }
  size_t limit() const { return limit_; }
  std::string describe(uintptr_t address) const;

 private:
  struct Allocation {
    size_t bytes;
    uintptr_t extent;  // whole pages
    size_t extent_bytes;
  };
  uintptr_t take(size_t bytes);
  void give_back(uintptr_t begin, size_t bytes);

  size_t limit_;
  bool guard_;
  size_t used_ = 0;
  std::map<uintptr_t, Allocation> allocations_;
  std::map<uintptr_t, size_t> free_;
  std::vector<std::pair<uintptr_t, size_t>> retired_;  // with guards: not used again until there is nothing else
};

// Reserves addresses for all devices, once. False: the system has none.
bool reserve_addresses(int devices, size_t memory, bool guard);
DeviceMemory& device_memory(int device);

// What an address, handed out or a byte's own, is to a kernel on `device`.
std::string describe_address(const void* address, int device);

}  // namespace tt::emulation
