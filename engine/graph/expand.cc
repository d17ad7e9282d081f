#include "engine/graph/expand.h"

#include <algorithm>
#include <unordered_map>

#include "engine/base/text.h"
#include "engine/graph/bind.h"
#include "engine/graph/instances.h"
#include "engine/graph/limits.h"
#include "engine/graph/pointer.h"
#include "engine/graph/value.h"

namespace yard::graph {
namespace {

class Expander {
 public:
  Expander(const Document& document, std::span<const Scope> scopes, const Options& options, Problems& problems)
      : document_(document),
        scopes_(scopes),
        problems_(problems),
        tree_(document, scopes, problems),
        binder_(
            document, [&](std::string_view reference, Source& source) { return resolve(reference, source); },
            [&](std::string_view parameter, const Source& source, std::string message) {
              refuse(parameter, source, std::move(message));
            }),
        is_used_(scopes.size(), false) {
    flat_.options = options;
  }

  FlatGraph expand() {
    if (!is_small_enough()) return end(), std::move(flat_);
    flat_.nodes.reserve(tree_.node_count() + 1);
    flat_.places.reserve(tree_.node_count());
    for (placed_ = 0; placed_ < tree_.all().size(); ++placed_) add_nodes();
    end();
    flat_.drivers.assign(flat_.inputs.size(), FlatGraph::kConstant);
    for (placed_ = 0; placed_ < tree_.all().size(); ++placed_) connect();
    fill_constants();
    check_unused();
    return std::move(flat_);
  }

 private:
  [[nodiscard]] const Placed& here() const { return tree_.all()[placed_]; }
  [[nodiscard]] const Scope& scope() const { return scopes_[here().scope]; }
  [[nodiscard]] const ScopeRows& rows() const { return document_.scopes[here().scope]; }

  bool is_small_enough() {
    std::size_t ports = 0;
    for (const Placed& placed : tree_.all())
      for (const Scope::Node& node : scopes_[placed.scope].nodes) ports += std::max(node.inputs, node.outputs);
    if (tree_.node_count() <= kNodesMax && ports <= kPortsMax) return true;
    problems_.push_back(
        {ProblemCode::kTooLarge, "/nodes",
         "the graph has more than " + std::to_string(kNodesMax) + " nodes or " + std::to_string(kPortsMax) + " ports"});
    return false;
  }

  // ---- nodes

  void add_nodes() {
    is_first_ = !is_used_[here().scope];
    is_used_[here().scope] = true;
    if (!rows().nodes.empty()) flat_.origins.emplace_back(here().first_node, scope_pointer(here().scope));
    for (index_ = 0; index_ < rows().nodes.size(); ++index_) add_node(rows().nodes[index_], scope().nodes[index_]);
  }

  void add_node(const NodeRow& row, const Scope::Node& node) {
    const auto number = static_cast<std::uint32_t>(flat_.nodes.size());
    const auto first_input = static_cast<std::uint32_t>(flat_.inputs.size());
    flat_.nodes.push_back({.handle = NodeHandle(number),
                           .id = flat_.names.add(here().prefix, row.id),
                           .first_input = first_input,
                           .first_output = static_cast<std::uint32_t>(flat_.outputs.size())});
    flat_.places.push_back(row.place);
    if (node.overload == nullptr) return;
    flat_.nodes.back().overload = node.overload->id;
    flat_.nodes.back().role = node.kind->role;
    add_ports(row, node, NodeHandle(number));
    Bound bound = binder_.bind(row, node, [&](std::uint32_t input, DataType type, ParameterValue value) {
      add_constant(row, node, input, type, std::move(value));
    });
    if (bound.hash != 0)
      flat_.settings_hash = hash64({reinterpret_cast<const char*>(&bound.hash), 8}, flat_.settings_hash);
    if (bound.settings) flat_.settings.emplace_back(number, std::move(bound.settings));
    if (bound.has_initial) flat_.initials.emplace_back(flat_.nodes.back().first_output, std::move(bound.initial));
  }

  void add_ports(const NodeRow& row, const Scope::Node& node, NodeHandle handle) {
    auto port = static_cast<std::uint32_t>(flat_.inputs.size() + flat_.outputs.size());
    for (std::uint32_t i = 0; i < node.inputs; ++i) {
      const PortType type = Scope::input_type(document_, row, node, i);
      flat_.inputs.push_back({PortHandle(port++), handle, port_name(Scope::input_name(document_, row, node, i)),
                              type.type, type.port_class, Direction::kInput});
    }
    for (std::uint32_t i = 0; i < node.outputs; ++i) {
      const PortType type = node.overload->kernel.outputs[i];
      flat_.outputs.push_back({PortHandle(port++), handle, port_name(Scope::output_name(document_, row, node, i)),
                               type.type, type.port_class, Direction::kOutput});
    }
  }

