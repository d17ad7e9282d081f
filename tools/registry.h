// Registry: the only list of tools.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "tools/schema.h"
#include "tools/tool.h"

namespace yard::tools {

// A registered tool: its declaration and its compiled schema.
struct Tool {
  ToolSpec spec;
  Schema arguments;
};

// Filled at start-up, then read. Addresses of tools are stable.
// Threads: one while filling; any afterwards.
class Registry {
 public:
  // Errors: kBadRequest, naming what is wrong, for a bad name, a second tool of the same name, a
  //         handler that is empty or not of the declared kind, a schema that is outside the
  //         supported subset or describes anything but an object.
  [[nodiscard]] Status add(ToolSpec spec);

  // Null where there is none.
  [[nodiscard]] const Tool* find(std::string_view name) const;

  // By name.
  [[nodiscard]] std::vector<const Tool*> list() const;

 private:
  std::unordered_map<std::string_view, std::unique_ptr<Tool>> tools_;  // keys view into the specs
};

// Writes a tool as clients see it: name, version, kind, timeout class, annotations and, when `with_schemas`, both
// schemas.
void write_tool(PackWriter& writer, const ToolSpec& spec, bool with_schemas);

}  // namespace yard::tools
