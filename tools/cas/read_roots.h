// Files that callers name: only below the folders that the configuration allows.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "engine/base/result.h"
#include "tools/cas/fd.h"

namespace yard::tools {

// Opens the regular file `path` for reading: an absolute path below one of `roots`, or a relative one,
// looked up below each of them in turn. Symbolic links are followed as long as they stay below.
//
// Errors: kDenied outside the roots and for devices, FIFOs, sockets and folders; kNotFound; kIo.
//         A device or FIFO is never opened, only looked at.
[[nodiscard]] Result<Fd> open_readable(std::span<const std::filesystem::path> roots, std::string_view path);

}  // namespace yard::tools
