// What the tools of this project need from their surroundings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yard::tools {

struct Environment {
  std::filesystem::path state;                    // the broker's state folder; tools keep theirs below it
  std::vector<std::filesystem::path> read_roots;  // file tools read only below these
  std::filesystem::path soundfont;                // the default soundfont; empty: none
  std::string configuration = "{}";               // the effective configuration as JSON, without secrets
};

}  // namespace yard::tools
