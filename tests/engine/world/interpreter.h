// The reference: a graph run in the most obvious way. Everything is looked up by name in the document, each node is
// asked in turn whether an input has changed, and nothing is clever.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace yard::graph::testing {

class Interpreter {
 public:
  struct Failed {
    std::string code;
    bool operator==(const Failed&) const = default;
  };
  using Value = std::variant<bool, std::int64_t, Failed>;

  Interpreter(const nlohmann::json& document, bool is_pull) : is_pull_(is_pull) {
    for (const auto& node : document["nodes"]) {
      ids_.push_back(node["id"]);
      nodes_[node["id"]] = node;
    }
    for (const auto& wire : document["connections"])
      drivers_[wire["toNode"]][wire["toPort"]] = wire["fromNode"].get<std::string>();
    for (const std::string& id : ids_) {
      if (has_output(id)) values_[id] = given(id, "value", nodes_[id]["outputs"][0]["type"]);
      changed_.insert(id);
    }
    is_first_ = true;
    wave();
    is_first_ = false;
  }

  void set(const std::string& id, Value value) {
    if (std::exchange(values_[id], value) != value) changed_.insert(id);
  }
  void emit(const std::string& id, std::int64_t value) {
    events_[id].push_back(value);
    values_[id] = value;
    changed_.insert(id);
  }
  void look(const std::string& id) {
    const std::set<std::string> before = live();
    looked_at_.insert(id);
    for (const std::string& node : live())
      if (!before.contains(node)) forced_.insert(node);
  }
  void settle() { wave(); }
  void advance(std::int64_t to) {
    for (;;) {
      std::int64_t next = to + 1;
      for (const auto& [id, at] : wakes_) next = std::min(next, at);
      if (next > to) break;
      now_ = next;
      for (auto it = wakes_.begin(); it != wakes_.end();) {
        if (it->second <= now_) forced_.insert(it->first);
        it = it->second <= now_ ? wakes_.erase(it) : std::next(it);
      }
      wave();
    }
    now_ = to;
  }

