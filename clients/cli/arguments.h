// A tool's arguments, from the command line.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard::cli {

// Reads a whole file; "-" is standard input. Errors: kIo, kTooLarge.
using ReadFile = std::function<Result<Bytes>(const std::string& path)>;
[[nodiscard]] Result<Bytes> read_file(const std::string& path);

// The same for a file of at most `bytes_max`, where read_file() takes what fits into a request.
[[nodiscard]] Result<Bytes> read_file_up_to(const std::string& path, std::size_t bytes_max);

// Makes the msgpack map that `assignments` spell, each "key=value", typed by the tool's schema of its
// arguments: strings are taken literally, everything else is JSON. What the schema doesn't know is JSON
// if it parses and a string otherwise; the broker judges it.
//
//   key=@file     the file's text, or its bytes where the schema says contentEncoding: base64
//   key=@@text    the text "@text"
//
// Errors: kBadRequest and kInvalidArguments (with a pointer) for what the caller wrote, read's errors.
[[nodiscard]] Result<Bytes> pack_assignments(std::span<const std::string> assignments, const nlohmann::json& schema,
                                             const ReadFile& read);

// Makes the msgpack of a whole argument map: JSON, or "@file" with JSON in it.
[[nodiscard]] Result<Bytes> pack_arguments(std::string_view text, const ReadFile& read);

}  // namespace yard::cli
