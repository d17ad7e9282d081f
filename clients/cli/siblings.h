// The other programs of Switchyard.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace yard::cli {

// Where `name` lies: beside this program, or in ../libexec/switchyard.
[[nodiscard]] std::optional<std::string> find_sibling(const std::string& name);

// Becomes the program at `path`. Returns only if that fails: kIo.
[[nodiscard]] Status become(const std::string& path, const std::vector<std::string>& arguments);

// The pointers that exec and spawn take; `arguments` must outlive them.
[[nodiscard]] std::vector<char*> argument_pointers(std::vector<std::string>& arguments);

}  // namespace yard::cli
