#include "tools/worker_tool.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "tools/registry.h"

namespace yard::tools {
namespace {

constexpr Millis kDurationMax = std::chrono::days(366);

struct FlagField {
  std::string_view name;
  bool ToolSpec::* member;
};
constexpr std::array kFlags = {
    FlagField{"streams", &ToolSpec::streams},       FlagField{"read_only", &ToolSpec::read_only},
    FlagField{"idempotent", &ToolSpec::idempotent}, FlagField{"destructive", &ToolSpec::destructive},
    FlagField{"open_world", &ToolSpec::open_world}, FlagField{"deterministic", &ToolSpec::deterministic},
};

struct TextField {
  std::string_view name;
  std::string ToolSpec::* member;
};
constexpr std::array kTexts = {
    TextField{"name", &ToolSpec::name},
    TextField{"title", &ToolSpec::title},
    TextField{"description", &ToolSpec::description},
};
constexpr std::array kSchemas = {
    TextField{"arguments", &ToolSpec::arguments},
    TextField{"result", &ToolSpec::result},
};

struct CountField {
  std::string_view name;
  std::uint32_t ToolSpec::* member;
};
constexpr std::array kCounts = {
    CountField{"version", &ToolSpec::version},
    CountField{"concurrency_max", &ToolSpec::concurrency_max},
};

struct TimeField {
  std::string_view name;
  Millis ToolSpec::* member;
};
constexpr std::array kTimes = {
    TimeField{"wait_ms", &ToolSpec::wait},
    TimeField{"timeout_ms", &ToolSpec::timeout},
    TimeField{"result_ttl_ms", &ToolSpec::result_ttl},
};

template <typename Fields>
const auto* find(const Fields& fields, std::string_view name) {
  const auto* found = std::ranges::find(fields, name, [](const auto& field) { return field.name; });
  return found == fields.end() ? nullptr : found;
}

// Sets `place` where there is a value.
template <typename T>
bool set(T& place, std::optional<T> value) {
  if (!value) return false;
  place = *std::move(value);
  return true;
}

std::optional<std::string> text(PackView value) {
  const auto found = value.string();
  return found ? std::optional(std::string(*found)) : std::nullopt;
}

template <typename T>
std::optional<T> natural(PackView value, std::int64_t most) {
  const auto found = value.integer();
  return found && *found >= 0 && *found <= most ? std::optional(T(*found)) : std::nullopt;
}

std::optional<TimeoutClass> timeout_class(PackView value) {
  for (const auto each : {TimeoutClass::kShort, TimeoutClass::kMedium, TimeoutClass::kLong}) {
    if (value.string_or("") == name_of(each)) return each;
  }
  return std::nullopt;
}

// Nothing for a name that no declaration has.
std::optional<bool> read_field(ToolSpec& spec, std::string_view name, PackView value) {
  if (const auto* field = find(kTexts, name)) return set(spec.*field->member, text(value));
  if (const auto* field = find(kFlags, name)) return set(spec.*field->member, value.boolean());
  if (const auto* field = find(kTimes, name))
    return set(spec.*field->member, natural<Millis>(value, kDurationMax.count()));
  if (const auto* field = find(kCounts, name))
    return set(spec.*field->member, natural<std::uint32_t>(value, std::numeric_limits<std::uint32_t>::max()));
  if (const auto* field = find(kSchemas, name)) {
    spec.*field->member = to_json(value).dump();
    return value.type() == PackType::kMap;
  }
  if (name == "resources") {
    auto amounts = jobs::read_amounts(value);
    if (amounts) spec.handler = WorkerHandler{.resources = *std::move(amounts)};
    return amounts.has_value();
  }
  if (name == "kind") return value.string_or("") == name_of(ToolKind::kJob);
  if (name == "timeout_class") return set(spec.timeout_class, timeout_class(value));
  if (name == "grade") return set(spec.grade, jobs::parse_grade(value.string_or("")));
  return std::nullopt;
}

Bytes declaration(const ToolSpec& spec) {
  Bytes bytes;
  PackWriter writer(bytes);
  {
    PackMap map(writer);
    write_tool(map, spec, /*with_schemas=*/true);
  }
  return bytes;
}

}  // namespace

Result<ToolSpec> read_worker_tool(PackView map) {
  ToolSpec spec;
  spec.kind = ToolKind::kJob;
  spec.arguments = spec.result = R"({"type": "object"})";
  spec.handler = WorkerHandler{};
  if (map.type() != PackType::kMap) return fail(ErrorCode::kBadRequest, "a tool is declared by a map");
  Status status;
  map.each_pair([&](std::string_view name, PackView value) {
    const auto good = read_field(spec, name, value);
    if (good && *good) return;
    status = fail(ErrorCode::kBadRequest, "tool " + printable(spec.name) + ": field " + printable(name) +
                                              (good ? " has a value that it can't have" : " is unknown"));
  });
  if (!status) return std::unexpected(std::move(status).error());
  return spec;
}

bool is_same_declaration(const ToolSpec& left, const ToolSpec& right) {
  return declaration(left) == declaration(right);
}

}  // namespace yard::tools
