// A graph document as it is written: rows of what the file says, nothing of it understood yet.
//
// One pass over the file, no tree: strings are views into the parser's buffer, ports and parameters of all nodes lie in
// one column each, and JSON pointers are made only for problems.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/graph/problem.h"

namespace yard::graph {

// Rows [first, first + count) of a column. `is_there`: whether the document has the member at all.
struct Range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool is_there = false;
};

struct PortRow {
  std::string_view id;
  std::string_view type;
};

struct ParameterRow {
  std::string_view name;
  std::string_view json;  // the value as it is written
};

struct NodeRow {
  std::string_view id;
  std::string_view type;
  Range inputs;
  Range outputs;
  Range parameters;
  std::uint32_t place = 0;  // where the row begins in the file
};

struct ConnectionRow {
  std::string_view from_node;
  std::string_view from_port;
  std::string_view to_node;
  std::string_view to_port;
  std::uint32_t place = 0;
};

struct InstanceRow {
  std::string_view id;
  std::string_view module;
  Range parameters;
  std::uint32_t place = 0;
};

// What has nodes: the document itself, or a module.
struct ScopeRows {
  std::string_view id;  // of a module
  std::vector<NodeRow> nodes;
  std::vector<ConnectionRow> connections;
  std::vector<InstanceRow> instances;
  Range inputs;      // of a module
  Range outputs;     // of a module
  Range parameters;  // of a module: its parameters, with the values that they have if an instance names none
  std::uint32_t place = 0;
};

// A member that is missing or of the wrong type is a problem, and a view without data here.
class Document {
 public:
  // Reads `json`; without a copy if it has 64 bytes of capacity beyond its size. Appends to `problems`.
  static Document parse(std::string json, Problems& problems);

  std::vector<ScopeRows> scopes;  // the document itself, then its modules
  std::vector<PortRow> ports;
  std::vector<ParameterRow> parameters;
  Range options;  // in `parameters`
  std::uint32_t options_place = 0;

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

 private:
  friend class DocumentReader;
  Document();

  struct Buffers;
  std::unique_ptr<Buffers> buffers_;  // what the views point into
};

// A file's bytes, with the room that Document::parse wants. Errors: kIo, kTooLarge.
[[nodiscard]] Result<std::string> read_document(const std::string& path);

}  // namespace yard::graph
