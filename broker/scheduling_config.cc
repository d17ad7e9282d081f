#include "broker/scheduling_config.h"

#include <algorithm>

namespace yard::broker {
namespace {

using jobs::Amounts;

constexpr std::int64_t kCountMax = 1'000'000;
constexpr double kRateMax = 1e6;
constexpr std::int64_t kAmountMax = std::int64_t{1} << 40;
constexpr std::size_t kNamesMax = 4'096;  // tenants, groups or resources

Status take_count(Section& section, std::string_view key, std::int64_t most, std::uint32_t& to) {
  return section.take<std::int64_t>(key, "1 to " + std::to_string(most), [&](std::int64_t value) {
    to = static_cast<std::uint32_t>(value);
    return value >= 1 && value <= most;
  });
}

// So that its bucket's time to fill can be counted in nanoseconds.
constexpr double kFillSecondsMax = 366.0 * 24 * 3'600;

Status take_group(Section& section, jobs::GroupPolicy& group) {
  YARD_TRY_STATUS(take_count(section, "concurrency", kCountMax, group.concurrency));
  YARD_TRY_STATUS(section.take<double>("rate_per_s", "a number above 0, at most a million", [&](double value) {
    group.rate_per_s = value;
    return value > 0 && value <= kRateMax;
  }));
  YARD_TRY_STATUS(take_count(section, "burst", kCountMax, group.burst));
  if (group.rate_per_s > 0 && group.burst / group.rate_per_s > kFillSecondsMax)
    return section.refuse(*section.node("rate_per_s"), "rate_per_s: burst / rate_per_s is more than a year");
  return {};
}

Status read_amounts(const Section& section, std::string_view key, const toml::table& table, Amounts& amounts) {
  for (const auto& [name, value] : table) {
    const auto amount = value.value<std::int64_t>();
    if (!amount || *amount < 0 || *amount > kAmountMax)
      return section.refuse(value, std::string(key) + ": " + std::string(name.str()) + " is a count");
    amounts[std::string(name.str())] = static_cast<std::uint64_t>(*amount);
  }
  return {};
}

Status take_amounts(Section& section, std::string_view key, Amounts& amounts) {
  const toml::node* node = section.node(key);
  if (node == nullptr) return {};
  const toml::table* table = node->as_table();
  if (table == nullptr) return section.refuse(*node, std::string(key) + ": expected a table of counts");
  return read_amounts(section, key, *table, amounts);
}

Status take_budget(Section& section, jobs::BudgetPolicy& budget) {
  YARD_TRY_STATUS(take_amounts(section, "budget", budget.units));
  const auto window = budget.units.find("window_s");
  if (window == budget.units.end()) return {};
  constexpr std::uint64_t kYear = 366 * 24 * 3'600;
  budget.window = std::chrono::seconds(std::clamp<std::uint64_t>(window->second, 1, kYear));
  budget.units.erase(window);
  return {};
}

Status take_tenant(Section& section, jobs::TenantPolicy& tenant) {
  YARD_TRY_STATUS(take_count(section, "weight", jobs::kWeightMax, tenant.weight));
  YARD_TRY_STATUS(take_group(section, tenant.group));
  return take_budget(section, tenant.budget);
}

// Calls read(Section&, name) for each [kind.NAME].
template <typename Read>
Status each_named(const toml::table& file, std::string_view kind, Read&& read) {
  const toml::node* node = file.get(kind);
  if (node == nullptr) return {};
  const Section all(file, kind);
  const toml::table* tables = node->as_table();
  if (tables == nullptr || tables->size() > kNamesMax)
    return all.refuse(*node,
                      "expected at most " + std::to_string(kNamesMax) + " tables [" + std::string(kind) + ".NAME]");
  for (const auto& [name, value] : *tables) {
    const toml::table* table = value.as_table();
    if (table == nullptr) return all.refuse(value, std::string(name.str()) + ": expected a table");
    const std::string title = std::string(kind) + "." + std::string(name.str());
    Section section(title, *table);
    YARD_TRY_STATUS(read(section, std::string(name.str())));
    YARD_TRY_STATUS(section.all_known());
  }
  return {};
}

}  // namespace

Status read_scheduling(const toml::table& file, jobs::SchedulingPolicy& policy) {
  YARD_TRY_STATUS(each_named(file, "tenants", [&](Section& section, const std::string& name) {
    return take_tenant(section, policy.tenants[name]);
  }));
  YARD_TRY_STATUS(each_named(file, "groups", [&](Section& section, const std::string& name) {
    return take_group(section, policy.groups[name]);
  }));
  const toml::node* resources = file.get("resources");
  if (resources == nullptr) return {};
  const Section section(file, "resources");
  if (!resources->is_table()) return section.refuse(*resources, "expected a table of counts");
  return read_amounts(section, "resources", *resources->as_table(), policy.resources);
}

Status read_needs(Section& section, jobs::ToolNeeds& needs) {
  YARD_TRY_STATUS(take_count(section, "cost", jobs::kCostMax, needs.cost));
  YARD_TRY_STATUS(section.texts("groups", needs.groups));
  YARD_TRY_STATUS(take_amounts(section, "resources", needs.resources));
  YARD_TRY_STATUS(take_amounts(section, "spends", needs.spends));
  std::uint64_t estimate_ms = 0;
  YARD_TRY_STATUS(section.natural("estimate_ms", estimate_ms));
  needs.estimate = Millis(static_cast<std::int64_t>(estimate_ms));
  const toml::node* node = section.node("per_key");
  if (node == nullptr) return {};
  if (!node->is_table()) return section.refuse(*node, "per_key: expected a table as of [groups]");
  Section per_key("commands.per_key", *node->as_table());
  YARD_TRY_STATUS(take_group(per_key, needs.per_key));
  return per_key.all_known();
}

Status check_needs(std::string_view tool, const jobs::ToolNeeds& needs, const jobs::SchedulingPolicy& policy) {
  const auto unknown = [&](std::string_view kind, const std::string& name) {
    return fail(ErrorCode::kBadRequest, "tool " + std::string(tool) + ": no " + std::string(kind) + " " + name);
  };
  for (const std::string& name : needs.groups) {
    if (!policy.groups.contains(name)) return unknown("group", name);
  }
  for (const auto& [name, amount] : needs.resources) {
    if (!policy.resources.contains(name)) return unknown("resource", name);
  }
  const auto budgets = [&](const std::string& unit) {
    return std::ranges::any_of(policy.tenants,
                               [&](const auto& entry) { return entry.second.budget.units.contains(unit); });
  };
  for (const auto& [unit, amount] : needs.spends) {
    if (!budgets(unit)) return unknown("tenant with a budget of", unit);
  }
  return {};
}

}  // namespace yard::broker
