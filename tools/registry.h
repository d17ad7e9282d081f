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
//
// One that is put over another shows the tools of both; its own come and go with the workers that offer them.
// Threads: one while filling; any afterwards. One that is put over another: one.
class Registry {
 public:
  Registry() = default;

  // `base` must outlive it.
  explicit Registry(const Registry* base) : base_(base) {}
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Errors: kBadRequest, naming what is wrong, for a bad name, a second tool of the same name, a
  //         handler that is empty or not of the declared kind, a schema that is outside the
  //         supported subset or describes anything but an object.
  [[nodiscard]] Status add(ToolSpec spec);

  // Takes one of its own out.
  void remove(std::string_view name) { tools_.erase(name); }

  // Null where there is none.
  [[nodiscard]] const Tool* find(std::string_view name) const;

  // By name.
  [[nodiscard]] std::vector<const Tool*> list() const;

 private:
  const Registry* base_ = nullptr;
  std::unordered_map<std::string_view, std::unique_ptr<Tool>> tools_;  // keys view into the specs
};

// Writes a tool as clients see it: name, version, kind, timeout class, annotations and, when `with_schemas`, both
// schemas, into its map.
void write_tool(PackMap& tool, const ToolSpec& spec, bool with_schemas);

}  // namespace yard::tools
