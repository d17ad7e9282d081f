// Input: a schema, a zero byte, then a value as JSON or as msgpack. Neither may crash the checker.
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/base/check.h"
#include "engine/base/pack_json.h"
#include "tests/fuzz/fuzz.h"
#include "tools/schema.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yard;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t border = input.find('\0');
  const auto schema = tools::Schema::compile(input.substr(0, border));
  if (!schema) {
    YARD_CHECK(schema.error().code == ErrorCode::kBadRequest);
    return 0;
  }
  const std::string_view rest = border == std::string_view::npos ? std::string_view{} : input.substr(border + 1);
  const auto value = nlohmann::json::parse(rest, nullptr, /*allow_exceptions=*/false);
  const Bytes bytes = value.is_discarded() ? Bytes(rest) : pack(value);
  if (!check_pack(bytes)) return 0;
  const Status status = schema->check(PackView(bytes));
  YARD_CHECK(status || status.error().code == ErrorCode::kInvalidArguments);
  YARD_CHECK(schema->check(PackView(bytes)) == status);
  return 0;
}
