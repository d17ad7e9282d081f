#include "engine/tickets/record_difference.h"

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/text.h"

namespace yard::tickets {
namespace {

constexpr std::size_t kShown = 200;  // characters of a value: an error is for people

std::string shown(PackView value) { return value ? printable(to_json(value).dump(-1, ' ', true), kShown) : "nothing"; }

std::optional<RecordDifference> differ(std::string field, std::string expected, std::string found) {
  return RecordDifference{.field = std::move(field), .expected = std::move(expected), .found = std::move(found)};
}

std::optional<RecordDifference> find_in_heads(const RecordHead& expected, const RecordHead& found) {
  if (expected.kind != found.kind)
    return differ("kind", std::string(name_of(expected.kind)), std::string(name_of(found.kind)));
  if (expected.event_id != found.event_id)
    return differ("event_id", std::to_string(expected.event_id), std::to_string(found.event_id));
  if (expected.lane != found.lane) return differ("lane_id", std::to_string(expected.lane), std::to_string(found.lane));
  if (expected.joined != found.joined)
    return differ("joined", std::to_string(expected.joined), std::to_string(found.joined));
  return std::nullopt;
}

// A key of `one` whose value in `other` is not the same.
std::string differing_key(PackView one, PackView other) {
  std::string key;
  one.each_pair([&](std::string_view name, PackView value) {
    if (key.empty() && other.find(name).bytes() != value.bytes()) key = name;
  });
  return key;
}

}  // namespace

std::optional<RecordDifference> find_difference(const Record& expected, const Record& found) {
  if (auto difference = find_in_heads(expected.head, found.head)) return difference;
  if (expected.body == found.body) return std::nullopt;
  const auto whole = [&] {
    return differ("body", std::to_string(expected.body.size()) + " bytes",
                  std::to_string(found.body.size()) + " others");
  };
  if (!check_pack(expected.body) || !check_pack(found.body)) return whole();
  const PackView wanted(expected.body);
  const PackView given(found.body);
  std::string key = differing_key(wanted, given);
  if (key.empty()) key = differing_key(given, wanted);
  return key.empty() ? whole() : differ(key, shown(wanted.find(key)), shown(given.find(key)));
}

}  // namespace yard::tickets
