#include "tests/support/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

#ifdef __has_feature
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define YARD_OWN_ALLOCATOR
#endif
#endif

namespace {
std::atomic<std::uint64_t> counted = 0;
}  // namespace

// Sanitizers bring their own and want all of them, or none, replaced: there nothing is counted.
#ifndef YARD_OWN_ALLOCATOR
void* operator new(std::size_t size) {
  counted.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace yard {

std::uint64_t allocations() { return counted.load(std::memory_order_relaxed); }

}  // namespace yard