  // Few names serve most ports; the newest are at hand.
  std::uint32_t port_name(std::string_view name) {
    std::uint32_t& recent = recent_names_[(name.size() + static_cast<unsigned char>(name.empty() ? 0 : name.back())) %
                                          recent_names_.size()];
    if (recent != 0 && flat_.names.at(recent - 1) == name) return recent - 1;
    const auto [found, is_new] = port_names_.try_emplace(name, 0);
    if (is_new) found->second = flat_.names.add(name);
    recent = found->second + 1;
    return found->second;
  }

  // ---- values

  void add_constant(const NodeRow& row, const Scope::Node& node, std::uint32_t input, DataType type,
                    ParameterValue value) {
    const bool is_given = (input & Binder::kGivenInput) != 0;
    input &= ~Binder::kGivenInput;
    const bool is_driven = scope().drivers[node.first_input + input].from.item != Endpoint::kNone;
    if (is_given && is_driven && is_first_) {
      const std::string_view name = Scope::input_name(document_, row, node, input);
      refuse_at(ProblemCode::kSecondDriver, row.place, parameter_pointer(name),
                printable(name) + " is connected, so it cannot have a value, too");
    }
    if (is_driven && !through_boundary(node.first_input + input)) return;
    values_.emplace_back(flat_.nodes.back().first_input + input, constant(type, std::move(value)));
  }
  // Such an input may turn out to be driven by nothing, and has its own value then.
  [[nodiscard]] bool through_boundary(std::uint32_t input) const {
    return scope().drivers[input].from.item >= scope().nodes.size();
  }

  std::uint32_t constant(DataType type, ParameterValue value) {
    const std::string key = constant_key(type, value);
    const auto [found, is_new] = constants_.try_emplace(key, static_cast<std::uint32_t>(flat_.constants.size()));
    if (is_new) flat_.constants.push_back({type, std::move(value)});
    return found->second;
  }
  static std::string constant_key(DataType type, const ParameterValue& value) {
    std::string key(1, static_cast<char>(type));
    if (const auto* text = std::get_if<Text>(&value)) return key.append(text->view());
    const std::uint64_t bits = to_cell(value).bits();
    return key.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }

  void fill_constants() {
    for (const auto& [input, constant_number] : values_)
      if (flat_.drivers[input] == FlatGraph::kConstant) flat_.drivers[input] = FlatGraph::kConstant | constant_number;
    // What has no value at all is zero, and of its type.
    std::size_t next = 0;
    for (std::uint32_t input = 0; input < flat_.drivers.size(); ++input) {
      while (next < values_.size() && values_[next].first < input) ++next;
      const bool has_value = next < values_.size() && values_[next].first == input;
      if (flat_.drivers[input] != FlatGraph::kConstant || has_value) continue;
      const DataType type = flat_.inputs[input].type;
      auto zero = parse_value({}, type);
      flat_.drivers[input] = FlatGraph::kConstant | constant(type, *std::move(zero));
    }
  }

  // ---- connections

  void connect() {
    const Scope& from_scope = scope();
    for (std::uint32_t i = 0; i < from_scope.nodes.size(); ++i) {
      const Scope::Node& node = from_scope.nodes[i];
      if (node.overload == nullptr) continue;
      const std::uint32_t first = flat_.nodes[here().first_node + i].first_input;
      for (std::uint32_t input = 0; input < node.inputs; ++input) {
        const std::uint32_t output = driver_of(node.first_input + input);
        if (output != Endpoint::kNone) flat_.drivers[first + input] = output;
      }
    }
  }
  std::uint32_t driver_of(std::uint32_t input) {
    const Endpoint& direct = scope().drivers[input].from;
    if (direct.item == Endpoint::kNone) return Endpoint::kNone;
    if (direct.item < scope().nodes.size())
      return flat_.nodes[here().first_node + direct.item].first_output + direct.port;
    bool is_loop = false;
    const FlatOutput from = tree_.driver(placed_, input, is_loop);
    if (is_loop) {
      const std::uint32_t connection = scope().drivers[input].connection;
      refuse_at(ProblemCode::kCycle, rows().connections[connection].place,
                make_pointer(scope_pointer(here().scope), "connections", connection),
                "leads through instances and back without a node on the way");
    }
    if (from.placed == Endpoint::kNone) return Endpoint::kNone;
    return flat_.nodes[tree_.all()[from.placed].first_node + from.node].first_output + from.port;
  }

