#include "clients/cli/output.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace yard::cli {
namespace {

// Characters rather than bytes: good enough for columns.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

std::string one_line(std::string_view text) {
  std::string line = without_controls(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::string without_controls(std::string_view text) {
  std::string shown(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == '\t') shown[i] = ' ';
    if (is_control(shown[i]) && shown[i] != '\n') shown[i] = '?';
    // U+0080 to U+009F: the other control characters, as two bytes.
    const bool is_c1 = i + 1 < shown.size() && shown[i] == '\xC2' && static_cast<unsigned char>(shown[i + 1]) < 0xA0;
    if (is_c1) shown[i] = shown[i + 1] = '?';
  }
  return shown;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    text += indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    while (text.ends_with(' ')) text.pop_back();
    text += '\n';
  }
  return text;
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (column > 0 && column + 1 + width_of(word) > width) {
      lines += '\n';
      column = 0;
    }
    lines += column == 0 ? indent : " ";
    lines += word;
    column += width_of(word) + (column == 0 ? indent.size() : 1);
  }
  return lines + "\n";
}

std::string compact(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string readable(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string clock_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1'000;
  std::tm local{};
  char text[32] = {};
  if (localtime_r(&seconds, &local) == nullptr || std::strftime(text, sizeof text, "%H:%M:%S", &local) == 0) return "?";
  char whole[48] = {};
  std::snprintf(whole, sizeof whole, "%s.%03d", text, static_cast<int>(unix_ms % 1'000));
  return whole;
}

std::string date_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1'000;
  std::tm local{};
  char text[48] = {};
  if (localtime_r(&seconds, &local) == nullptr || std::strftime(text, sizeof text, "%F %T", &local) == 0) return "?";
  return text;
}

std::string duration(double milliseconds) {
  char text[48] = {};
  if (milliseconds < 1'000) {
    std::snprintf(text, sizeof text, milliseconds < 10 ? "%.2f ms" : "%.0f ms", milliseconds);
  } else if (milliseconds < 120'000) {
    std::snprintf(text, sizeof text, "%.1f s", milliseconds / 1'000);
  } else {
    const auto seconds = static_cast<long long>(std::llround(milliseconds / 1'000));
    std::snprintf(text, sizeof text, "%lld min %lld s", seconds / 60, seconds % 60);
  }
  return text;
}

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

bool print_line(std::string_view text) { return print(std::string(text) + "\n"); }

}  // namespace yard::cli
