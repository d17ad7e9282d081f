// A doubly linked list through its elements: no allocation, removal in constant time.
#pragma once

#include <cstddef>

#include "engine/base/check.h"

namespace yard::jobs {

// Derive from it, once for each list that an element may be in at the same time; `Tag` tells them apart.
template <typename T, typename Tag = void>
struct ListHook {
  T* prev = nullptr;
  T* next = nullptr;
  bool linked = false;
};

// Elements must outlive their membership. T derives from ListHook<T, Tag>. Threads: one.
template <typename T, typename Tag = void>
class IntrusiveList {
  using Hook = ListHook<T, Tag>;

 public:
  [[nodiscard]] bool empty() const { return front_ == nullptr; }
  [[nodiscard]] T* front() const { return front_; }
  [[nodiscard]] T* back() const { return back_; }
  [[nodiscard]] static T* before(const T& element) { return static_cast<const Hook&>(element).prev; }
  [[nodiscard]] static T* after(const T& element) { return static_cast<const Hook&>(element).next; }
  [[nodiscard]] static bool linked(const T& element) { return static_cast<const Hook&>(element).linked; }
  [[nodiscard]] std::size_t size() const { return size_; }

  void push_back(T& element) {
    Hook& hook = element;
    YARD_CHECK(!hook.linked);
    hook = {.prev = back_, .next = nullptr, .linked = true};
    (back_ ? static_cast<Hook*>(back_)->next : front_) = &element;
    back_ = &element;
    ++size_;
  }

  void erase(T& element) {
    Hook& hook = element;
    YARD_CHECK(hook.linked);
    (hook.prev ? static_cast<Hook*>(hook.prev)->next : front_) = hook.next;
    (hook.next ? static_cast<Hook*>(hook.next)->prev : back_) = hook.prev;
    hook = {};
    --size_;
  }

 private:
  T* front_ = nullptr;
  T* back_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace yard::jobs