  // ---- parameters of modules

  bool resolve(std::string_view reference, Source& source) {
    if (!is_checking_unused_ && here().scope == 0) return false;
    if (!is_checking_unused_) {
      const Placed& parent = tree_.all()[here().parent];
      const InstanceRow& instance = document_.scopes[parent.scope].instances[here().row];
      if (const ParameterRow* row = find(instance.parameters, reference)) {
        source = {row->json, true,
                  make_pointer(scope_pointer(parent.scope), "instances", here().row, "parameters", reference)};
        return true;
      }
    }
    const ScopeRows& module = is_checking_unused_ ? document_.scopes[checked_scope_] : rows();
    const ParameterRow* row = find(module.parameters, reference);
    if (row != nullptr) source = {row->json};
    return row != nullptr;
  }
  [[nodiscard]] const ParameterRow* find(const Range& range, std::string_view name) const {
    for (std::uint32_t i = 0; i < range.count; ++i)
      if (document_.parameters[range.first + i].name == name) return &document_.parameters[range.first + i];
    return nullptr;
  }

  // Modules that have no instance are checked all the same, with the values they give their parameters.
  void check_unused() {
    is_checking_unused_ = is_first_ = true;
    for (checked_scope_ = 1; checked_scope_ < scopes_.size(); ++checked_scope_) {
      if (is_used_[checked_scope_]) continue;
      const ScopeRows& rows = document_.scopes[checked_scope_];
      for (index_ = 0; index_ < rows.nodes.size(); ++index_) {
        const Scope::Node& node = scopes_[checked_scope_].nodes[index_];
        if (node.overload != nullptr)
          (void)binder_.bind(rows.nodes[index_], node, [](std::uint32_t, DataType, const ParameterValue&) {});
      }
    }
  }

  // ---- problems

  void refuse(std::string_view parameter, const Source& source, std::string message) {
    const std::size_t scope = is_checking_unused_ ? checked_scope_ : here().scope;
    if (source.is_elsewhere) {
      const Placed& parent = tree_.all()[here().parent];
      const std::uint32_t place = document_.scopes[parent.scope].instances[here().row].place;
      if (seen_.try_emplace(source.pointer, true).second)
        refuse_at(ProblemCode::kBadParameter, place, source.pointer, std::move(message));
    } else if (is_first_) {  // the other instances have the same problem
      refuse_at(ProblemCode::kBadParameter, document_.scopes[scope].nodes[index_].place, parameter_pointer(parameter),
                std::move(message));
    }
  }
  std::string parameter_pointer(std::string_view parameter) const {
    const std::size_t scope = is_checking_unused_ ? checked_scope_ : here().scope;
    std::string pointer = make_pointer(scope_pointer(scope), "nodes", index_, "parameters");
    if (!parameter.empty()) append_pointer(pointer, parameter);
    return pointer;
  }
  void refuse_at(ProblemCode code, std::uint32_t place, std::string pointer, std::string message) {
    if (problems_.size() < kProblemsMax) problems_.push_back({code, std::move(pointer), std::move(message), place});
  }

  void end() {
    flat_.nodes.push_back({.handle = NodeHandle(static_cast<std::uint32_t>(flat_.nodes.size())),
                           .first_input = static_cast<std::uint32_t>(flat_.inputs.size()),
                           .first_output = static_cast<std::uint32_t>(flat_.outputs.size())});
  }

  const Document& document_;
  std::span<const Scope> scopes_;
  Problems& problems_;
  InstanceTree tree_;
  Binder binder_;
  FlatGraph flat_;
  std::vector<bool> is_used_;  // by scope
  std::uint32_t placed_ = 0;
  std::size_t index_ = 0;
  std::size_t checked_scope_ = 0;
  bool is_checking_unused_ = false;
  bool is_first_ = false;                                        // of the scope's instances
  std::vector<std::pair<std::uint32_t, std::uint32_t>> values_;  // input, constant
  std::unordered_map<std::string, std::uint32_t> constants_;
  std::unordered_map<std::string_view, std::uint32_t> port_names_;
  std::array<std::uint32_t, 64> recent_names_{};
  std::unordered_map<std::string, bool> seen_;
};

}  // namespace

FlatGraph expand(const Document& document, std::span<const Scope> scopes, const Options& options, Problems& problems) {
  return Expander(document, scopes, options, problems).expand();
}

}  // namespace yard::graph
