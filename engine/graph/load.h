// From a document to an image, or to everything that is wrong with it.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "engine/graph/image.h"
#include "engine/graph/problem.h"

namespace yard::graph {

// Loads the graph that `json` describes, as FORMAT.md has it. All problems of a document are reported, in its order (at
// most kProblemsMax of them), or else there is an image: never a part of one.
//
// `json` is read without a copy if it has 64 bytes of capacity beyond its size, as read_document gives it.
// Threads: any.
[[nodiscard]] std::expected<std::shared_ptr<const Image>, Problems> load_graph(std::string json,
                                                                               std::shared_ptr<const Kinds> kinds);

}  // namespace yard::graph
