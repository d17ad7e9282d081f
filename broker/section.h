// Section: one table of a TOML file, read name by name.
#pragma once

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace yard::broker {

// Reads one table; every name must be asked for.
class Section {
 public:
  Section(const toml::table& file, std::string_view name) : name_(name) {
    if (const toml::node* node = file.get(name)) table_ = node->as_table();
  }
  // One of several tables of the same name.
  Section(std::string_view name, const toml::table& table) : name_(name), table_(&table) {}

  template <typename T, typename Take>
  Status take(std::string_view key, std::string_view expected, Take&& use) {
    known_.push_back(std::string(key));
    const toml::node* node = table_ ? table_->get(key) : nullptr;
    if (node == nullptr) return {};
    const auto value = node->value<T>();
    if (!value || !use(*value)) return refuse(*node, std::string(key) + ": expected " + std::string(expected));
    return {};
  }

  Status text(std::string_view key, std::string& to) {
    return take<std::string>(key, "text", [&](const std::string& value) { return to = value, true; });
  }
  Status flag(std::string_view key, bool& to) {
    return take<bool>(key, "true or false", [&](bool value) { return to = value, true; });
  }
  Status natural(std::string_view key, std::uint64_t& to) {
    return take<std::int64_t>(key, "a number that is not negative", [&](std::int64_t value) {
      to = static_cast<std::uint64_t>(value);
      return value >= 0;
    });
  }
  Status path(std::string_view key, std::filesystem::path& to) {
    return take<std::string>(key, "a path", [&](const std::string& value) { return to = value, true; });
  }

  // Appends a list of texts.
  Status texts(std::string_view key, std::vector<std::string>& to) {
    const toml::node* list = node(key);
    if (list == nullptr) return {};
    if (!list->is_array()) return refuse(*list, std::string(key) + ": expected a list of texts");
    for (const toml::node& each : *list->as_array()) {
      const auto text = each.value<std::string>();
      if (!text) return refuse(each, std::string(key) + ": expected a list of texts");
      to.push_back(*text);
    }
    return {};
  }

  [[nodiscard]] const toml::node* node(std::string_view key) {
    known_.push_back(std::string(key));
    return table_ ? table_->get(key) : nullptr;
  }

  [[nodiscard]] std::unexpected<Error> refuse(const toml::node& node, const std::string& why) const {
    return fail(ErrorCode::kBadRequest,
                "line " + std::to_string(node.source().begin.line) + ": [" + std::string(name_) + "] " + why);
  }

  [[nodiscard]] Status all_known() const {
    if (table_ == nullptr) return {};
    for (const auto& [key, value] : *table_) {
      if (std::ranges::find(known_, key.str()) == known_.end())
        return refuse(value, "unknown setting " + std::string(key.str()));
    }
    return {};
  }

 private:
  std::string_view name_;
  const toml::table* table_ = nullptr;
  std::vector<std::string> known_;
};

}  // namespace yard::broker
