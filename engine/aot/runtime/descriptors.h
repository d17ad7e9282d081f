// What hosts see of a graph: nodes and ports with the handles that the engine gives them, too.
#pragma once

#include "engine/aot/runtime/vocabulary.h"

namespace yard::graph::generated {

struct NodeDesc {
  std::uint32_t handle;
  const char* id;
  const char* type;
  std::uint32_t place;  // in the order of running
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
