#include "device_memory.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>

namespace tt::emulation {
namespace {

constexpr size_t kPage = 4096;
// What cudaMalloc rounds to, as far as the limit is concerned.
constexpr size_t kGranularity = 512;
// Any integer of a kernel's arguments that lies in the handed-out range is taken for a pointer; sizes and seeds rarely
// have this upper half. It may be left over in a struct's gap beside a 32-bit number: the lower half is large, which
// such numbers rarely are.
constexpr uintptr_t kPreferredAddress = 0x5A3D80000000;

constexpr uint8_t kFresh = 0xFF;  // NaN
constexpr uint8_t kFreed = 0xFD;

size_t round_up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

std::vector<std::unique_ptr<DeviceMemory>>& memories() {
  static auto* const found = new std::vector<std::unique_ptr<DeviceMemory>>;
  return *found;
}

void* map(uintptr_t wish, size_t bytes, int protection) {
  void* found =
      mmap(reinterpret_cast<void*>(wish), bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return found == MAP_FAILED ? nullptr : found;
}

char* bytes_of(uintptr_t address) { return reinterpret_cast<char*>(address + address_range.distance); }

}  // namespace

DeviceMemory::DeviceMemory(uintptr_t begin, size_t room, size_t limit, bool guard) : limit_(limit), guard_(guard) {
  free_[begin] = room;
}

// First fit.
uintptr_t DeviceMemory::take(size_t bytes) {
  for (auto range = free_.begin(); range != free_.end(); ++range) {
    const auto [begin, room] = *range;
    if (room < bytes) continue;
    free_.erase(range);
    if (room > bytes) free_[begin + bytes] = room - bytes;
    return begin;
  }
  return 0;
}

void DeviceMemory::give_back(uintptr_t begin, size_t bytes) {
  auto after = free_.lower_bound(begin);
  if (after != free_.end() && after->first == begin + bytes) {
    bytes += after->second;
    after = free_.erase(after);
  }
  if (after != free_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == begin) {
      before->second += bytes;
      return;
    }
  }
  free_[begin] = bytes;
}

void* DeviceMemory::allocate(size_t bytes) {
  const size_t counted = round_up(bytes, kGranularity);
  if (counted < bytes || counted > limit_ - used_) return nullptr;
  const size_t pages = round_up(bytes, kPage);
  const size_t extent_bytes = pages + (guard_ ? kPage : 0);
  uintptr_t extent = take(extent_bytes);
  if (!extent) {
    for (const auto& [begin, room] : retired_) give_back(begin, room);
    retired_.clear();
    extent = take(extent_bytes);
  }
  if (!extent) return nullptr;
  // With guards an allocation ends where the page without access begins, up to the alignment that vectors need.
  const uintptr_t address = guard_ ? extent + pages - round_up(bytes, 16) : extent;
  if (guard_) mprotect(bytes_of(extent), pages, PROT_READ | PROT_WRITE);
  memset(bytes_of(address), kFresh, bytes);
  allocations_[address] = {bytes, extent, extent_bytes};
  used_ += counted;
  return reinterpret_cast<void*>(address);
}

bool DeviceMemory::release(void* pointer) {
  const auto found = allocations_.find(reinterpret_cast<uintptr_t>(pointer));
  if (found == allocations_.end()) return false;
  const Allocation allocation = found->second;
  if (guard_) {
    madvise(bytes_of(allocation.extent), allocation.extent_bytes, MADV_DONTNEED);
    mprotect(bytes_of(allocation.extent), allocation.extent_bytes, PROT_NONE);
    retired_.emplace_back(allocation.extent, allocation.extent_bytes);
  } else {
    memset(bytes_of(found->first), kFreed, allocation.bytes);
    give_back(allocation.extent, allocation.extent_bytes);
  }
  used_ -= round_up(allocation.bytes, kGranularity);
  allocations_.erase(found);
  return true;
}

bool DeviceMemory::contains(const void* pointer, size_t bytes) const {
  const uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  auto after = allocations_.upper_bound(address);
  if (after == allocations_.begin()) return false;
  const auto& [begin, allocation] = *std::prev(after);
  const size_t offset = address - begin;
  return offset <= allocation.bytes && bytes <= allocation.bytes - offset;
}

std::string DeviceMemory::describe(uintptr_t address) const {
  const auto after = allocations_.upper_bound(address);
  if (after != allocations_.begin()) {
    const auto& [begin, allocation] = *std::prev(after);
    if (address < begin + allocation.bytes) return "an allocation of " + std::to_string(allocation.bytes) + " bytes";
    if (address < allocation.extent + allocation.extent_bytes)
      return "byte " + std::to_string(address - begin) + " of an allocation of " + std::to_string(allocation.bytes) +
             " bytes";
  }
  return "memory that is not allocated";
}

bool reserve_addresses(int devices, size_t memory, bool guard) {
  // Room for fragments, and with guards for allocations that are not used again.
  const size_t part = round_up(memory, size_t{1} << 30) * (guard ? 16 : 4);
  const size_t total = part * static_cast<size_t>(devices);
  const auto handed_out = reinterpret_cast<uintptr_t>(map(kPreferredAddress, total + part, PROT_NONE));
  const auto bytes = reinterpret_cast<uintptr_t>(map(0, total, guard ? PROT_NONE : PROT_READ | PROT_WRITE));
  if (!handed_out || !bytes) return false;
  address_range = {handed_out, part, devices, static_cast<ptrdiff_t>(bytes - handed_out)};
  for (int device = 0; device < devices; ++device)
    memories().push_back(std::make_unique<DeviceMemory>(handed_out + part * device, part, memory, guard));
  return true;
}

DeviceMemory& device_memory(int device) { return *memories()[static_cast<size_t>(device)]; }

std::string describe_address(const void* pointer, int device) {
  const auto in_hexadecimal = [](uintptr_t address) {
    char text[32];
    std::snprintf(text, sizeof text, "%#zx: ", static_cast<size_t>(address));
    return std::string(text);
  };
  const uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  const uintptr_t handed_out = address - address_range.distance;  // if this is a byte's own address
  const size_t total = address_range.part * static_cast<size_t>(address_range.devices);
  if (handed_out - address_range.begin < total) {
    const int owner = device_of(reinterpret_cast<void*>(handed_out));
    return in_hexadecimal(handed_out) + device_memory(owner).describe(handed_out) + " on cuda:" + std::to_string(owner);
  }
  if (address - address_range.begin < total)
    return in_hexadecimal(address) + "memory of cuda:" + std::to_string(device_of(pointer)) +
           ", to which cuda:" + std::to_string(device) + " has no access";
  if (address - address_range.begin < total + address_range.part)
    return "ordinary host memory; a kernel reaches pinned host memory only";
  return in_hexadecimal(address) + (address < kPage ? "a null pointer" : "no memory");
}

}  // namespace tt::emulation
