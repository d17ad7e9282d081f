#include "engine/nets/parse_json.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "engine/graph/pointer.h"
#include "engine/nets/limits.h"

namespace yard::nets {
namespace {

using graph::make_pointer;
using nlohmann::json;

// An object of the document: its members by name, each of a type, and none that is not asked for.
class Reader {
 public:
  Reader(const json& value, std::string where, Problems& problems, std::initializer_list<std::string_view> members)
      : value_(value), where_(std::move(where)), problems_(problems) {
    if (!value_.is_object()) {
      refuse(where_, "has to be an object");
      return;
    }
    for (const auto& member : value_.items())
      if (std::ranges::find(members, member.key()) == members.end())
        refuse(make_pointer(where_, member.key()), "has no meaning here");
  }

  // nullptr: there is none.
  [[nodiscard]] const json* find(std::string_view name) const {
    if (!value_.is_object()) return nullptr;
    const auto found = value_.find(name);
    return found == value_.end() ? nullptr : &*found;
  }
  // Empty where there is none, which is a problem if `is_needed`.
  std::string text(std::string_view name, bool is_needed) {
    const json* found = find(name);
    if (found == nullptr) {
      if (is_needed && value_.is_object()) refuse(where_, std::string(name) + " is missing");
      return {};
    }
    if (found->is_string()) return found->get<std::string>();
    refuse(at(name), "has to be a string");
    return {};
  }
  // visit(element, where) for each.
  template <typename Visit>
  void each(std::string_view name, Visit&& visit) {
    const json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) return refuse(at(name), "has to be an array");
    for (std::size_t i = 0; i < found->size(); ++i) visit((*found)[i], make_pointer(where_, name, i));
  }
  [[nodiscard]] std::string at(std::string_view name) const { return make_pointer(where_, name); }
  void refuse(std::string where, std::string message) {
    if (problems_.size() < kProblemsMax) problems_.push_back({std::move(where), std::move(message)});
  }

 private:
  const json& value_;
  std::string where_;
  Problems& problems_;
};

void refuse(Problems& problems, std::string where, std::string message) {
  if (problems.size() < kProblemsMax) problems.push_back({std::move(where), std::move(message)});
}

void parse_ports(Reader& reader, SymbolSpec& symbol) {
  const json* ports = reader.find("ports");
  if (ports == nullptr || ports->is_number_unsigned()) {
    const std::uint64_t count = ports == nullptr ? 1 : ports->get<std::uint64_t>();
    if (count == 0 || count > kPortsMax)
      return reader.refuse(reader.at("ports"), "has to be from 1 to " + std::to_string(kPortsMax));
    for (std::size_t i = 0; i < count; ++i)
      symbol.ports.push_back({.name = std::to_string(i), .is_principal = i == 0, .where = symbol.where});
    return;
  }
  reader.each("ports", [&](const json& port, const std::string& where) {
    if (!port.is_string()) return reader.refuse(where, "has to be a string");
    std::string name = port.get<std::string>();
    const bool is_principal = name.ends_with('!');
    if (is_principal) name.pop_back();
    symbol.ports.push_back({.name = std::move(name), .is_principal = is_principal, .where = where});
  });
}

JoinSpec parse_join(const json& value, const std::string& where, Problems& problems) {
  const bool is_pair = value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string();
  if (!is_pair) return refuse(problems, where, "has to be two strings"), JoinSpec();
  return {parse_port(value[0].get<std::string>(), make_pointer(where, std::size_t{0})),
          parse_port(value[1].get<std::string>(), make_pointer(where, std::size_t{1}))};
}

void parse_joins(Reader& reader, std::vector<JoinSpec>& joins, Problems& problems) {
  reader.each("connect", [&](const json& value, const std::string& where) {
    JoinSpec join = parse_join(value, where, problems);
    if (!join.a.where.empty()) joins.push_back(std::move(join));
  });
}

// In a net a value is JSON, in a rule an expression.
void parse_agents(Reader& reader, std::string_view member, bool is_in_rule, std::vector<AgentSpec>& agents,
                  Problems& problems) {
  reader.each(member, [&](const json& value, const std::string& where) {
    Reader agent(value, where, problems, {"id", "agent", "value"});
    AgentSpec spec{.id = agent.text("id", true), .symbol = agent.text("agent", true), .where = where};
    if (const json* given = agent.find("value"); given != nullptr)
      spec.value = is_in_rule && given->is_string() ? given->get<std::string>() : given->dump();
    agents.push_back(std::move(spec));
  });
}

CaseSpec parse_case(Reader& reader, const std::string& where, Problems& problems) {
  CaseSpec one{.when = reader.text("when", false), .where = where};
  parse_agents(reader, "create", true, one.create, problems);
  parse_joins(reader, one.connect, problems);
  return one;
}

}  // namespace

