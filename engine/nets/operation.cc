#include "engine/nets/operation.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::nets {
namespace {

using nlohmann::json;

// Which members an operation has; empty: not this one.
struct Row {
  OperationKind kind;
  std::string_view op;
  std::string_view first;
  std::string_view second;
  std::string_view json;
};
constexpr std::array kRows = {
    Row{OperationKind::kAdd, "add", "id", "agent", "value"},
    Row{OperationKind::kRemove, "remove", "id", "", ""},
    Row{OperationKind::kConnect, "connect", "a", "b", ""},
    Row{OperationKind::kDisconnect, "disconnect", "a", "b", ""},
    Row{OperationKind::kSet, "set", "id", "", "value"},
    Row{OperationKind::kFreeWire, "free", "id", "", ""},
    Row{OperationKind::kType, "type", "", "", "agent"},
    Row{OperationKind::kRule, "rule", "", "", "rule"},
    Row{OperationKind::kReduce, "reduce", "", "", ""},
};

}  // namespace

json to_json(const Operation& operation) {
  const Row& row = *std::ranges::find(kRows, operation.kind, &Row::kind);
  json value = {{"op", row.op}};
  if (!row.first.empty()) value[std::string(row.first)] = operation.first;
  if (!row.second.empty()) value[std::string(row.second)] = operation.second;
  if (operation.kind == OperationKind::kReduce) value["max"] = operation.max;
  if (!row.json.empty() && !operation.json.empty())
    value[std::string(row.json)] = json::parse(operation.json, nullptr, false);
  return value;
}

Result<Operation> parse_operation(const json& value) {
  const auto refuse = [](std::string_view member, const char* why) {
    return fail(ErrorCode::kInvalidArguments, why, member.empty() ? "" : "/" + std::string(member));
  };
  if (!value.is_object() || !value.contains("op") || !value["op"].is_string()) return refuse("op", "has to be there");
  const auto row = std::ranges::find(kRows, value["op"].get<std::string>(), &Row::op);
  if (row == kRows.end()) return refuse("op", "is no operation");
  Operation operation{.kind = row->kind};
  for (const auto& [name, into] :
       {std::pair(row->first, &operation.first), std::pair(row->second, &operation.second)}) {
    if (name.empty()) continue;
    const auto found = value.find(std::string(name));
    if (found == value.end() || !found->is_string()) return refuse(name, "has to be a string");
    *into = found->get<std::string>();
  }
  if (!row->json.empty())
    if (const auto found = value.find(std::string(row->json)); found != value.end()) operation.json = found->dump();
  if (row->kind == OperationKind::kReduce) {
    const auto found = value.find("max");
    if (found == value.end() || !found->is_number_unsigned()) return refuse("max", "has to be a number");
    operation.max = found->get<std::uint64_t>();
  }
  return operation;
}

}  // namespace yard::nets
