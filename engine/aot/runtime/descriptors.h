// What hosts see of a graph: nodes and ports with the handles that the engine gives them, too.
#pragma once

#include <algorithm>
#include <span>

#include "engine/aot/runtime/vocabulary.h"

namespace yard::graph::generated {

// What nodes of a kind with the same ports have in common.
struct PortShape {
  const char* id;
  DataType dtype;
  bool is_event;   // holds events, not a level
  bool is_source;  // may be set from outside
};
struct NodeShape {
  const char* type;
  std::span<const PortShape> ports;  // inputs before outputs
  std::uint32_t inputs;
};

struct NodeDesc {
  std::uint32_t handle;
  const char* id;
  std::uint32_t shape;         // in NODEFLOW_SHAPES
  std::uint32_t place;         // in the order of running
  std::uint32_t first_port;    // handle
  std::uint32_t first_input;   // in kDrivers
  std::uint32_t first_output;  // its cell; the others follow
};

struct PortDesc {
  std::uint32_t handle;
  std::uint32_t node;  // its handle
  const char* node_id;
  const char* port_id;
  bool is_output;
  DataType dtype;
  bool is_event;       // holds events, not a level
  bool is_source;      // may be set from outside
  std::uint32_t cell;  // in State::values; an input's is that of what drives it
};

// Ports by handle, made as they are asked for: rows of 300,000 ports would take compilers longer than the code does.
// Threads: any.
class Ports {
 public:
  constexpr Ports(std::span<const NodeDesc> nodes, std::span<const NodeShape> shapes, const std::uint32_t* drivers,
                  std::uint32_t count)
      : nodes_(nodes), shapes_(shapes), drivers_(drivers), count_(count) {}
  [[nodiscard]] constexpr std::uint32_t size() const { return count_; }
  // `handle` is below size().
  constexpr PortDesc operator[](std::uint32_t handle) const {
    const NodeDesc& node =
        *(std::upper_bound(nodes_.begin(), nodes_.end(), handle,
                           [](std::uint32_t left, const NodeDesc& right) { return left < right.first_port; }) -
          1);
    const NodeShape& shape = shapes_[node.shape];
    const std::uint32_t at = handle - node.first_port;
    const PortShape& port = shape.ports[at];
    const bool is_output = at >= shape.inputs;
    return {handle,
            node.handle,
            node.id,
            port.id,
            is_output,
            port.dtype,
            port.is_event,
            port.is_source,
            is_output ? node.first_output + at - shape.inputs : drivers_[node.first_input + at]};
  }

  class Iterator {
   public:
    constexpr Iterator(const Ports& ports, std::uint32_t handle) : ports_(ports), handle_(handle) {}
    constexpr PortDesc operator*() const { return ports_[handle_]; }
    constexpr Iterator& operator++() {
      ++handle_;
      return *this;
    }
    constexpr bool operator==(const Iterator& other) const { return handle_ == other.handle_; }

   private:
    const Ports& ports_;
    std::uint32_t handle_;
  };
  [[nodiscard]] constexpr Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] constexpr Iterator end() const { return {*this, count_}; }

 private:
  std::span<const NodeDesc> nodes_;
  std::span<const NodeShape> shapes_;
  const std::uint32_t* drivers_;
  std::uint32_t count_;
};

// From an output's handle to an input's.
struct Edge {
  std::uint32_t from;
  std::uint32_t to;
};

// Words [first, first + count) of State::words are the node's.
struct StateDesc {
  std::uint32_t node;
  std::uint32_t first;
  std::uint32_t count;
};

// ---- for the machine

// Where something lies, as generated files list it.
struct Word {
  std::uint32_t at;
  std::uint64_t bits;
};
struct TextAt {
  std::uint32_t at;
  std::string_view text;
};
// A node that has to be reached by its number: it can be woken.
struct Sleeper {
  std::uint32_t node;
  std::uint32_t cell;  // its first output's
  bool has_inputs;
};
// Who reads a cell that is set from outside: places in Graph::kSourceReaders.
struct SourceCell {
  std::uint32_t cell;
  std::uint32_t first;
  std::uint32_t end;
};

}  // namespace yard::graph::generated
