// Random documents of the kinds that the reference knows, and random things to happen to them.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/seed.h"

namespace yard::graph::testing {

class RandomGraph {
 public:
  RandomGraph(Random& random, std::uint32_t count) : random_(random) {
    document_["nodes"] = nlohmann::json::array();
    document_["connections"] = nlohmann::json::array();
    while (document_["nodes"].size() < count) add_node();
  }

  [[nodiscard]] const nlohmann::json& document() const { return document_; }
  [[nodiscard]] const std::vector<std::string>& sources(const std::string& type) { return sources_[type]; }

 private:
  struct Made {
    std::string id;
    bool is_event;
  };

  void add_node() {
    static const std::vector<std::string> kinds = {"Value",  "Value",    "Value",   "EventInput", "Timer", "Add",
                                                   "Add",    "Multiply", "Minimum", "Divide",     "Less",  "Not",
                                                   "Select", "Select",   "Latch",   "Counter",    "Emit",  "Emit"};
    const std::string kind = document_["nodes"].size() < 4 ? "Value" : kinds[below(random_, kinds.size())];
    id_ = "n" + std::to_string(document_["nodes"].size());
    node_ = {{"id", id_},
             {"type", kind},
             {"inputs", nlohmann::json::array()},
             {"outputs", nlohmann::json::array()},
             {"parameters", nlohmann::json::object()}};
    if (kind == "Value")
      add_source(below(random_, 3) == 0 ? "bool" : "int64");
    else if (kind == "EventInput")
      output("int64", true), sources_["event"].push_back(id_);
    else if (kind == "Timer")
      output("int64", true), node_["parameters"]["interval_ms"] = 1 + below(random_, 40);
    else if (kind == "Less")
      input("a", "int64"), input("b", "int64"), output("bool");
    else if (kind == "Not")
      input("x", "bool"), output("bool");
    else if (kind == "Select")
      input("condition", "bool"), input("yes", "int64"), input("no", "int64"), output("int64");
    else if (kind == "Latch")
      input("x", "int64"), input("hold", "bool"), output("int64");
    else if (kind == "Counter")
      input("in1", "int64", true), output("int64");
    else if (kind == "Emit")
      input("x", "int64");
    else
      input("a", "int64"), input("b", "int64"), output("int64");
    document_["nodes"].push_back(node_);
    for (const std::string& type : made_types_) made_[type].push_back({id_, is_event_});
    made_types_.clear();
  }
  void add_source(const std::string& type) {
    output(type);
    if (type == "bool")
      node_["parameters"]["value"] = below(random_, 2) == 1;
    else
      node_["parameters"]["value"] = small();
    sources_[type].push_back(id_);
  }
  void output(const std::string& type, bool is_event = false) {
    node_["outputs"].push_back({{"id", "out"}, {"type", type}});
    made_types_.push_back(type);
    is_event_ = is_event;
  }
  // Driven by an earlier node, mostly a near one, or a constant.
  void input(const std::string& port, const std::string& type, bool takes_events = false) {
    node_["inputs"].push_back({{"id", port}, {"type", type}});
    const std::vector<Made>& all = made_[type];
    for (int tries = 0; tries < 4 && !all.empty() && below(random_, 8) != 0; ++tries) {
      const std::size_t reach = below(random_, 2) == 0 ? std::min<std::size_t>(all.size(), 6) : all.size();
      const Made& from = all[all.size() - 1 - below(random_, reach)];
      if (from.is_event && !takes_events) continue;
      document_["connections"].push_back(
          {{"fromNode", from.id}, {"fromPort", "out"}, {"toNode", id_}, {"toPort", port}});
      return;
    }
    if (type == "bool")
      node_["parameters"][port] = below(random_, 2) == 1;
    else
      node_["parameters"][port] = small();
  }
  std::int64_t small() { return static_cast<std::int64_t>(below(random_, 12)) - 4; }

  Random& random_;
  nlohmann::json document_;
  std::string id_;
  nlohmann::json node_;
  std::vector<std::string> made_types_;
  bool is_event_ = false;
  std::map<std::string, std::vector<Made>> made_;
  std::map<std::string, std::vector<std::string>> sources_;
};

}  // namespace yard::graph::testing
