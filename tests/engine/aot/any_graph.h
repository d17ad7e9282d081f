// Random documents of all kinds that can be written as C++, and what may happen to them.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/graph/kind.h"
#include "tests/support/seed.h"

namespace yard::graph::testing {

class AnyGraph {
 public:
  AnyGraph(Random& random, const Kinds& kinds, std::uint32_t count) : random_(random) {
    for (const Kind& kind : kinds.all())
      if (kind.name.find("Json") == std::string::npos && kind.name != "Convert" && kind.name != "Call" &&
          kind.name != "Script" && kind.name != "Net")
        kinds_.push_back(&kind);
    document_["nodes"] = nlohmann::json::array();
    document_["connections"] = nlohmann::json::array();
    document_["options"] = {{"seed", below(random_, 1'000)}};
    for (std::uint32_t i = 0; i < 8; ++i) add_node(*kinds.find("Value"));
    add_node(*kinds.find("EventInput"));
    while (document_["nodes"].size() < count) add_node(*kinds_[below(random_, kinds_.size())]);
  }

  [[nodiscard]] std::string text() const { return document_.dump(); }

 private:
  struct Made {
    std::string node;
    std::string port;
    bool is_event;
  };

  void add_node(const Kind& kind) {
    id_ = "n" + std::to_string(document_["nodes"].size());
    node_ = {{"id", id_},
             {"type", kind.name},
             {"inputs", nlohmann::json::array()},
             {"outputs", nlohmann::json::array()},
             {"parameters", nlohmann::json::object()}};
    const Kernel& kernel = kind.overloads[below(random_, kind.overloads.size())].kernel;
    kind.name == "Formula" ? add_formula(kernel.outputs.front().type) : add_inputs(kind, kernel);
    for (std::size_t i = 0; i < kind.outputs.size(); ++i)
      node_["outputs"].push_back({{"id", kind.outputs[i]}, {"type", name_of(kernel.outputs[i].type)}});
    for (const ParameterSpec& parameter : kind.parameters) add_parameter(parameter, kernel);
    document_["nodes"].push_back(node_);
    for (std::size_t i = 0; i < kind.outputs.size(); ++i)
      made_[kernel.outputs[i].type].push_back(
          {id_, kind.outputs[i], kernel.outputs[i].port_class == PortClass::kEvent});
  }

  void add_inputs(const Kind& kind, const Kernel& kernel) {
    for (std::size_t i = 0; i < kind.inputs.size(); ++i) {
      const PortType& port = kernel.inputs[std::min(i, kernel.inputs.size() - 1)];
      add_input(kind.inputs[i].name, port.type, port.port_class == PortClass::kEvent);
    }
    for (std::uint64_t more = kernel.variadic ? below(random_, 3) : 0; more > 0; --more)
      add_input("more" + std::to_string(more), kernel.inputs.back().type, false);
  }

  void add_formula(DataType result) {
    static const std::map<DataType, std::vector<std::string>> kFormulas = {
        {DataType::kBool, {"x > 1 && !flag", "flag || 7 / i > 2", "x != x || i == 3", "i * i > 10 ? flag : x >= 0.5"}},
        {DataType::kInt64,
         {"i * 3037000500 - 2", "flag ? i / (i - 2) : i % 3", "int(x) + abs(i)", "min(i, 4) * max(i, -2)", "-i - 5"}},
        {DataType::kDouble,
         {"x * 2 + i", "flag ? sqrt(x) : x - 0.1", "min(x, 1.5) / max(x, -0.5)", "sin(x) * exp(-x) + pow(x, 2)",
          "x % 3.5 + floor(x) + int(x * 10) / 3", "round(x) + ceil(x) - log(abs(x))"}}};
    const std::vector<std::string>& all = kFormulas.at(result);
    node_["parameters"]["formula"] = all[below(random_, all.size())];
    add_input("x", DataType::kDouble, false);
    add_input("i", DataType::kInt64, false);
    add_input("flag", DataType::kBool, false);
  }

  // Driven by an earlier node, mostly a near one, or a constant.
  void add_input(const std::string& port, DataType type, bool takes_events) {
    node_["inputs"].push_back({{"id", port}, {"type", name_of(type)}});
    const DataType from = below(random_, 6) == 0 && type == DataType::kDouble ? DataType::kInt64 : type;
    const std::vector<Made>& all = made_[from];
    for (int tries = 0; tries < 4 && !all.empty() && below(random_, 10) != 0; ++tries) {
      const std::size_t reach = below(random_, 2) == 0 ? std::min<std::size_t>(all.size(), 6) : all.size();
      const Made& made = all[all.size() - 1 - below(random_, reach)];
      if (made.is_event && !takes_events) continue;
      document_["connections"].push_back(
          {{"fromNode", made.node}, {"fromPort", made.port}, {"toNode", id_}, {"toPort", port}});
      return;
    }
    if (type != DataType::kBytes && type != DataType::kJson) node_["parameters"][port] = value(type);
  }

  void add_parameter(const ParameterSpec& parameter, const Kernel& kernel) {
    const DataType type = parameter.as_output ? kernel.outputs.front().type : parameter.type;
    if (parameter.name == "formula" || type == DataType::kBytes || type == DataType::kJson) return;
    if (parameter.name == "max_interval") {
      node_["parameters"][parameter.name] = 30 * below(random_, 2);
    } else if (parameter.name == "roll_back") {
      node_["parameters"][parameter.name] = below(random_, 4) == 0;
    } else if (type == DataType::kInt64 && parameter.least > 0) {
      node_["parameters"][parameter.name] = 1 + below(random_, 20);
    } else if (parameter.name != "min_interval") {
      node_["parameters"][parameter.name] = value(type);
    }
  }

  nlohmann::json value(DataType type) {
    static const std::vector<std::string> kTexts = {"", "a", "7", "2.5", "a \"line\" \\ ??\?/ \xC3\xA4", "-12"};
    switch (type) {
      case DataType::kBool: return below(random_, 2) == 1;
      case DataType::kInt64: return static_cast<std::int64_t>(below(random_, 12)) - 4;
      case DataType::kDouble: return (static_cast<double>(below(random_, 4'000)) - 1'000) / 64;
      default: return kTexts[below(random_, kTexts.size())];
    }
  }

  Random& random_;
  std::vector<const Kind*> kinds_;
  nlohmann::json document_;
  std::string id_;
  nlohmann::json node_;
  std::map<DataType, std::vector<Made>> made_;
};

}  // namespace yard::graph::testing
