// The words of a graph: types of values, classes of ports, roles of nodes, handles.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/id.h"

namespace yard::graph {

enum class DataType : std::uint8_t { kBool, kInt64, kDouble, kString, kBytes, kJson };

// Scalars live in cells of 8 bytes, the others in a column of texts.
constexpr bool is_scalar(DataType type) { return type <= DataType::kDouble; }

// As documents and schemas spell it: bool, int64, double, string, bytes, json.
std::string_view name_of(DataType type);

// The type of a name; `int` and `float` are NodeFlow's names for int64 and double.
std::optional<DataType> data_type(std::string_view name);

// A level is a value that is there all the time: what is equal to before is no change. Events are counted: each
// one matters, even if it is equal to the one before.
enum class PortClass : std::uint8_t { kLevel, kEvent };
std::string_view name_of(PortClass port_class);

// source: set from outside. compute: a function of its inputs and its state. effect: acts on the outside. timer: acts
// when its time comes. Subgraphs are gone once a document is loaded: their nodes stand for themselves.
enum class NodeRole : std::uint8_t { kSource, kCompute, kEffect, kTimer };
std::string_view name_of(NodeRole role);

enum class Direction : std::uint8_t { kInput, kOutput };

// Dense, from 0, in the document's order: nodes as they stand, instances' nodes behind them; ports by node, a node's
// inputs before its outputs.
using NodeHandle = StrongId<struct NodeHandleTag, std::uint32_t>;
using PortHandle = StrongId<struct PortHandleTag, std::uint32_t>;

}  // namespace yard::graph
