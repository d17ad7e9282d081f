#include "engine/graph/document.h"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/base/fd.h"
#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "engine/graph/limits.h"
#include "engine/graph/pointer.h"

namespace yard::graph {

namespace ondemand = simdjson::ondemand;

struct Document::Buffers {
  std::string json;
  ondemand::parser parser;
};

// Every read function returns false only when the file cannot be read any further: it is no JSON. What is JSON and yet
// wrong is a problem, and the reading goes on.
class DocumentReader {
 public:
  DocumentReader(Document& document, Problems& problems) : document_(document), problems_(problems) {}

  void read() {
    Document::Buffers& buffers = *document_.buffers_;
    // Usual sizes of rows: what is reserved and never needed was never touched.
    ScopeRows& scope = document_.scopes.emplace_back();
    scope.nodes.reserve(buffers.json.size() / 100);
    scope.connections.reserve(buffers.json.size() / 90);
    document_.ports.reserve(buffers.json.size() / 60);
    buffers.json.reserve(buffers.json.size() + simdjson::SIMDJSON_PADDING);
    ondemand::document json;
    const simdjson::padded_string_view view(buffers.json.data(), buffers.json.size(), buffers.json.capacity());
    ondemand::object root;
    if (failed(buffers.parser.iterate(view).get(json))) return refuse_syntax();
    ondemand::json_type type{};
    if (failed(json.type().get(type))) return refuse_syntax();
    if (type != ondemand::json_type::object) return refuse(ProblemCode::kWrongType, "", "a graph is an object");
    if (failed(json.get_object().get(root)) || !read_root(root)) return refuse_syntax();
    if (json.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      error_ = simdjson::TRAILING_CONTENT;
      refuse_syntax();
    }
  }

 private:
  using Value = ondemand::value;

  bool read_root(ondemand::object& root) {
    std::uint32_t seen = 0;
    constexpr std::array kNames = {std::string_view("nodes"),   std::string_view("connections"),
                                   std::string_view("modules"), std::string_view("instances"),
                                   std::string_view("options"), std::string_view("description"),
                                   std::string_view("metadata")};
    const bool whole = each_member(
        root, kNames, seen, [] { return std::string(); },
        [&](std::size_t member, Value& value) {
          ScopeRows& scope = document_.scopes.front();
          switch (member) {
            case 0: return read_nodes(value, 0, "/nodes");
            case 1: return read_connections(value, scope, "/connections");
            case 2: return read_modules(value);
            case 3: return read_instances(value, scope, "/instances");
            case 4:
              document_.options_place = place_ = place_of(value);
              return read_parameters(value, document_.options, [] { return std::string("/options"); });
            default: return read_note(member == 5, value, [&] { return make_pointer("", kNames[member]); });
          }
        });
    if (whole && (seen & 1) == 0) refuse(ProblemCode::kMissing, "/nodes", "a graph has nodes");
    return whole;
  }

  bool read_nodes(Value& value, std::size_t scope, const std::string& at) {
    std::size_t index = 0;
    return each_element(
        value, [&] { return at; },
        [&](Value& element) { return read_node(element, document_.scopes[scope].nodes.emplace_back(), at, index++); });
  }

  bool read_node(Value& value, NodeRow& row, const std::string& above, std::size_t index) {
    static constexpr std::array kNames = {std::string_view("id"),         std::string_view("type"),
                                          std::string_view("inputs"),     std::string_view("outputs"),
                                          std::string_view("parameters"), std::string_view("description"),
                                          std::string_view("metadata")};
    const auto at = [&] { return make_pointer(above, index); };
    row.place = place_ = place_of(value);
    return read_members(value, kNames, 0b11, at, [&](std::size_t member, Value& inner, const auto& here) {
      switch (member) {
        case 0: return read_string(inner, row.id, here);
        case 1: return read_string(inner, row.type, here);
        case 2: return read_ports(inner, row.inputs, here);
        case 3: return read_ports(inner, row.outputs, here);
        case 4: return read_parameters(inner, row.parameters, here);
        default: return read_note(member == 5, inner, here);
      }
    });
  }

