// A graph in its document's order: what an image is made of. Modules are expanded, inputs have their drivers.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/graph/kind.h"
#include "engine/graph/problem.h"

namespace yard::graph {

// What a node and its ports are called, behind each other, with a zero behind each.
class Names {
 public:
  std::uint32_t add(std::string_view first, std::string_view second = {}) {
    const auto place = static_cast<std::uint32_t>(bytes_.size());
    bytes_.append(first).append(second).push_back('\0');
    return place;
  }
  [[nodiscard]] std::string_view at(std::uint32_t place) const { return bytes_.data() + place; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }

 private:
  std::string bytes_;
};

// A node, for people and hosts. Its ports' handles begin at first_input + first_output, inputs before outputs.
struct NodeDesc {
  NodeHandle handle;
  std::uint32_t id = 0;            // in Names
  std::uint32_t first_input = 0;   // among all inputs; the node's inputs end where the next node's begin
  std::uint32_t first_output = 0;  // among all outputs
  std::uint16_t overload = 0;      // in Kinds
  NodeRole role = NodeRole::kCompute;
};

struct PortDesc {
  PortHandle handle;
  NodeHandle node;
  std::uint32_t id = 0;  // in Names
  DataType type = DataType::kDouble;
  PortClass port_class = PortClass::kLevel;
  Direction direction = Direction::kInput;
};

// What a whole graph is run with.
struct Options {
  bool iterates_cycles = false;  // cycles: iterate; else they are refused
  bool is_pull = true;           // mode: pull; else push
  std::uint64_t seed = 0;        // of all random streams
  std::uint32_t lanes = 1;
};

struct FlatGraph {
  static constexpr std::uint32_t kConstant = 1u << 31;  // a driver that is one of `constants`; else it is an output

  struct Constant {
    DataType type;
    ParameterValue value;
  };
  using Setting = std::pair<std::uint32_t, std::shared_ptr<const void>>;

  Names names;
  std::vector<NodeDesc> nodes;  // and one that ends the last node's ports
  std::vector<PortDesc> inputs;
  std::vector<PortDesc> outputs;
  std::vector<std::uint32_t> drivers;  // by input
  std::vector<Constant> constants;
  std::vector<Setting> settings;                                   // by node, rising
  std::vector<std::pair<std::uint32_t, ParameterValue>> initials;  // by output, rising; what is not here is zero
  std::vector<std::uint32_t> places;                               // of each node, in the file
  std::vector<std::pair<std::uint32_t, std::string>> origins;      // from this node on: what pointers begin with
  Options options;
  std::uint64_t settings_hash = 0;  // of all parameters that are no inputs

  // Where the document says it.
  [[nodiscard]] std::string pointer_of(std::uint32_t node) const;
  [[nodiscard]] std::uint32_t node_count() const { return static_cast<std::uint32_t>(nodes.size() - 1); }
};

}  // namespace yard::graph