  [[nodiscard]] const Value& get(const std::string& id) { return values_[id]; }
  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }
  [[nodiscard]] bool has_output(const std::string& id) { return kind(id) != "Emit"; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  std::vector<std::string> take_effects() { return std::exchange(effects_, {}); }
  [[nodiscard]] std::set<std::string> live() {
    std::set<std::string> all;
    std::vector<std::string> todo;
    for (const std::string& id : ids_)
      if (!is_pull_ || kind(id) == "Emit" || remembers(id) || looked_at_.contains(id)) todo.push_back(id);
    while (!todo.empty()) {
      const std::string id = todo.back();
      todo.pop_back();
      if (!all.insert(id).second) continue;
      for (const auto& [port, driver] : drivers_[id]) todo.push_back(driver);
    }
    return all;
  }

 private:
  [[nodiscard]] std::string kind(const std::string& id) { return nodes_[id]["type"]; }
  [[nodiscard]] bool is_source(const std::string& id) { return kind(id) == "Value" || kind(id) == "EventInput"; }
  [[nodiscard]] bool remembers(const std::string& id) {
    static const std::set<std::string> kinds = {"Latch", "Counter", "Timer"};
    return kinds.contains(kind(id));
  }
  // A parameter, or what a port of this type has without one.
  Value given(const std::string& id, const std::string& name, const std::string& type) {
    const auto& parameters = nodes_[id]["parameters"];
    if (!parameters.contains(name)) return type == "bool" ? Value(false) : Value(std::int64_t{0});
    const auto& value = parameters[name];
    return value.is_boolean() ? Value(value.get<bool>()) : Value(value.get<std::int64_t>());
  }

  // Nodes are written behind what drives them, so that the document's order will do.
  void wave() {
    const std::set<std::string> running = live();
    for (const std::string& id : ids_) {
      if (is_source(id) || !running.contains(id)) continue;
      bool wanted = forced_.contains(id) || is_first_;
      for (const auto& [port, driver] : drivers_[id]) wanted = wanted || changed_.contains(driver);
      if (wanted) run(id);
    }
    changed_.clear();
    events_.clear();
    forced_.clear();
  }

  void run(const std::string& id) {
    ++steps_;
    const nlohmann::json& ports = nodes_[id]["inputs"];
    for (const auto& port : ports)
      if (const auto* failed = std::get_if<Failed>(&input(id, port["id"]))) return put(id, *failed);
    put(id, compute(id));
  }
  const Value& input(const std::string& id, const std::string& port) {
    const auto driver = drivers_[id].find(port);
    if (driver != drivers_[id].end()) return values_[driver->second];
    for (const auto& declared : nodes_[id]["inputs"])
      if (declared["id"] == port) constant_ = given(id, port, declared["type"]);
    return constant_;
  }
  std::int64_t whole(const std::string& id, const std::string& port) { return std::get<std::int64_t>(input(id, port)); }
  bool truth(const std::string& id, const std::string& port) { return std::get<bool>(input(id, port)); }
  void put(const std::string& id, Value value) {
    if (has_output(id)) set(id, std::move(value));
  }
  // How many of what came in at `port` are above a half; a level counts when it rises.
  std::int64_t count_high(const std::string& id, const std::string& port) {
    const auto driver = drivers_[id].find(port);
    if (driver != drivers_[id].end() && is_event(driver->second)) {
      std::int64_t count = 0;
      for (const std::int64_t event : events_[driver->second]) count += event > 0;
      return count;
    }
    const bool has_changed = driver == drivers_[id].end() ? is_first_ : changed_.contains(driver->second);
    if (!has_changed) return 0;
    const bool was_high = std::exchange(was_high_[id], whole(id, port) > 0);
    return was_high_[id] && !was_high;
  }
  bool is_event(const std::string& id) { return kind(id) == "EventInput" || kind(id) == "Timer"; }

  Value compute(const std::string& id) {
    const std::string type = kind(id);
    const auto a = [&](const char* port = "a") { return whole(id, port); };
    const auto b = [&](const char* port = "b") { return whole(id, port); };
    std::int64_t result = 0;
    if (type == "Add") return __builtin_add_overflow(a(), b(), &result) ? Value(Failed{"overflow"}) : Value(result);
    if (type == "Multiply")
      return __builtin_mul_overflow(a(), b(), &result) ? Value(Failed{"overflow"}) : Value(result);
    if (type == "Divide" && b() == 0) return Failed{"division_by_zero"};
    if (type == "Divide" && b() == -1 && a() == INT64_MIN) return Failed{"overflow"};
    if (type == "Divide") return a() / b();
    if (type == "Minimum") return std::min(a(), b());
    if (type == "Less") return a() < b();
    if (type == "Not") return !truth(id, "x");
    if (type == "Select") return truth(id, "condition") ? input(id, "yes") : input(id, "no");
    if (type == "Latch") return truth(id, "hold") ? state_[id] : state_[id] = a("x");
    if (type == "Counter") return state_[id] += count_high(id, "in1");
    if (type == "Timer") return run_timer(id);
    effects_.push_back(id + " " + std::to_string(a("x")));
    return false;
  }
  Value run_timer(const std::string& id) {
    const std::int64_t interval = nodes_[id]["parameters"]["interval_ms"].get<std::int64_t>() * 1'000'000;
    if (!due_.contains(id)) due_[id] = now_ + interval;
    for (; due_[id] <= now_; due_[id] += interval) emit(id, 1);
    wakes_[id] = due_[id];
    return values_[id];
  }
  bool is_pull_;
  bool is_first_ = false;
  std::vector<std::string> ids_;
  std::map<std::string, nlohmann::json> nodes_;
  std::map<std::string, std::map<std::string, std::string>> drivers_;
  std::map<std::string, Value> values_;
  Value constant_;
  std::map<std::string, std::int64_t> state_;
  std::map<std::string, bool> was_high_;
  std::map<std::string, std::int64_t> due_;
  std::map<std::string, std::int64_t> wakes_;
  std::map<std::string, std::vector<std::int64_t>> events_;
  std::set<std::string> changed_;
  std::set<std::string> forced_;
  std::set<std::string> looked_at_;
  std::vector<std::string> effects_;
  std::uint64_t steps_ = 0;
  std::int64_t now_ = 0;
};

}  // namespace yard::graph::testing