  template <typename At>
  bool read_ports(Value& value, Range& range, const At& at) {
    static constexpr std::array kNames = {std::string_view("id"), std::string_view("type")};
    range = {static_cast<std::uint32_t>(document_.ports.size()), 0, true};
    return each_element(value, at, [&](Value& element) {
      const auto here = [&, index = range.count] { return make_pointer(at(), index); };
      ++range.count;
      PortRow& row = document_.ports.emplace_back();
      return read_members(element, kNames, 0b11, here, [&](std::size_t member, Value& inner, const auto& at_member) {
        return read_string(inner, member == 0 ? row.id : row.type, at_member);
      });
    });
  }

  template <typename At>
  bool read_parameters(Value& value, Range& range, const At& at) {
    range = {static_cast<std::uint32_t>(document_.parameters.size()), 0, true};
    ondemand::object object;
    bool is_object = false;
    if (!get_object(value, object, is_object, at)) return false;
    if (!is_object) return true;
    bool is_full = false;
    for (auto field : object) {
      ParameterRow row;
      Value inner;
      if (!read_key(field, {}, row.name, inner)) return false;
      if (!read_json(inner, row.json)) return false;
      if (range.count == kParametersMax) {
        if (!is_full) refuse(ProblemCode::kTooLarge, at(), "more than " + std::to_string(kParametersMax) + " members");
        is_full = true;
        continue;
      }
      for (std::uint32_t i = 0; i < range.count; ++i)
        if (document_.parameters[range.first + i].name == row.name)
          refuse(ProblemCode::kUnknownMember, make_pointer(at(), row.name), "stands there twice");
      document_.parameters.push_back(row);
      ++range.count;
    }
    return true;
  }

  bool read_connections(Value& value, ScopeRows& scope, const std::string& above) {
    static constexpr std::array kNames = {std::string_view("fromNode"), std::string_view("fromPort"),
                                          std::string_view("toNode"), std::string_view("toPort")};
    std::size_t index = 0;
    return each_element(
        value, [&] { return above; },
        [&](Value& element) {
          const auto at = [&, here = index] { return make_pointer(above, here); };
          ++index;
          ConnectionRow& row = scope.connections.emplace_back();
          row.place = place_ = place_of(element);
          return read_members(element, kNames, 0b1111, at, [&](std::size_t member, Value& inner, const auto& here) {
            std::string_view& place = member == 0   ? row.from_node
                                      : member == 1 ? row.from_port
                                      : member == 2 ? row.to_node
                                                    : row.to_port;
            return read_string(inner, place, here);
          });
        });
  }

  bool read_instances(Value& value, ScopeRows& scope, const std::string& above) {
    static constexpr std::array kNames = {std::string_view("id"), std::string_view("module"),
                                          std::string_view("parameters"), std::string_view("description"),
                                          std::string_view("metadata")};
    std::size_t index = 0;
    return each_element(
        value, [&] { return above; },
        [&](Value& element) {
          const auto at = [&, here = index] { return make_pointer(above, here); };
          ++index;
          InstanceRow& row = scope.instances.emplace_back();
          row.place = place_ = place_of(element);
          return read_members(element, kNames, 0b11, at, [&](std::size_t member, Value& inner, const auto& here) {
            if (member == 2) return read_parameters(inner, row.parameters, here);
            if (member > 2) return read_note(member == 3, inner, here);
            return read_string(inner, member == 0 ? row.id : row.module, here);
          });
        });
  }

  bool read_modules(Value& value) {
    std::size_t index = 0;
    return each_element(
        value, [] { return std::string("/modules"); },
        [&](Value& element) {
          document_.scopes.emplace_back().place = place_ = place_of(element);
          return read_module(element, document_.scopes.size() - 1, make_pointer("/modules", index++));
        });
  }

  bool read_module(Value& value, std::size_t at_scope, const std::string& at) {
    static constexpr std::array kNames = {
        std::string_view("id"),         std::string_view("nodes"),       std::string_view("connections"),
        std::string_view("instances"),  std::string_view("inputs"),      std::string_view("outputs"),
        std::string_view("parameters"), std::string_view("description"), std::string_view("metadata")};
    const auto pointer = [&] { return at; };
    return read_members(value, kNames, 0b11, pointer, [&](std::size_t member, Value& inner, const auto& here_pointer) {
      ScopeRows& scope = document_.scopes[at_scope];
      switch (member) {
        case 0: return read_string(inner, scope.id, here_pointer);
        case 1: return read_nodes(inner, at_scope, here_pointer());
        case 2: return read_connections(inner, scope, here_pointer());
        case 3: return read_instances(inner, scope, here_pointer());
        case 4: return read_ports(inner, scope.inputs, here_pointer);
        case 5: return read_ports(inner, scope.outputs, here_pointer);
        case 6: return read_parameters(inner, scope.parameters, here_pointer);
        default: return read_note(member == 7, inner, here_pointer);
      }
    });
  }

