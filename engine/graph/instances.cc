#include "engine/graph/instances.h"

#include "engine/base/text.h"
#include "engine/graph/limits.h"
#include "engine/graph/pointer.h"

namespace yard::graph {

InstanceTree::InstanceTree(const Document& document, std::span<const Scope> scopes, Problems& problems)
    : document_(document), scopes_(scopes) {
  all_.push_back({});
  node_count_ = scopes[0].nodes.size();
  if (find_recursion(problems)) return;
  // Breadth first, so that the instances of a scope lie next to each other.
  for (std::uint32_t at = 0; at < all_.size() && !is_full_; ++at) place(at, problems);
}

// Modules that use each other in a circle are found before anything is placed; whatever begins at a module that was
// looked at is fine or reported.
bool InstanceTree::find_recursion(Problems& problems) {
  enum class Look : std::uint8_t { kNever, kInside, kDone };
  struct Step {
    std::uint32_t scope;
    std::uint32_t next;
  };
  std::vector<Look> looks(scopes_.size(), Look::kNever);
  bool is_recursive = false;
  for (std::uint32_t start = 1; start < scopes_.size(); ++start) {
    if (looks[start] != Look::kNever) continue;
    std::vector<Step> steps = {{start, 0}};
    looks[start] = Look::kInside;
    while (!steps.empty()) {
      Step& step = steps.back();
      const auto& instances = scopes_[step.scope].instances;
      if (step.next == instances.size()) {
        looks[step.scope] = Look::kDone;
        steps.pop_back();
        continue;
      }
      const std::uint32_t row = step.next++;
      const std::uint32_t module = instances[row].module;
      if (module == Endpoint::kNone || looks[module] == Look::kDone) continue;
      if (looks[module] == Look::kInside) {
        const InstanceRow& instance = document_.scopes[step.scope].instances[row];
        problems.push_back({ProblemCode::kRecursion,
                            make_pointer(scope_pointer(step.scope), "instances", row, "module"),
                            printable(instance.module) + " would be within itself", instance.place});
        is_recursive = true;
        continue;
      }
      looks[module] = Look::kInside;
      steps.push_back({module, 0});
    }
  }
  return is_recursive;
}

void InstanceTree::place(std::uint32_t at, Problems& problems) {
  const std::uint32_t scope = all_[at].scope;
  all_[at].first_child = static_cast<std::uint32_t>(children_.size());
  const auto& instances = scopes_[scope].instances;
  for (std::uint32_t row = 0; row < instances.size(); ++row) {
    const std::uint32_t module = instances[row].module;
    children_.push_back(Endpoint::kNone);
    if (module == Endpoint::kNone) continue;
    const InstanceRow& instance = document_.scopes[scope].instances[row];
    const std::size_t nodes = node_count_ + scopes_[module].nodes.size();
    prefix_bytes_ += (all_[at].prefix.size() + instance.id.size() + 1) * scopes_[module].nodes.size();
    if (nodes > kNodesMax || all_.size() == kInstancesMax || all_[at].depth == kInstanceDepthMax ||
        prefix_bytes_ > kPrefixBytesMax) {
      problems.push_back({ProblemCode::kTooLarge, make_pointer(scope_pointer(scope), "instances", row),
                          "with this instance the graph has too many nodes or instances, or they are nested too deep",
                          instance.place});
      is_full_ = true;
      return;
    }
    children_.back() = static_cast<std::uint32_t>(all_.size());
    std::string prefix = all_[at].prefix;
    prefix.append(instance.id).push_back('/');
    all_.push_back({.scope = module,
                    .parent = at,
                    .row = row,
                    .first_node = static_cast<std::uint32_t>(node_count_),
                    .depth = all_[at].depth + 1,
                    .prefix = std::move(prefix)});
    node_count_ = nodes;
  }
}

FlatOutput InstanceTree::driver(std::uint32_t placed, std::uint32_t input, bool& is_loop) const {
  for (std::size_t hops = 0; hops <= 2 * all_.size(); ++hops) {
    const Scope& scope = scopes_[all_[placed].scope];
    const Endpoint from = scope.drivers[input].from;
    if (from.item == Endpoint::kNone) return {};
    if (from.item < scope.nodes.size()) return {placed, from.item, from.port};
    if (from.item == Endpoint::kBoundary) {  // out of this scope, to what drives the instance
      const Placed& here = all_[placed];
      placed = here.parent;
      input = scopes_[all_[placed].scope].instances[here.row].first_input + from.port;
      continue;
    }
    const std::size_t child = all_[placed].first_child + from.item - scope.nodes.size();
    if (child >= children_.size() || children_[child] == Endpoint::kNone) return {};
    placed = children_[child];
    input = scopes_[all_[placed].scope].first_output + from.port;
  }
  is_loop = true;
  return {};
}

}  // namespace yard::graph
