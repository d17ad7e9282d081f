#include "jobs/resources.h"

#include "engine/base/check.h"

namespace yard::jobs {

std::uint64_t amount_of(const Amounts& amounts, std::string_view name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? 0 : found->second;
}

Status ResourcePool::check(const Amounts& demand) const {
  for (const auto& [name, amount] : demand) {
    if (amount <= capacity(name)) continue;
    return fail(ErrorCode::kTooLarge, "it needs " + std::to_string(amount) + " of " + name + ", and there are " +
                                          std::to_string(capacity(name)));
  }
  return {};
}

const std::string* ResourcePool::lacking(const Amounts& demand) const {
  for (const auto& [name, amount] : demand) {
    const std::uint64_t there = capacity(name);
    if (amount > there || there - amount < used(name)) return &name;
  }
  return nullptr;
}

void ResourcePool::reserve(const Amounts& demand) {
  YARD_CHECK(lacking(demand) == nullptr);
  for (const auto& [name, amount] : demand) used_[name] += amount;
}

void ResourcePool::release(const Amounts& demand) {
  for (const auto& [name, amount] : demand) {
    YARD_CHECK(used(name) >= amount);
    used_[name] -= amount;
  }
}

}  // namespace yard::jobs
