// Resources: amounts of what there is, by name, reserved all or nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace yard::jobs {

// By name, e.g. "gpu:0" (MiB) or "cpu"; the unit is whatever the configuration means by it.
using Amounts = std::map<std::string, std::uint64_t, std::less<>>;

// 0 where there is none of that name.
[[nodiscard]] std::uint64_t amount_of(const Amounts& amounts, std::string_view name);

// What one machine has and how much of it is in use.
// Threads: one.
class ResourcePool {
 public:
  explicit ResourcePool(Amounts capacity = {}) : capacity_(std::move(capacity)) {}

  // Whether there is so much at all. Errors: kTooLarge, naming the resource.
  [[nodiscard]] Status check(const Amounts& demand) const;

  // The first resource of which `demand` asks more than is free; null where it can be had.
  [[nodiscard]] const std::string* lacking(const Amounts& demand) const;

  // Only what lacks nothing is reserved, and only what was reserved is released.
  void reserve(const Amounts& demand);
  void release(const Amounts& demand);

  [[nodiscard]] std::uint64_t used(std::string_view name) const { return amount_of(used_, name); }
  [[nodiscard]] std::uint64_t capacity(std::string_view name) const { return amount_of(capacity_, name); }

 private:
  const Amounts capacity_;
  Amounts used_;
};

}  // namespace yard::jobs
