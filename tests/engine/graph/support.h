// Graphs for tests: loaded from text, with the problems as lines.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/graph/load.h"
#include "engine/kinds/standard.h"

namespace yard::graph::testing {

// "code pointer", one a problem.
inline std::vector<std::string> problems_of(const std::string& json) {
  const auto image = load_graph(json, standard_kinds());
  std::vector<std::string> lines;
  if (image) return lines;
  for (const Problem& problem : image.error())
    lines.push_back(std::string(name_of(problem.code)) + " " + problem.pointer);
  return lines;
}

inline std::vector<std::string> messages_of(const std::string& json) {
  const auto image = load_graph(json, standard_kinds());
  std::vector<std::string> lines;
  if (image) return lines;
  for (const Problem& problem : image.error()) lines.push_back(problem.message);
  return lines;
}

inline std::shared_ptr<const Image> load(const std::string& json) {
  auto image = load_graph(json, standard_kinds());
  if (image) return *image;
  for (const Problem& problem : image.error())
    ADD_FAILURE() << problem.pointer << ": " << problem.message << " (" << name_of(problem.code) << ")";
  return nullptr;
}

}  // namespace yard::graph::testing
