// JSON: looking into a value by a pointer (RFC 6901), and making values. Values are canonical text: compact, with the
// members of an object in order, so that equal values are equal bytes.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/kinds/families.h"

namespace yard::graph {
namespace {

using nlohmann::json;
using Json = In<DataType::kJson>;
using JsonOut = Out<DataType::kJson>;
using StringOut = Out<DataType::kString>;

struct PointerSettings {
  json::json_pointer pointer;
  static Result<PointerSettings> make(const Parameters& parameters) {
    try {
      return PointerSettings{json::json_pointer(std::string(parameters.text("pointer")))};
    } catch (const json::exception&) {
      return fail(ErrorCode::kInvalidArguments, "is no JSON pointer", "/pointer");
    }
  }
};

Text canonical(const json& value) { return Text(value.dump(-1, ' ', false, json::error_handler_t::replace)); }

OrFault<json> at(const PointerSettings& settings, const Json& x) {
  const Result<json> whole = parse_json(x.view().empty() ? "null" : x.view());
  if (!whole) return fault(FaultCode::kBadInput, "no JSON");
  try {  // not only what is missing is thrown, an index beyond 64 bits is, too
    return whole->at(settings.pointer);
  } catch (const json::exception&) {
    return fault(FaultCode::kNotFound, "nothing at " + settings.pointer.to_string());
  }
}

struct JsonAt {
  using Settings = PointerSettings;
  OrFault<JsonOut> operator()(const Settings& settings, Json x) const {
    const OrFault<json> found = at(settings, x);
    if (!found) return std::unexpected(found.error());
    return JsonOut{canonical(*found)};
  }
};

template <typename T>
struct JsonScalar {
  using Settings = PointerSettings;
  OrFault<T> operator()(const Settings& settings, Json x) const {
    const OrFault<json> found = at(settings, x);
    if (!found) return std::unexpected(found.error());
    const bool fits = std::is_same_v<T, bool>     ? found->is_boolean()
                      : std::is_same_v<T, double> ? found->is_number()
                                                  : found->is_number_integer() && !is_above_int64(*found);
    if (!fits) return fault(FaultCode::kBadInput, "of another type at " + settings.pointer.to_string());
    return found->get<T>();
  }

 private:
  static bool is_above_int64(const json& number) {
    return number.is_number_unsigned() && number.get<std::uint64_t>() > INT64_MAX;
  }
};

struct JsonString {
  using Settings = PointerSettings;
  OrFault<StringOut> operator()(const Settings& settings, Json x) const {
    const OrFault<json> found = at(settings, x);
    if (!found) return std::unexpected(found.error());
    if (!found->is_string()) return fault(FaultCode::kBadInput, "no string at " + settings.pointer.to_string());
    return StringOut{Text(found->get<std::string>())};
  }
};

struct ParseJson {
  OrFault<JsonOut> operator()(In<DataType::kString> x) const {
    const Result<json> value = parse_json(x.view());
    if (!value) return fault(FaultCode::kBadInput, value.error().message);
    return JsonOut{canonical(*value)};
  }
};

template <typename T>
struct ToJson {
  JsonOut operator()(T x) const { return {canonical(json(x))}; }
};
template <DataType kType>
struct ToJson<In<kType>> {
  JsonOut operator()(In<kType> x) const { return {canonical(json(x.view()))}; }
};

struct PathSettings {
  std::vector<std::string> path;
  static Result<PathSettings> make(const Parameters& parameters) {
    YARD_TRY(PointerSettings settings, PointerSettings::make(parameters));
    PathSettings made;
    for (; !settings.pointer.empty(); settings.pointer.pop_back()) made.path.push_back(settings.pointer.back());
    std::ranges::reverse(made.path);
    return made;
  }
};

// Where `token` leads to from `at`; what is missing is made, but an array grows by one at most. nullptr: no way.
json* descend(json& at, const std::string& token) {
  if (at.is_null()) at = json::object();
  if (at.is_object()) return &at[token];
  if (!at.is_array()) return nullptr;
  std::size_t index = at.size();
  if (token != "-") {
    const auto [end, problem] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (problem != std::errc() || end != token.data() + token.size() || index > at.size()) return nullptr;
  }
  if (index == at.size()) at.push_back(nullptr);
  return &at[index];
}

template <typename T>
struct JsonPut {
  using Settings = PathSettings;
  OrFault<JsonOut> operator()(const Settings& settings, Json x, T value) const {
    Result<json> whole = parse_json(x.view().empty() ? "null" : x.view());
    if (!whole) return fault(FaultCode::kBadInput, "no JSON");
    json* at = &*whole;
    for (const std::string& token : settings.path) {
      at = descend(*at, token);
      if (at == nullptr) return fault(FaultCode::kNotFound, "no place for " + token);
    }
    *at = json_of(value);
    Text text = canonical(*whole);
    if (text.view().size() > kMadeTextBytesMax) return fault(FaultCode::kTooLarge, "the document is longer than 1 MiB");
    return JsonOut{std::move(text)};
  }

 private:
  static json json_of(T value) {
    if constexpr (std::is_same_v<T, Json>)
      return json::parse(value.view().empty() ? "null" : value.view(), nullptr, false);
    else if constexpr (std::is_same_v<T, In<DataType::kString>>)
      return value.view();
    else
      return value;
  }
};

}  // namespace

void add_json(std::vector<Kind>& kinds) {
  using std::int64_t;
  kinds.push_back({.name = "JsonAt",
                   .summary = "What is in x at a pointer, as JSON or as the type that the output is declared with.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .parameters = {{.name = "pointer", .type = DataType::kString}},
                   .overloads = {overload<JsonAt>(), overload<JsonScalar<bool>>(), overload<JsonScalar<int64_t>>(),
                                 overload<JsonScalar<double>>(), overload<JsonString>()}});
  kinds.push_back({.name = "JsonPut",
                   .summary = "x with the value at a pointer.",
                   .inputs = {{"x"}, {"value"}},
                   .outputs = {"out"},
                   .parameters = {{.name = "pointer", .type = DataType::kString}},
                   .overloads = {overload<JsonPut<Json>>(), overload<JsonPut<bool>>(), overload<JsonPut<int64_t>>(),
                                 overload<JsonPut<double>>(), overload<JsonPut<In<DataType::kString>>>()}});
  kinds.push_back({.name = "ParseJson",
                   .summary = "The JSON that x spells.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<ParseJson>()}});
  kinds.push_back({.name = "ToJson",
                   .summary = "x as JSON.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<ToJson<bool>>(), overload<ToJson<int64_t>>(), overload<ToJson<double>>(),
                                 overload<ToJson<In<DataType::kString>>>()}});
}

}  // namespace yard::graph
