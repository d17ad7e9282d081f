// How things are shown to people and programs.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace yard::cli {

// `text` without control characters: UTF-8 stays, line breaks and tabs become spaces, the rest '?'.
[[nodiscard]] std::string one_line(std::string_view text);

// The same with line breaks kept.
[[nodiscard]] std::string without_controls(std::string_view text);

// Columns aligned, two spaces between; the first row is the heading. The last column is not padded.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view indent = "");

// `text` broken at spaces to lines of at most `width`, each behind `indent`.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);

// JSON on one line, or readable over several.
[[nodiscard]] std::string compact(const nlohmann::json& value);
[[nodiscard]] std::string readable(const nlohmann::json& value);

// "14:03:07.125", local time.
[[nodiscard]] std::string clock_time(std::int64_t unix_ms);

// "2026-03-01 14:03:07", local time.
[[nodiscard]] std::string date_time(std::int64_t unix_ms);

// "0.4 ms", "3.2 s", "4 min 10 s".
[[nodiscard]] std::string duration(double milliseconds);

// Writes to stdout at once. False when nobody reads it any more.
bool print(std::string_view text);
bool print_line(std::string_view text);

}  // namespace yard::cli
