// A net's agents, wires and names, from its document.
#include <unordered_set>

#include "engine/base/text.h"
#include "engine/nets/compile.h"
#include "engine/nets/editor.h"

namespace yard::nets {
namespace {

class Builder {
 public:
  Builder(const NetSpec& spec, TextPool& texts, Problems& problems)
      : spec_(spec), texts_(texts), problems_(problems), book_(std::make_shared<RuleBook>(spec.discipline)) {}

  std::optional<State> build() {
    const std::size_t before = problems_.size();
    Compiler compiler(*book_, texts_, problems_);
    for (const SymbolSpec& symbol : spec_.symbols) compiler.add_symbol(symbol);
    for (const RuleSpec& rule : spec_.rules) compiler.add_rule(rule);
    state_.book = book_;
    state_.heap.fit(book_->ports_most(), book_->has_values(), !book_->is_lafont());
    for (const FreeSpec& free : spec_.free) add_free(free);
    for (const AgentSpec& agent : spec_.agents) add_agent(agent);
    for (const JoinSpec& wire : spec_.connect) connect(wire);
    if (problems_.size() == before) check_all_connected();
    if (problems_.size() > before) return std::nullopt;
    state_.by_case.resize(book_->case_count());
    return std::move(state_);
  }

 private:
  void add_free(const FreeSpec& free) {
    if (!is_name(free.name)) return refuse(free.where, printable(free.name) + " is no name for a wire");
    const auto agent = Editor(state_).add(kFree);
    if (!agent) return refuse(free.where, agent.error().message);
    if (!free_.emplace(free.name, *agent).second)
      return refuse(free.where, "there is a free wire " + free.name + " already");
    state_.free.emplace_back(free.name, *agent);
  }

  void add_agent(const AgentSpec& spec) {
    const bool is_named = !spec.id.starts_with('#');
    if (is_named && !is_name(spec.id)) refuse(spec.where, printable(spec.id) + " is no name for an agent");
    const auto symbol = book_->find(spec.symbol);
    if (!symbol) {
      failed_.insert(spec.id);
      return refuse(spec.where, "there is no type " + printable(spec.symbol));
    }
    graph::Cell value;
    const auto type = book_->symbol(*symbol).value;
    if (!type && !spec.value.empty()) refuse(spec.where, spec.symbol + " has no value");
    if (type) {
      const auto parsed = parse_cell(spec.value, *type, texts_);
      if (!parsed) failed_.insert(spec.id);
      if (!parsed) return refuse(spec.where, "the value of " + spec.symbol + ": " + parsed.error().message);
      value = *parsed;
    }
    const auto agent = Editor(state_).add(*symbol, value);
    if (!agent) return refuse(spec.where, agent.error().message);
    if (!agents_.emplace(spec.id, *agent).second)
      return refuse(spec.where, "there is an agent " + printable(spec.id) + " already");
    if (is_named) state_.set_name(spec.id, *agent);
  }

  void connect(const JoinSpec& wire) {
    const auto a = find(wire.a);
    const auto b = find(wire.b);
    if (!a || !b) return;
    if (*a == *b) return refuse(wire.a.where, "a port cannot be connected to itself");
    for (const auto& [port, ref] : {std::pair(*a, &wire.a), std::pair(*b, &wire.b)})
      if (state_.heap.peer(port) != kNowhere)
        return refuse(ref->where, (ref->agent.empty() ? "the free wire " + ref->port : "the port " + ref->port) +
                                      " is connected twice");
    Editor(state_).connect(*a, *b);
  }

  std::optional<Wire> find(const PortRef& ref) {
    if (ref.agent.empty()) {
      const auto free = free_.find(ref.port);
      if (free != free_.end()) return make_wire(free->second, 0);
      return refuse(ref.where, printable(ref.port) + " has one end, and is no free wire"), std::nullopt;
    }
    const auto agent = agents_.find(ref.agent);
    if (agent == agents_.end()) {
      if (!failed_.contains(ref.agent)) refuse(ref.where, "there is no agent " + printable(ref.agent));
      return std::nullopt;
    }
    const Symbol& symbol = book_->symbol(state_.heap.symbol(agent->second));
    const auto slot = find_port(symbol, ref.port);
    if (!slot) return refuse(ref.where, symbol.name + " has no port " + printable(ref.port)), std::nullopt;
    return make_wire(agent->second, *slot);
  }

  // Annette's nets may have ports that are connected to nothing.
  void check_all_connected() {
    for (std::size_t i = 0; i < spec_.free.size(); ++i)
      if (state_.heap.peer(make_wire(state_.free[i].second, 0)) == kNowhere)
        refuse(spec_.free[i].where, "the free wire " + spec_.free[i].name + " leads to nothing");
    if (!book_->is_lafont()) return;
    for (const AgentSpec& spec : spec_.agents) {
      const AgentId agent = agents_.at(spec.id);
      const Symbol& symbol = book_->symbol(state_.heap.symbol(agent));
      for (std::uint32_t slot = 0; slot < symbol.ports.size(); ++slot)
        if (state_.heap.peer(make_wire(agent, slot)) == kNowhere)
          refuse(spec.where, "port " + symbol.ports[slot] + " of " + symbol.name + " is never connected");
    }
  }

  void refuse(const std::string& where, std::string message) {
    if (problems_.size() < kProblemsMax) problems_.push_back({where, std::move(message)});
  }

  const NetSpec& spec_;
  TextPool& texts_;
  Problems& problems_;
  std::shared_ptr<RuleBook> book_;
  State state_;
  std::unordered_map<std::string, AgentId> agents_;
  std::unordered_map<std::string, AgentId> free_;
  std::unordered_set<std::string> failed_;  // agents that are missing because of a problem of their own
};

}  // namespace

std::optional<State> build(const NetSpec& spec, TextPool& texts, Problems& problems) {
  return Builder(spec, texts, problems).build();
}

}  // namespace yard::nets
