#include "jobs/resources.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace yard::jobs {

std::uint64_t amount_of(const Amounts& amounts, std::string_view name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? 0 : found->second;
}

const std::string* shared(const Amounts& left, const Amounts& right) {
  const auto found = std::ranges::find_if(left, [&](const auto& entry) { return right.contains(entry.first); });
  return found == left.end() ? nullptr : &found->first;
}

Result<Amounts> read_amounts(PackView map) {
  if (!map) return Amounts{};
  if (map.type() != PackType::kMap || map.size() > kAmountsMax)
    return fail(ErrorCode::kBadRequest, "resources is a map of at most " + std::to_string(kAmountsMax) + " amounts");
  Amounts amounts;
  bool good = true;
  map.each_pair([&](std::string_view name, PackView value) {
    const std::int64_t amount = value.integer_or(-1);
    good = good && !name.empty() && name.size() <= kAmountNameBytesMax && printable(name) == name && amount >= 0 &&
           amount <= kAmountMax;
    if (amount > 0) amounts[std::string(name)] = static_cast<std::uint64_t>(amount);
  });
  if (!good) return fail(ErrorCode::kBadRequest, "resources is a map of names to whole numbers");
  return amounts;
}

void write_amounts(PackMap& map, std::string_view key, const Amounts& amounts) {
  if (amounts.empty()) return;
  PackMap named = map.map(key);
  for (const auto& [name, amount] : amounts) named.natural(name, amount);
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
  charge(demand);
}

void ResourcePool::charge(const Amounts& demand) {
  for (const auto& [name, amount] : demand) used_[name] += amount;
}

void ResourcePool::release(const Amounts& demand) {
  for (const auto& [name, amount] : demand) {
    YARD_CHECK(used(name) >= amount);
    used_[name] -= amount;
  }
}

}  // namespace yard::jobs