PortRef parse_port(std::string_view text, std::string where) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return {.agent = {}, .port = std::string(text), .where = std::move(where)};
  return {
      .agent = std::string(text.substr(0, dot)), .port = std::string(text.substr(dot + 1)), .where = std::move(where)};
}

SymbolSpec parse_symbol(const json& value, const std::string& where, Problems& problems) {
  Reader reader(value, where, problems, {"name", "ports", "value"});
  SymbolSpec symbol{.name = reader.text("name", true), .value_type = reader.text("value", false), .where = where};
  parse_ports(reader, symbol);
  return symbol;
}

RuleSpec parse_rule(const json& value, const std::string& where, Problems& problems) {
  Reader reader(value, where, problems, {"between", "values", "function", "cases", "when", "create", "connect"});
  RuleSpec rule{.function = reader.text("function", false), .where = where};
  const json* between = reader.find("between");
  if (between == nullptr) reader.refuse(where, "between is missing");
  std::size_t side = 0;
  reader.each("between", [&](const json& name, const std::string& name_where) {
    if (!name.is_string()) return reader.refuse(name_where, "has to be a string");
    PortRef port = parse_port(name.get<std::string>(), name_where);
    if (port.agent.empty()) std::swap(port.agent, port.port);
    if (side < 2) (side == 0 ? rule.left : rule.right) = std::move(port);
    ++side;
  });
  if (between != nullptr && side != 2) reader.refuse(reader.at("between"), "has to be two types of agents");
  std::size_t named = 0;
  reader.each("values", [&](const json& name, const std::string& name_where) {
    if (!name.is_string() || named == 2) return reader.refuse(name_where, "values has two names");
    rule.values[named++] = name.get<std::string>();
  });
  reader.each("cases", [&](const json& one, const std::string& case_where) {
    Reader case_reader(one, case_where, problems, {"when", "create", "connect"});
    rule.cases.push_back(parse_case(case_reader, case_where, problems));
  });
  if (reader.find("cases") == nullptr) rule.cases.push_back(parse_case(reader, where, problems));
  return rule;
}

NetSpec parse_net_json(std::string_view text, Problems& problems) {
  const auto parsed = parse_json(text);
  NetSpec spec;
  if (!parsed) return refuse(problems, "", parsed.error().message), spec;
  Reader reader(*parsed, "", problems, {"discipline", "agents", "rules", "net", "free", "derived"});
  const std::string discipline = reader.text("discipline", false);
  if (discipline == "annette")
    spec.discipline = Discipline::kAnnette;
  else if (!discipline.empty() && discipline != "lafont")
    reader.refuse("/discipline", "has to be lafont or annette");
  reader.each("agents", [&](const json& value, const std::string& where) {
    spec.symbols.push_back(parse_symbol(value, where, problems));
  });
  reader.each("rules", [&](const json& value, const std::string& where) {
    spec.rules.push_back(parse_rule(value, where, problems));
  });
  reader.each("free", [&](const json& value, const std::string& where) {
    if (!value.is_string()) return reader.refuse(where, "has to be a string");
    spec.free.push_back({value.get<std::string>(), where});
  });
  if (const json* net = reader.find("net"); net != nullptr) {
    Reader net_reader(*net, "/net", problems, {"agents", "connect"});
    parse_agents(net_reader, "agents", false, spec.agents, problems);
    parse_joins(net_reader, spec.connect, problems);
  }
  if (const json* derived = reader.find("derived"); derived != nullptr) {
    if (!derived->is_object()) return refuse(problems, "/derived", "has to be an object"), spec;
    for (const auto& member : derived->items()) {
      const std::string where = make_pointer("/derived", member.key());
      if (member.value().is_string())
        spec.derived.push_back({member.key(), member.value().get<std::string>(), where});
      else
        refuse(problems, where, "has to be a string");
    }
  }
  return spec;
}

}  // namespace yard::nets
