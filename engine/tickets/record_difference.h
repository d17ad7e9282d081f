// The first difference between two records.
#pragma once

#include <optional>
#include <string>

#include "engine/tickets/record.h"

namespace yard::tickets {

struct RecordDifference {
  std::string field;  // "kind", "lane_id", "event_id", or a key of the body
  std::string expected;
  std::string found;  // both as JSON, cut where they are long

  bool operator==(const RecordDifference&) const = default;
};

// None if the records are equal. Bodies are packed maps, or bytes.
[[nodiscard]] std::optional<RecordDifference> find_difference(const Record& expected, const Record& found);

}  // namespace yard::tickets
