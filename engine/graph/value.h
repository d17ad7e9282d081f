// Values as documents write them.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/graph/settings.h"

namespace yard::graph {

// The value of type `type` that `json` spells: numbers as JSON has them, a whole number for int64 even if written with
// a point, bytes as base64 text, JSON in canonical form. Empty `json` is false, 0, the empty text or null.
//
// Errors: kInvalidArguments, with what is wanted instead.
[[nodiscard]] Result<ParameterValue> parse_value(std::string_view json, DataType type);

// The scalar as it lies in a cell; not for texts.
[[nodiscard]] Cell to_cell(const ParameterValue& value);
// And back: `type` is a scalar's.
[[nodiscard]] inline ParameterValue to_value(Cell cell, DataType type) {
  if (type == DataType::kBool) return cell.get<bool>();
  if (type == DataType::kInt64) return cell.get<std::int64_t>();
  return cell.get<double>();
}

}  // namespace yard::graph
