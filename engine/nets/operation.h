// Operations: what changes a network, as data. Storylines: sequences of them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace yard::nets {

enum class OperationKind : std::uint8_t {
  kAdd,
  kRemove,
  kConnect,
  kDisconnect,
  kSet,
  kFreeWire,
  kType,
  kRule,
  kReduce
};

// As JSON:
//
//   {"op": "add", "id": "n", "agent": "Num", "value": 3}     {"op": "remove", "id": "n"}
//   {"op": "connect", "a": "n.0", "b": "result"}              {"op": "disconnect", "a": "n.0", "b": "result"}
//   {"op": "set", "id": "n", "value": 4}                      {"op": "free", "id": "result"}
//   {"op": "type", "agent": {…}}                              {"op": "rule", "rule": {…}}
//   {"op": "reduce", "max": 100}
struct Operation {
  OperationKind kind = OperationKind::kAdd;
  std::string first = {};   // the agent's name, or the one port
  std::string second = {};  // the agent's type, or the other port
  std::string json = {};    // the value, the type or the rule
  std::uint64_t max = 0;    // of kReduce
  bool operator==(const Operation&) const = default;

  [[nodiscard]] static Operation add(std::string id, std::string symbol, std::string value = {}) {
    return {OperationKind::kAdd, std::move(id), std::move(symbol), std::move(value)};
  }
  [[nodiscard]] static Operation remove(std::string id) { return {OperationKind::kRemove, std::move(id)}; }
  [[nodiscard]] static Operation connect(std::string a, std::string b) {
    return {OperationKind::kConnect, std::move(a), std::move(b)};
  }
  [[nodiscard]] static Operation disconnect(std::string a, std::string b) {
    return {OperationKind::kDisconnect, std::move(a), std::move(b)};
  }
  [[nodiscard]] static Operation set(std::string id, std::string value) {
    return {OperationKind::kSet, std::move(id), {}, std::move(value)};
  }
  [[nodiscard]] static Operation free(std::string id) { return {OperationKind::kFreeWire, std::move(id)}; }
  // `json` as a document has it.
  [[nodiscard]] static Operation type(std::string json) { return {OperationKind::kType, {}, {}, std::move(json)}; }
  [[nodiscard]] static Operation rule(std::string json) { return {OperationKind::kRule, {}, {}, std::move(json)}; }
  [[nodiscard]] static Operation reduce(std::uint64_t max) { return {OperationKind::kReduce, {}, {}, {}, max}; }
};

[[nodiscard]] nlohmann::json to_json(const Operation& operation);
// Errors: kInvalidArguments, with the pointer.
[[nodiscard]] Result<Operation> parse_operation(const nlohmann::json& value);

using Storyline = std::vector<Operation>;

// The names of one part of a network: operations made by it are about agents called PART/name.
class Scope {
 public:
  explicit Scope(std::string part) : prefix_(std::move(part) + "/") {}

  [[nodiscard]] std::string name(std::string_view id) const { return prefix_ + std::string(id); }
  // The same operation on this part's agents; types, rules and reductions are everybody's.
  [[nodiscard]] Operation in(Operation operation) const {
    const bool has_names = operation.kind < OperationKind::kType;
    if (!has_names) return operation;
    operation.first.insert(0, prefix_);
    if (operation.kind == OperationKind::kConnect || operation.kind == OperationKind::kDisconnect)
      operation.second.insert(0, prefix_);
    return operation;
  }

 private:
  std::string prefix_;
};

}  // namespace yard::nets
