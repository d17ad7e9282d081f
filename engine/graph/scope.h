// A scope that was checked: its nodes have their kinds, its connections lead from ports to ports.
#pragma once

#include <vector>

#include "engine/graph/document.h"
#include "engine/graph/kind.h"
#include "engine/graph/name_table.h"

namespace yard::graph {

// An output within a scope: of a node, of an instance, or, seen from within, an input of the module itself.
struct Endpoint {
  static constexpr std::uint32_t kNone = UINT32_MAX;          // not connected
  static constexpr std::uint32_t kBoundary = UINT32_MAX - 1;  // the module's own port

  std::uint32_t item = kNone;  // a node; instances are counted on behind the nodes
  std::uint32_t port = 0;
};

// Inputs are numbered through a scope: those of its nodes, those of its instances, the module's outputs.
struct Scope {
  struct Node {
    const Kind* kind = nullptr;  // nullptr: a problem was reported
    const Overload* overload = nullptr;
    std::uint32_t first_input = 0;
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
  };
  struct Instance {
    std::uint32_t module = Endpoint::kNone;  // a scope
    std::uint32_t first_input = 0;
  };
  struct Driver {
    Endpoint from;
    std::uint32_t connection = 0;
  };

  std::vector<Node> nodes;
  std::vector<Instance> instances;
  std::vector<Driver> drivers;     // by input
  std::uint32_t first_output = 0;  // of the module, among the inputs

  // Names and types as the document or, where it is silent, the kind has them.
  [[nodiscard]] static std::string_view input_name(const Document& document, const NodeRow& row, const Node& node,
                                                   std::uint32_t input);
  [[nodiscard]] static std::string_view output_name(const Document& document, const NodeRow& row, const Node& node,
                                                    std::uint32_t output);
  [[nodiscard]] static PortType input_type(const Document& document, const NodeRow& row, const Node& node,
                                           std::uint32_t input);
};

// Checks one scope of `document`; `modules` has the modules' names, by scope - 1. Appends to `problems`.
[[nodiscard]] Scope check_scope(const Document& document, std::size_t scope, NameTable& modules, const Kinds& kinds,
                                Problems& problems);

// "/modules/2", or "" for the document itself.
[[nodiscard]] std::string scope_pointer(std::size_t scope);

}  // namespace yard::graph
