#include "engine/graph/value.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/base64.h"
#include "engine/base/check.h"
#include "engine/base/pack_json.h"

namespace yard::graph {
namespace {

using nlohmann::json;

std::unexpected<Error> refuse(const char* why) { return fail(ErrorCode::kInvalidArguments, why); }

std::size_t digits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end - at;
}

// JSON's grammar, which from_chars is more generous than: no inf, no nan, no leading zeros, digits around the point.
bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits(text, ++at);
    if (fraction == 0) return false;
    at += fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = digits(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

template <typename T>
std::from_chars_result read_number(std::string_view text, T& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number);
}

Result<ParameterValue> parse_double(std::string_view text) {
  if (text.empty()) return 0.0;
  double number = 0;
  if (!is_number(text)) return refuse("has to be a number");
  if (read_number(text, number).ec != std::errc()) return refuse("does not fit double");
  return number;
}

Result<ParameterValue> parse_int64(std::string_view text) {
  if (text.empty()) return std::int64_t{0};
  if (!is_number(text)) return refuse("has to be a whole number");
  std::int64_t number = 0;
  const auto read = read_number(text, number);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return number;
  double real = 0;
  if (read.ec != std::errc() || read_number(text, real).ec != std::errc() || !(real >= -0x1p63 && real < 0x1p63))
    return refuse("does not fit int64");
  if (real != std::trunc(real)) return refuse("has to be a whole number");
  return static_cast<std::int64_t>(real);
}

Result<std::string> parse_string(std::string_view text) {
  if (text.empty()) return std::string();
  if (text.front() != '"') return refuse("has to be a string");
  // A plain one needs no parser; what a string may hold was checked when the document was read.
  if (text.size() >= 2 && text.find('\\') == std::string_view::npos)
    return std::string(text.substr(1, text.size() - 2));
  const auto value = parse_json(text);
  if (!value || !value->is_string()) return refuse("has to be a string");
  return value->get<std::string>();
}

Result<ParameterValue> parse_bytes(std::string_view text) {
  YARD_TRY(const std::string encoded, parse_string(text));
  auto bytes = from_base64(encoded);
  if (!bytes) return refuse("has to be base64");
  return Text(*std::move(bytes));
}

Result<ParameterValue> parse_any(std::string_view text) {
  const auto value = parse_json(text.empty() ? "null" : text);
  if (!value) return refuse(value.error().code == ErrorCode::kTooLarge ? "is nested too deep" : "is no JSON");
  return Text(value->dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

Result<ParameterValue> parse_value(std::string_view text, DataType type) {
  switch (type) {
    case DataType::kBool:
      if (!text.empty() && text != "true" && text != "false") return refuse("has to be true or false");
      return text == "true";
    case DataType::kInt64: return parse_int64(text);
    case DataType::kDouble: return parse_double(text);
    case DataType::kString: {
      YARD_TRY(std::string string, parse_string(text));
      return Text(std::move(string));
    }
    case DataType::kBytes: return parse_bytes(text);
    case DataType::kJson: return parse_any(text);
  }
  return refuse("is of no type");
}

Cell to_cell(const ParameterValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return Cell(*boolean);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return Cell(*integer);
  const auto* real = std::get_if<double>(&value);
  YARD_CHECK(real != nullptr);
  return Cell(*real);
}

}  // namespace yard::graph
