// Worlds for tests: loaded from text, driven by names.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/kinds/standard.h"
#include "engine/world/world.h"

namespace yard::graph::testing {

inline constexpr std::int64_t kMs = 1'000'000;

inline std::unique_ptr<World> make_world(const std::string& json, const WorldOptions& options = {},
                                         std::shared_ptr<const Kinds> kinds = standard_kinds()) {
  auto world = World::load(json, std::move(kinds), options);
  if (world) return *std::move(world);
  for (const Problem& problem : world.error())
    ADD_FAILURE() << problem.pointer << ": " << problem.message << " (" << name_of(problem.code) << ")";
  return nullptr;
}

// A world at rest after each call.
class Driven {
 public:
  explicit Driven(const std::string& json, const WorldOptions& options = {},
                  std::shared_ptr<const Kinds> kinds = standard_kinds())
      : world_(make_world(json, options, std::move(kinds))) {
    settle();
  }

  World& operator*() { return *world_; }
  World* operator->() { return world_.get(); }

  [[nodiscard]] std::uint32_t output(std::string_view node) const {
    const auto found = world_->find_output(node);
    if (!found) ADD_FAILURE() << "no output of " << node;
    return found.value_or(0);
  }
  Status put(std::string_view node, Value value) { return world_->apply(SetCause{output(node), std::move(value)}); }
  // Returns how many steps it took.
  std::uint64_t set(std::string_view node, Value value) {
    EXPECT_TRUE(put(node, std::move(value)).has_value());
    return settle();
  }
  std::uint64_t emit(std::string_view node, std::vector<Value> values) {
    for (Value& value : values) EXPECT_TRUE(world_->apply(EmitCause{output(node), std::move(value)}).has_value());
    return settle();
  }
  std::uint64_t advance(std::int64_t ms) {
    EXPECT_TRUE(world_->apply(AdvanceCause{world_->now_ns() + ms * kMs}).has_value());
    return settle();
  }
  std::uint64_t look(std::string_view node, bool at = true) {
    EXPECT_TRUE(world_->apply(DemandCause{output(node), at}).has_value());
    return settle();
  }
  std::uint64_t settle() {
    const std::uint64_t before = world_->get_stats().steps;
    while (!world_->settle()) {
    }
    return world_->get_stats().steps - before;
  }

  template <typename T>
  [[nodiscard]] T get(std::string_view node) const {
    const auto value = world_->get(output(node));
    if (!value) {
      ADD_FAILURE() << node << " has a fault: " << value.error().text;
      return T();
    }
    return std::get<T>(*value);
  }
  [[nodiscard]] std::string fault(std::string_view node) const {
    const auto value = world_->get(output(node));
    return value ? std::string() : std::string(name_of(value.error().code));
  }
  // What left, as "node value", and takes it.
  std::vector<std::string> take_effects() {
    std::vector<std::string> lines;
    for (const Effect& effect : world_->effects()) {
      std::string line(world_->image().id_of(world_->image().get_nodes()[effect.node.value()]));
      if (const auto* real = std::get_if<double>(&effect.value)) line += " " + std::to_string(*real);
      if (const auto* whole = std::get_if<std::int64_t>(&effect.value)) line += " " + std::to_string(*whole);
      if (const auto* is = std::get_if<bool>(&effect.value)) line += *is ? " true" : " false";
      if (const auto* text = std::get_if<Text>(&effect.value)) line += " " + std::string(text->view());
      lines.push_back(std::move(line));
    }
    world_->clear_outbox();
    return lines;
  }

 private:
  std::unique_ptr<World> world_;
};

// A document, node by node. `type` is that of the output, which is called "out"; of an effect, of its input "x".
// `inputs`, where the kind leaves a choice: "in1:double, in2:double".
class Sketch {
 public:
  Sketch& node(const std::string& id, const std::string& kind, const std::string& type = "",
               const std::string& parameters = "", const std::string& inputs = "") {
    const bool is_effect = kind == "Emit" || kind == "Log";
    nodes_ += (nodes_.empty() ? "" : ",\n") + std::string(R"({"id": ")") + id + R"(", "type": ")" + kind + "\"";
    if (is_effect) nodes_ += R"(, "inputs": [{"id": "x", "type": ")" + (type.empty() ? "double" : type) + "\"}]";
    if (!inputs.empty()) nodes_ += ", \"inputs\": [" + ports(inputs) + "]";
    if (!type.empty() && !is_effect) nodes_ += R"(, "outputs": [{"id": "out", "type": ")" + type + "\"}]";
    if (!parameters.empty()) nodes_ += R"(, "parameters": {)" + parameters + "}";
    nodes_ += "}";
    return *this;
  }
  Sketch& wire(const std::string& from, const std::string& from_port, const std::string& to,
               const std::string& to_port) {
    wires_ += (wires_.empty() ? "" : ",\n") + std::string(R"({"fromNode": ")") + from + R"(", "fromPort": ")" +
              from_port + R"(", "toNode": ")" + to + R"(", "toPort": ")" + to_port + "\"}";
    return *this;
  }
  Sketch& options(const std::string& members) {
    options_ = members;
    return *this;
  }
  [[nodiscard]] std::string json() const {
    return "{\"nodes\": [" + nodes_ + "],\n\"connections\": [" + wires_ + "],\n\"options\": {" + options_ + "}}";
  }

 private:
  static std::string ports(const std::string& list) {
    std::string json;
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t colon = list.find(':', at);
      const std::size_t end = std::min(list.find(", ", colon), list.size());
      json += (json.empty() ? "" : ", ") + std::string(R"({"id": ")") + list.substr(at, colon - at) +
              R"(", "type": ")" + list.substr(colon + 1, end - colon - 1) + "\"}";
      at = end + 2;
    }
    return json;
  }

  std::string nodes_;
  std::string wires_;
  std::string options_;
};

// sum = a + b, shown by an effect.
inline std::string adder() {
  return Sketch()
      .node("a", "Value", "double", "\"value\": 1")
      .node("b", "Value", "double", "\"value\": 2")
      .node("sum", "Add", "double")
      .node("show", "Emit", "", "")
      .wire("a", "out", "sum", "a")
      .wire("b", "out", "sum", "b")
      .wire("sum", "out", "show", "x")
      .json();
}

}  // namespace yard::graph::testing
