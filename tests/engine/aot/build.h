// Programs and libraries made of generated code by the compiler of this machine.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "tests/support/temp_dir.h"

namespace yard::graph::testing {

inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Runs a command and says what it printed if it fails.
inline bool run(const std::string& command, const std::filesystem::path& log) {
  const int status = std::system((command + " >" + log.string() + " 2>&1").c_str());
  if (status != 0) ADD_FAILURE() << command << "\n" << read_file(log).substr(0, 4'000);
  return status == 0;
}

// What generated code promises to be free of.
inline constexpr const char* kWarnings = " -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror ";

}  // namespace yard::graph::testing
