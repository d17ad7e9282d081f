// The few calls on a file descriptor that these tools need.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/fd.h"
#include "engine/base/result.h"

namespace yard::tools {

// kIo with errno's text, or what to do about it where that is known (a full disk, a quota).
[[nodiscard]] std::unexpected<Error> io_error(std::string_view what, int error_number);

// Opens a folder, only to work below it.
[[nodiscard]] Result<Fd> open_folder(const std::filesystem::path& folder);

// Opens `path` below `folder` for reading. Leaves it by no `..`, symbolic link or /proc link.
// Errors: errno, so that the caller can tell absent (ENOENT) from outside (EXDEV, ELOOP).
[[nodiscard]] std::expected<Fd, int> open_beneath(int folder, const std::filesystem::path& path, std::uint64_t flags,
                                                  std::uint64_t resolve);

[[nodiscard]] Status write_all(int file, BytesView bytes);

// Reads at `offset` until `size` bytes are there or the file ends, into `out` (replaced).
[[nodiscard]] Status read_at(int file, std::uint64_t offset, std::size_t size, Bytes& out);

[[nodiscard]] Result<std::uint64_t> size_of(int file);

}  // namespace yard::tools