  // ---- JSON

  template <typename At, typename Each>
  bool each_element(Value& value, const At& at, const Each& each) {
    if (first_of(value) != '[') return refuse_type(value, at(), "an array");
    ondemand::array array;
    if (failed(value.get_array().get(array))) return false;
    for (auto element : array) {
      Value inner;
      if (failed(element.get(inner)) || !each(inner)) return false;
    }
    return true;
  }

  // `seen` gets a bit for each of `names` that the object has.
  // An object of known members, of which those of `wanted` must be there; calls read(member, value, its pointer). False
  // where nothing behind it can be read.
  template <std::size_t kCount, typename At, typename Read>
  bool read_members(Value& value, const std::array<std::string_view, kCount>& names, std::uint32_t wanted, const At& at,
                    const Read& read) {
    ondemand::object object;
    bool is_object = false;
    if (!get_object(value, object, is_object, at)) return false;
    if (!is_object) return true;
    std::uint32_t seen = 0;
    const bool whole = each_member(object, names, seen, at, [&](std::size_t member, Value& inner) {
      return read(member, inner, [&] { return make_pointer(at(), names[member]); });
    });
    if (whole) require(names, seen, wanted, at);
    return whole;
  }

  template <std::size_t kCount, typename At, typename Each>
  bool each_member(ondemand::object& object, const std::array<std::string_view, kCount>& names, std::uint32_t& seen,
                   const At& at, const Each& each) {
    std::size_t next = 0;  // members mostly come in the format's order
    for (auto field : object) {
      std::string_view name;
      Value value;
      if (!read_key(field, next < kCount ? names[next] : std::string_view(), name, value)) return false;
      if (next == kCount || names[next].data() != name.data())
        next = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
      if (next == kCount || (seen & (1u << next)) != 0) {
        if (at().empty()) place_ = place_of(value);
        refuse(ProblemCode::kUnknownMember, make_pointer(at(), name),
               next == kCount ? "a member " + printable(name) + " has no meaning here" : "stands there twice");
        std::string_view skipped;
        if (!read_json(value, skipped)) return false;
        continue;
      }
      seen |= 1u << next;
      if (!each(next, value)) return false;
      ++next;
    }
    return true;
  }

  template <std::size_t kCount, typename At>
  void require(const std::array<std::string_view, kCount>& names, std::uint32_t seen, std::uint32_t wanted,
               const At& at) {
    if ((seen & wanted) == wanted) return;
    for (std::size_t i = 0; i < kCount; ++i)
      if ((wanted & ~seen & (1u << i)) != 0)
        refuse(ProblemCode::kMissing, make_pointer(at(), names[i]), std::string(names[i]) + " is missing");
  }

  template <typename At>
  bool get_object(Value& value, ondemand::object& object, bool& is_object, const At& at) {
    is_object = first_of(value) == '{';
    if (!is_object) return refuse_type(value, at(), "an object");
    return !failed(value.get_object().get(object));
  }

  template <typename At>
  bool read_string(Value& value, std::string_view& text, const At& at) {
    text = value.raw_json_token();
    if (!text.starts_with('"')) return text = {}, refuse_type(value, at(), "a string");
    trim(text);
    if (text.find('\\') != std::string_view::npos) return !failed(value.get_string().get(text));
    // Without escapes it is what the file has between the quotes, and nothing has to be copied.
    if (text.size() < 2 || text.back() != '"') return !failed(simdjson::STRING_ERROR);
    text = text.substr(1, text.size() - 2);
    return true;
  }

