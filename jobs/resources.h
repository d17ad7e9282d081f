// Resources: amounts of what there is, by name, reserved all or nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/pack.h"
#include "engine/base/result.h"

namespace yard::jobs {

// By name, e.g. "gpu:0" (MiB) or "cpu"; the unit is whatever the configuration means by it.
using Amounts = std::map<std::string, std::uint64_t, std::less<>>;

// 0 where there is none of that name.
[[nodiscard]] std::uint64_t amount_of(const Amounts& amounts, std::string_view name);

// The first name that both have; null where there is none.
[[nodiscard]] const std::string* shared(const Amounts& left, const Amounts& right);

inline constexpr std::size_t kAmountsMax = 64;          // of one worker, or of one of its tools: each is compared
inline constexpr std::size_t kAmountNameBytesMax = 64;  // as `why` shows them
inline constexpr std::int64_t kAmountMax = 1ll << 53;   // what every JSON reader takes for a whole number

// What a worker says of its resources; none where there is no map. Errors: kBadRequest.
[[nodiscard]] Result<Amounts> read_amounts(PackView map);

// As the field `key`; left out where there are none.
void write_amounts(PackMap& map, std::string_view key, const Amounts& amounts);

// What one machine has and how much of it is in use.
// Threads: one.
class ResourcePool {
 public:
  explicit ResourcePool(Amounts capacity = {}) : capacity_(std::move(capacity)) {}

  // Whether there is so much at all. Errors: kTooLarge, naming the resource.
  [[nodiscard]] Status check(const Amounts& demand) const;

  // The first resource of which `demand` asks more than is free; null where it can be had.
  [[nodiscard]] const std::string* lacking(const Amounts& demand) const;

  // Only what lacks nothing is reserved, and only what was reserved or charged is released.
  void reserve(const Amounts& demand);
  void release(const Amounts& demand);

  // Reserves what is in use already, be it more than there is.
  void charge(const Amounts& demand);

  // There is so much from now on; what is in use stays so.
  void resize(Amounts capacity) { capacity_ = std::move(capacity); }

  [[nodiscard]] std::uint64_t used(std::string_view name) const { return amount_of(used_, name); }
  [[nodiscard]] std::uint64_t capacity(std::string_view name) const { return amount_of(capacity_, name); }
  [[nodiscard]] const Amounts& capacity() const { return capacity_; }

 private:
  Amounts capacity_;
  Amounts used_;
};

}  // namespace yard::jobs
