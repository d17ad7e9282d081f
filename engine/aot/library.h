// A graph's code as a shared library: built, and loaded into a world.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/graph/image.h"
#include "engine/world/compiled.h"

namespace yard::graph::aot {

// Compiles what generate() has written to the library `out`, with the compiler that $CXX names, else `c++`, for any
// machine of this kind. Blocks as long as that takes: some seconds for 100,000 nodes.
//
// Errors: kUnavailable (no compiler, nowhere to write), kInternal with what the compiler said first.
[[nodiscard]] Status build_library(const std::string& header, const std::filesystem::path& out);

// Loads a library for `image`, which must outlive what comes of it. The library's code runs within this process and is
// trusted like any other of it: load none that you have not built.
//
// Errors: kNotFound (no library), kUnsupported (none of ours, or of another version), kConflict (of another graph, or
//         laid out in another way).
[[nodiscard]] Result<std::shared_ptr<CompiledNodes>> load_library(const std::filesystem::path& path,
                                                                  const Image& image);

}  // namespace yard::graph::aot
