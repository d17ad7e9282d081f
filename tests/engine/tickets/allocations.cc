#include "tests/engine/tickets/allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define YARD_THREAD_SANITIZER
#endif
#endif

namespace {

std::atomic<std::uint64_t> count{0};

[[maybe_unused]] void* counted(std::size_t size, std::size_t alignment) {
  count.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (void* place = std::aligned_alloc(alignment, rounded)) return place;
  throw std::bad_alloc();
}

}  // namespace

namespace yard::tickets {

std::uint64_t allocations() { return count.load(std::memory_order_relaxed); }

}  // namespace yard::tickets

// The thread sanitizer brings its own and lets nobody replace them: there nothing is counted.
#ifndef YARD_THREAD_SANITIZER
void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t at) { return counted(size, static_cast<std::size_t>(at)); }
void operator delete(void* place) noexcept { std::free(place); }
void operator delete[](void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete[](void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }
#endif