  // `name` is `expected` itself where that is what comes, which saves looking for the key's end.
  bool read_key(simdjson::simdjson_result<ondemand::field>& field, std::string_view expected, std::string_view& name,
                Value& value) {
    ondemand::raw_json_string raw;
    if (failed(field.key().get(raw))) return false;
    const char* end = raw.raw() + expected.size();
    if (!expected.empty() && std::memcmp(raw.raw(), expected.data(), expected.size()) == 0 && *end == '"') {
      name = expected;
      return !failed(field.value().get(value));
    }
    end = raw.raw();
    while (*end != '"' && *end != '\\') ++end;  // the reader has seen that there is a quote
    if (*end == '"')
      name = {raw.raw(), static_cast<std::size_t>(end - raw.raw())};
    else if (failed(field.unescaped_key().get(name)))
      return false;
    return !failed(field.value().get(value));
  }

  static void trim(std::string_view& token) {
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t'))
      token.remove_suffix(1);
  }

  // What a document may say and graphs don't care about.
  template <typename At>
  bool read_note(bool is_description, Value& value, const At& at) {
    if (is_description && first_of(value) != '"') return refuse_type(value, at(), "a string");
    std::string_view json;
    if (!read_json(value, json)) return false;
    if (parse_json(json)) return true;
    error_ = simdjson::TAPE_ERROR;
    return false;
  }

  // The text of a value. A scalar's is not looked at: whether `NaN` is a value is for who wants a number to say.
  bool read_json(Value& value, std::string_view& json) {
    const char first = first_of(value);
    if (first == '{') {
      ondemand::object object;
      return !failed(value.get_object().get(object)) && !failed(object.raw_json().get(json));
    }
    if (first == '[') {
      ondemand::array array;
      return !failed(value.get_array().get(array)) && !failed(array.raw_json().get(json));
    }
    json = value.raw_json_token();
    trim(json);
    return true;
  }

  static char first_of(Value& value) {
    const std::string_view token = value.raw_json_token();
    return token.empty() ? '\0' : token.front();
  }
  std::uint32_t place_of(Value& value) const {
    return static_cast<std::uint32_t>(value.raw_json_token().data() - document_.buffers_->json.data());
  }

  // ---- problems

  bool failed(simdjson::error_code error) {
    if (error != simdjson::SUCCESS && error_ == simdjson::SUCCESS) error_ = error;
    return error != simdjson::SUCCESS;
  }
  void refuse(ProblemCode code, std::string pointer, std::string message) {
    if (problems_.size() < kProblemsMax) problems_.push_back({code, std::move(pointer), std::move(message), place_});
  }
  bool refuse_type(Value& value, std::string pointer, const char* wanted) {
    std::string_view skipped;
    refuse(ProblemCode::kWrongType, std::move(pointer), std::string("has to be ") + wanted);
    return read_json(value, skipped);
  }
  // Alone: what was read before may be as wrong as what comes behind.
  void refuse_syntax() {
    problems_.clear();
    refuse(ProblemCode::kSyntax, "", std::string("no JSON: ") + simdjson::error_message(error_));
  }

  Document& document_;
  Problems& problems_;
  simdjson::error_code error_ = simdjson::SUCCESS;
  std::uint32_t place_ = 0;
};

Document::Document() : buffers_(std::make_unique<Buffers>()) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document Document::parse(std::string json, Problems& problems) {
  Document document;
  if (json.size() > kDocumentBytesMax) {
    problems.push_back({ProblemCode::kTooLarge, "", "the document is larger than 2 GiB"});
    document.scopes.emplace_back();
    return document;
  }
  document.buffers_->json = std::move(json);
  DocumentReader(document, problems).read();
  return document;
}

Result<std::string> read_document(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!file || fstat(file.get(), &info) != 0) return fail(ErrorCode::kIo, path + ": " + std::strerror(errno));
  std::string json;
  json.reserve(static_cast<std::size_t>(info.st_size) + simdjson::SIMDJSON_PADDING + 1);
  for (;;) {
    const std::size_t had = json.size();
    if (had > kDocumentBytesMax) return fail(ErrorCode::kTooLarge, path + " is larger than 2 GiB");
    const std::size_t room = std::max<std::size_t>(json.capacity() - had, 65'536);
    ssize_t got = 0;
    json.resize_and_overwrite(had + room, [&](char* data, std::size_t) {
      got = ::read(file.get(), data + had, room);
      return had + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    });
    if (got < 0) return fail(ErrorCode::kIo, path + ": " + std::strerror(errno));
    if (got == 0) return json;
  }
}

}  // namespace yard::graph
