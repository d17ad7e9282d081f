// Types and rules as JSON, the way parse_json.cc reads them.
#include <nlohmann/json.hpp>

#include "engine/nets/parse_json.h"

namespace yard::nets {

using nlohmann::json;

std::string to_text(const PortRef& port) {
  if (port.agent.empty()) return port.port;
  return port.agent + "." + (port.port.empty() ? "0" : port.port);
}

json to_json(const SymbolSpec& symbol) {
  json ports = json::array();
  for (const PortSpec& port : symbol.ports) ports.push_back(port.name + (port.is_principal ? "!" : ""));
  json value = {{"name", symbol.name}, {"ports", std::move(ports)}};
  if (!symbol.value_type.empty()) value["value"] = symbol.value_type;
  return value;
}

namespace {

json to_json(const CaseSpec& one) {
  json create = json::array();
  for (const AgentSpec& agent : one.create) {
    json row = {{"id", agent.id}, {"agent", agent.symbol}};
    if (!agent.value.empty()) row["value"] = agent.value;
    create.push_back(std::move(row));
  }
  json connect = json::array();
  for (const JoinSpec& wire : one.connect) connect.push_back({to_text(wire.a), to_text(wire.b)});
  json value = {{"create", std::move(create)}, {"connect", std::move(connect)}};
  if (!one.when.empty()) value["when"] = one.when;
  return value;
}

}  // namespace

json to_json(const RuleSpec& rule) {
  json between = {to_text(rule.left), to_text(rule.right)};
  if (!rule.function.empty()) return {{"between", std::move(between)}, {"function", rule.function}};
  json cases = json::array();
  for (const CaseSpec& one : rule.cases) cases.push_back(to_json(one));
  return {{"between", std::move(between)}, {"values", rule.values}, {"cases", std::move(cases)}};
}

}  // namespace yard::nets
