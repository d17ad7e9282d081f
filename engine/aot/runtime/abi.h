// What generated code works on, and what it asks of who runs it. The same text stands in the engine and in each
// generated file, so that both agree on it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace yard::graph::generated {

inline constexpr std::uint32_t kAbiVersion = 1;

// What is known of a cell beside its value. An enumeration, so that writing marks is known not to write anything else.
enum Mark : std::uint8_t {
  kChanged = 1,  // in this wave
  kFaulty = 2,   // holds a fault instead of a value
  kEvent = 4,    // of an event output: never cleared
  kForced = 8,   // the node that this is the first output of runs in this wave whatever its inputs say
};
// Combinations of marks are marks, too.
constexpr Mark operator|(Mark a, Mark b) {
  return static_cast<Mark>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Mark operator&(Mark a, Mark b) {
  return static_cast<Mark>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}
constexpr Mark without(Mark marks, Mark gone) {
  return static_cast<Mark>(static_cast<unsigned>(marks) & ~static_cast<unsigned>(gone));
}

struct Bytes {
  const char* data;
  std::size_t size;
};
struct Words {
  const std::uint64_t* data;
  std::size_t size;
};

// Everything that is not a number in a column. Cells are those of the engine's image; `self` comes first everywhere.
struct Host {
  void* self;
  void (*wake)(void*, std::uint32_t node, std::int64_t at_ns);
  void (*effect)(void*, std::uint32_t node, Bytes channel, std::uint8_t type, std::uint32_t cell);
  void (*breach)(void*, std::uint32_t node, Bytes message, bool roll_back);
  void (*restless)(void*, std::uint32_t cycle);
  Words (*events)(void*, std::uint32_t cell);  // of this wave
  void (*emit)(void*, std::uint32_t cell, std::uint64_t bits);
  Bytes (*text)(void*, std::uint32_t cell);
  bool (*put_text)(void*, std::uint32_t cell, Bytes text);  // each put: whether it is another one; marks the cell
  Bytes (*text_state)(void*, std::uint32_t place);
  void (*put_text_state)(void*, std::uint32_t place, Bytes text);
  bool (*put_fault)(void*, std::uint32_t cell, std::uint8_t code, Bytes text);
  bool (*copy_fault)(void*, std::uint32_t from, std::uint32_t to);
  void (*clear_fault)(void*, std::uint32_t cell);  // unmarks the cell
};

// The columns of a graph, in the engine's own order, and how far its wave has come.
struct Columns {
  std::uint64_t* values;  // by cell
  Mark* marks;            // by cell
  std::uint64_t* state;   // words of the nodes that remember
  const Host* host;
  std::int64_t now_ns;  // logical time
  std::uint32_t ran;    // nodes, in this wave
};

// A stretch of nodes, in the order in which they run. `run` returns whether an output has changed.
struct Chunk {
  std::uint32_t first_node;
  std::uint32_t end_node;
  std::uint32_t first_cell;
  std::uint32_t end_cell;
  bool (*run)(Columns&);
};

// What a shared library says of itself: the result of `switchyard_compiled_graph`.
struct CompiledGraph {
  std::uint32_t abi_version;
  std::uint32_t node_count;
  std::uint32_t output_count;  // cells of outputs; those of constants come behind
  std::uint32_t cell_count;
  std::uint32_t state_words;
  std::uint32_t chunk_count;
  std::uint64_t hash_high;
  std::uint64_t hash_low;
  std::uint64_t layout;  // of what all of it lies by; see layout_hash()
  const Chunk* chunks;
};

}  // namespace yard::graph::generated
