#include "engine/graph/scope.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "engine/base/text.h"
#include "engine/graph/choose_overload.h"
#include "engine/graph/convert.h"
#include "engine/graph/limits.h"
#include "engine/graph/pointer.h"

namespace yard::graph {
namespace {

constexpr std::string_view kInputPrefix = "@in:";
constexpr std::string_view kOutputPrefix = "@out:";
constexpr std::uint32_t kFewPorts = 16;  // searched one by one; beyond it by a table

// The same characters mean something in `instance/node`, `@in:port` and `node:port`.
bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && !id.starts_with('@') &&
         std::ranges::none_of(id, [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

class ScopeChecker {
 public:
  ScopeChecker(const Document& document, std::size_t scope, NameTable& modules, const Kinds& kinds, Problems& problems)
      : document_(document),
        rows_(document.scopes[scope]),
        scope_number_(scope),
        modules_(modules),
        kinds_(kinds),
        problems_(problems),
        items_(rows_.nodes.size() + rows_.instances.size()) {}

  Scope check() {
    if (scope_number_ > 0) check_module();
    scope_.nodes.reserve(rows_.nodes.size());
    for (std::size_t i = 0; i < rows_.nodes.size(); ++i) check_node(i);
    for (std::size_t i = 0; i < rows_.instances.size(); ++i) check_instance(i);
    scope_.first_output = inputs_;
    inputs_ += rows_.outputs.count;
    scope_.drivers.resize(inputs_);
    for (std::size_t i = 0; i < rows_.connections.size(); ++i) check_connection(i);
    return std::move(scope_);
  }

 private:
  // ---- the module itself

  void check_module() {
    check_id(rows_.id, rows_.place, [&] { return pointer("id"); });
    check_boundary(rows_.inputs, "inputs");
    check_boundary(rows_.outputs, "outputs");
  }
  void check_boundary(const Range& ports, const char* part) {
    NameTable names(ports.count);
    for (std::uint32_t i = 0; i < ports.count; ++i) {
      const PortRow& port = document_.ports[ports.first + i];
      check_new_id(names, port.id, rows_.place, [&] { return pointer(part, i, "id"); });
      if (port.type.data() != nullptr && !data_type(port.type))
        refuse(ProblemCode::kPortMismatch, rows_.place, pointer(part, i, "type"), printable(port.type) + " is no type");
    }
  }

  // ---- nodes

  void check_node(std::size_t index) {
    const NodeRow& row = rows_.nodes[index];
    check_new_id(items_, row.id, row.place, [&] { return pointer("nodes", index, "id"); });
    Scope::Node& node = scope_.nodes.emplace_back();
    node.first_input = inputs_;
    node.kind = find_kind(row, index);
    if (node.kind == nullptr) return;
    node.overload = choose_overload(document_, row, *node.kind, port_problems_);
    for (PortProblem& problem : port_problems_) report(std::move(problem), row, index);
    port_problems_.clear();
    node.inputs = row.inputs.is_there ? row.inputs.count : static_cast<std::uint32_t>(node.kind->inputs.size());
    node.outputs = static_cast<std::uint32_t>(node.kind->outputs.size());
    inputs_ += node.inputs;
    if (node.overload == nullptr) return;
    if (row.inputs.is_there) check_port_ids(row.inputs, row, index, "inputs");
    if (row.outputs.is_there) check_port_ids(row.outputs, row, index, "outputs");
  }

  const Kind* find_kind(const NodeRow& row, std::size_t index) {
    if (row.type.data() == nullptr) return nullptr;
    if (last_kind_ != nullptr && row.type == last_kind_->name) return last_kind_;  // often there are many in a row
    const Kind* kind = kinds_.find(row.type);
    if (kind != nullptr) return last_kind_ = kind;
    refuse(ProblemCode::kUnknownKind, row.place, pointer("nodes", index, "type"),
           printable(row.type) + " is no kind of node");
    return nullptr;
  }

  void check_port_ids(const Range& ports, const NodeRow& row, std::size_t index, const char* part) {
    if (ports.count > kFewPorts) {
      NameTable names(ports.count);
      for (std::uint32_t i = 0; i < ports.count; ++i)
        check_new_id(names, document_.ports[ports.first + i].id, row.place,
                     [&] { return pointer("nodes", index, part, i, "id"); });
      return;
    }
    for (std::uint32_t i = 0; i < ports.count; ++i) {
      const std::string_view id = document_.ports[ports.first + i].id;
      const auto at = [&] { return pointer("nodes", index, part, i, "id"); };
      check_id(id, row.place, at);
      for (std::uint32_t j = 0; j < i; ++j)
        if (id.data() != nullptr && document_.ports[ports.first + j].id == id)
          refuse(ProblemCode::kDuplicateId, row.place, at(), printable(id) + " stands there twice");
    }
  }

  void report(PortProblem problem, const NodeRow& row, std::size_t index) {
    std::string at = pointer("nodes", index, problem.is_output ? "outputs" : "inputs");
    if (problem.index != PortProblem::kWhole) append_pointer(at, problem.index);
    if (problem.member != nullptr) append_pointer(at, problem.member);
    refuse(problem.code, row.place, std::move(at), std::move(problem.message));
  }

  // ---- instances

  void check_instance(std::size_t index) {
    const InstanceRow& row = rows_.instances[index];
    check_new_id(items_, row.id, row.place, [&] { return pointer("instances", index, "id"); });
    Scope::Instance& instance = scope_.instances.emplace_back();
    instance.first_input = inputs_;
    if (row.module.data() == nullptr) return;
    const std::uint32_t module = modules_.find(row.module);
    if (module == NameTable::kNone)
      return refuse(ProblemCode::kUnknownModule, row.place, pointer("instances", index, "module"),
                    printable(row.module) + " is no module");
    instance.module = module + 1;
    const ScopeRows& rows = document_.scopes[instance.module];
    inputs_ += rows.inputs.count;
    for (std::uint32_t i = 0; i < row.parameters.count; ++i) {
      const std::string_view name = document_.parameters[row.parameters.first + i].name;
      if (!has_parameter(rows, name))
        refuse(ProblemCode::kBadParameter, row.place, pointer("instances", index, "parameters", name),
               printable(row.module) + " has no parameter " + printable(name));
    }
  }
  bool has_parameter(const ScopeRows& module, std::string_view name) const {
    for (std::uint32_t i = 0; i < module.parameters.count; ++i)
      if (document_.parameters[module.parameters.first + i].name == name) return true;
    return false;
  }

  // ---- connections

  void check_connection(std::size_t index) {
    const ConnectionRow& row = rows_.connections[index];
    PortType from_type;
    const Endpoint from = find_output(row, index, from_type);
    PortType to_type;
    const std::uint32_t input = find_input(row, index, to_type);
    if (input == Endpoint::kNone) return;
    Scope::Driver& driver = scope_.drivers[input];
    if (driver.from.item != Endpoint::kNone)
      return refuse(ProblemCode::kSecondDriver, row.place, pointer("connections", index, "toPort"),
                    printable(row.to_port) + " of " + printable(row.to_node) + " is driven by connection " +
                        std::to_string(driver.connection) + " already");
    if (from.item == Endpoint::kNone) return;
    if (!is_convertible(from_type, to_type))
      return refuse(ProblemCode::kTypeMismatch, row.place, pointer("connections", index, "toPort"),
                    printable(row.to_port) + " takes " + std::string(name_of(to_type.type)) + ", and " +
                        printable(row.from_port) + " of " + printable(row.from_node) + " is " +
                        std::string(name_of(from_type.type)));
    driver = {from, static_cast<std::uint32_t>(index)};
  }

  // kNone where there is none, or where it is part of something that was refused.
  Endpoint find_output(const ConnectionRow& row, std::size_t index, PortType& type) {
    if (row.from_node.data() == nullptr || row.from_port.data() == nullptr) return {};
    if (scope_number_ > 0 && row.from_node.starts_with(kInputPrefix))
      return {boundary_item(rows_.inputs, row.from_node.substr(kInputPrefix.size()), row, index, "fromNode", type),
              boundary_port_};
    const std::uint32_t item = items_.find(row.from_node);
    if (item == NameTable::kNone) return refuse_node(row.from_node, row, index, "fromNode"), Endpoint{};
    std::uint32_t port = Endpoint::kNone;
    if (item >= rows_.nodes.size()) {
      const Scope::Instance& instance = scope_.instances[item - rows_.nodes.size()];
      if (instance.module == Endpoint::kNone) return {};
      port = find_declared(document_.scopes[instance.module].outputs, row.from_port, type);
    } else {
      const Scope::Node& node = scope_.nodes[item];
      if (node.overload == nullptr) return {};
      const NodeRow& from = rows_.nodes[item];
      for (std::uint32_t i = 0; i < node.outputs && port == Endpoint::kNone; ++i)
        if (Scope::output_name(document_, from, node, i) == row.from_port) port = i;
      if (port != Endpoint::kNone) type = node.overload->kernel.outputs[port];
    }
    if (port == Endpoint::kNone)
      return refuse_port("output", row.from_node, row.from_port, row, index, "fromPort"), Endpoint{};
    return {item, port};
  }

  std::uint32_t find_input(const ConnectionRow& row, std::size_t index, PortType& type) {
    if (row.to_node.data() == nullptr || row.to_port.data() == nullptr) return Endpoint::kNone;
    if (scope_number_ > 0 && row.to_node.starts_with(kOutputPrefix)) {
      const std::string_view name = row.to_node.substr(kOutputPrefix.size());
      if (boundary_item(rows_.outputs, name, row, index, "toNode", type) == Endpoint::kNone) return Endpoint::kNone;
      return scope_.first_output + boundary_port_;
    }
    const std::uint32_t item = items_.find(row.to_node);
    if (item == NameTable::kNone) return refuse_node(row.to_node, row, index, "toNode"), Endpoint::kNone;
    std::uint32_t port = Endpoint::kNone;
    std::uint32_t first = 0;
    if (item >= rows_.nodes.size()) {
      const Scope::Instance& instance = scope_.instances[item - rows_.nodes.size()];
      if (instance.module == Endpoint::kNone) return Endpoint::kNone;
      port = find_declared(document_.scopes[instance.module].inputs, row.to_port, type);
      first = instance.first_input;
    } else {
      const Scope::Node& node = scope_.nodes[item];
      if (node.overload == nullptr) return Endpoint::kNone;
      port = find_input_of(item, row.to_port);
      if (port != Endpoint::kNone) type = Scope::input_type(document_, rows_.nodes[item], node, port);
      first = node.first_input;
    }
    if (port == Endpoint::kNone)
      return refuse_port("input", row.to_node, row.to_port, row, index, "toPort"), Endpoint::kNone;
    return first + port;
  }

  std::uint32_t find_input_of(std::uint32_t item, std::string_view name) {
    const Scope::Node& node = scope_.nodes[item];
    const NodeRow& row = rows_.nodes[item];
    if (node.inputs > kFewPorts) {
      const auto [found, is_new] = wide_nodes_.try_emplace(item, node.inputs);
      for (std::uint32_t i = 0; is_new && i < node.inputs; ++i)
        found->second.add(Scope::input_name(document_, row, node, i));
      return found->second.find(name);
    }
    for (std::uint32_t i = 0; i < node.inputs; ++i)
      if (Scope::input_name(document_, row, node, i) == name) return i;
    return Endpoint::kNone;
  }

  std::uint32_t find_declared(const Range& ports, std::string_view name, PortType& type) const {
    for (std::uint32_t i = 0; i < ports.count; ++i) {
      const PortRow& port = document_.ports[ports.first + i];
      if (port.id != name) continue;
      type = {data_type(port.type).value_or(DataType::kDouble)};
      return i;
    }
    return Endpoint::kNone;
  }

  // kBoundary with the port in boundary_port_, or kNone after a problem.
  std::uint32_t boundary_item(const Range& ports, std::string_view name, const ConnectionRow& row, std::size_t index,
                              const char* member, PortType& type) {
    boundary_port_ = find_declared(ports, name, type);
    if (boundary_port_ != Endpoint::kNone) return Endpoint::kBoundary;
    refuse(ProblemCode::kUnknownPort, row.place, pointer("connections", index, member),
           "the module has no port " + printable(name) + " to lead there");
    return Endpoint::kNone;
  }

  // ---- problems

  template <typename At>
  bool check_id(std::string_view id, std::uint32_t place, const At& at) {
    if (id.data() == nullptr || is_id(id)) return id.data() != nullptr;
    refuse(ProblemCode::kBadId, place, at(),
           "an id has 1 to 256 bytes, no slash, no control character, and no @ in front");
    return false;
  }
  // Takes the next number of `names` in any case.
  template <typename At>
  void check_new_id(NameTable& names, std::string_view id, std::uint32_t place, const At& at) {
    const std::size_t number = names.size();
    if (!check_id(id, place, at)) return names.skip();
    const std::uint32_t found = names.add(id);
    if (found == number) return;
    refuse(ProblemCode::kDuplicateId, place, at(), printable(id) + " is taken");
    names.skip();
  }
  void refuse_node(std::string_view name, const ConnectionRow& row, std::size_t index, const char* member) {
    refuse(ProblemCode::kUnknownNode, row.place, pointer("connections", index, member),
           "there is no node " + printable(name));
  }
  void refuse_port(const char* direction, std::string_view node, std::string_view port, const ConnectionRow& row,
                   std::size_t index, const char* member) {
    refuse(ProblemCode::kUnknownPort, row.place, pointer("connections", index, member),
           printable(node) + " has no " + direction + " " + printable(port));
  }
  void refuse(ProblemCode code, std::uint32_t place, std::string at, std::string message) {
    if (problems_.size() < kProblemsMax) problems_.push_back({code, std::move(at), std::move(message), place});
  }
  template <typename... Parts>
  std::string pointer(const Parts&... parts) const {
    return make_pointer(scope_pointer(scope_number_), parts...);
  }

  const Document& document_;
  const ScopeRows& rows_;
  std::size_t scope_number_;
  NameTable& modules_;
  const Kinds& kinds_;
  Problems& problems_;

  NameTable items_;
  std::unordered_map<std::uint32_t, NameTable> wide_nodes_;
  std::vector<PortProblem> port_problems_;
  const Kind* last_kind_ = nullptr;
  std::uint32_t inputs_ = 0;
  std::uint32_t boundary_port_ = 0;
  Scope scope_;
};

}  // namespace

std::string_view Scope::input_name(const Document& document, const NodeRow& row, const Node& node,
                                   std::uint32_t input) {
  return row.inputs.is_there ? document.ports[row.inputs.first + input].id
                             : std::string_view(node.kind->inputs[input].name);
}

std::string_view Scope::output_name(const Document& document, const NodeRow& row, const Node& node,
                                    std::uint32_t output) {
  return row.outputs.is_there ? document.ports[row.outputs.first + output].id
                              : std::string_view(node.kind->outputs[output]);
}

PortType Scope::input_type(const Document& document, const NodeRow& row, const Node& node, std::uint32_t input) {
  const std::vector<PortType>& inputs = node.overload->kernel.inputs;
  PortType type = inputs[std::min<std::size_t>(input, inputs.size() - 1)];
  if (type.any && row.inputs.is_there)
    type.type = data_type(document.ports[row.inputs.first + input].type).value_or(type.type);
  return type;
}

Scope check_scope(const Document& document, std::size_t scope, NameTable& modules, const Kinds& kinds,
                  Problems& problems) {
  return ScopeChecker(document, scope, modules, kinds, problems).check();
}

std::string scope_pointer(std::size_t scope) { return scope == 0 ? "" : make_pointer("/modules", scope - 1); }

}  // namespace yard::graph
