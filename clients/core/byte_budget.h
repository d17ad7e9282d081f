// ByteBudget: one bound over all the bytes that wait in a client, wherever they wait.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace yard::client {

// Threads: any. Must outlive its reservations.
class ByteBudget {
 public:
  // Gives its bytes back when it goes out of scope.
  class Reservation {
   public:
    Reservation() = default;
    Reservation(Reservation&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Reservation& operator=(Reservation&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Reservation() {
      if (budget_ != nullptr) budget_->used_.fetch_sub(bytes_, std::memory_order_relaxed);
    }

   private:
    friend class ByteBudget;
    Reservation(ByteBudget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {}

    ByteBudget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Nothing where `bytes` more would exceed the bound.
  [[nodiscard]] std::optional<Reservation> reserve(std::size_t bytes) {
    const std::size_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    Reservation reservation(*this, bytes);
    if (before + bytes > bytes_max_) return std::nullopt;
    return reservation;
  }

  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_ = 0;
};

}  // namespace yard::client
