// What a tool's program says on its stdout, line by line.
#pragma once

#include <string_view>
#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/error.h"
#include "engine/base/result.h"
#include "jobs/executor.h"

namespace yard::jobs {

// {"result":{…}}
struct ToolResult {
  Bytes packed;  // one msgpack map
};

// {"error":{"message":"…","code":"…"}}
struct ToolError {
  Error error;
};

using ToolLine = std::variant<Progressed, Chunked, Logged, ToolResult, ToolError>;

// Reads one line of the protocol in README.md. percent is clamped to 0..100.
//
// Errors: kToolFailed, with a message that quotes the line's beginning and says what is wrong with it.
[[nodiscard]] Result<ToolLine> parse_tool_line(std::string_view line);

}  // namespace yard::jobs
