// A doubly linked list through its elements: no allocation, removal in constant time.
#pragma once

#include <cstddef>

#include "engine/base/check.h"

namespace yard::jobs {

// Derive from it, once for each list that an element may be in at the same time; `Tag` tells them apart.
template <typename T, typename Tag = void>
struct ListHook {
  ListHook* prev = nullptr;
  ListHook* next = nullptr;  // null: in no list

  [[nodiscard]] bool linked() const { return next != nullptr; }
};

// A ring through a hook of the list's own. Elements must outlive their membership, and neither they nor
// the list may move meanwhile. T derives from ListHook<T, Tag>. Threads: one.
template <typename T, typename Tag = void>
class IntrusiveList {
  using Hook = ListHook<T, Tag>;

 public:
  IntrusiveList() = default;
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  // Null at the end.
  [[nodiscard]] T* front() const { return element_of(ring_.next); }
  [[nodiscard]] T* back() const { return element_of(ring_.prev); }
  [[nodiscard]] T* before(const T& element) const { return element_of(static_cast<const Hook&>(element).prev); }
  [[nodiscard]] T* after(const T& element) const { return element_of(static_cast<const Hook&>(element).next); }

  [[nodiscard]] static bool linked(const T& element) { return static_cast<const Hook&>(element).linked(); }

  void push_back(T& element) {
    Hook& hook = element;
    YARD_CHECK(!hook.linked());
    hook.prev = ring_.prev;
    hook.next = &ring_;
    ring_.prev->next = &hook;
    ring_.prev = &hook;
    ++size_;
  }

  void erase(T& element) {
    Hook& hook = element;
    YARD_CHECK(hook.linked());
    hook.prev->next = hook.next;
    hook.next->prev = hook.prev;
    hook = {};
    --size_;
  }

 private:
  [[nodiscard]] T* element_of(Hook* hook) const { return hook == &ring_ ? nullptr : static_cast<T*>(hook); }

  Hook ring_{.prev = &ring_, .next = &ring_};
  std::size_t size_ = 0;
};

}  // namespace yard::jobs
