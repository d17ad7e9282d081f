#include "tools/cas/tools.h"

#include <algorithm>
#include <string>

#include "engine/base/utf8.h"
#include "tools/bytes_argument.h"
#include "tools/cas/arguments.h"
#include "tools/cas/read_roots.h"

namespace yard::tools {
namespace {

constexpr std::size_t kInlineBytesMax = 1 << 20;  // of content in one reply: replies are frames, not files
constexpr std::size_t kPreviewBytes = 256;
constexpr std::size_t kPreviewOctets = 32;  // of content that is no text, as hex

constexpr std::string_view kStoredSchema = R"json({
  "type": "object",
  "properties": {
    "hash": {"type": "string", "description": "Name of the content: blake2b-256: and 64 hex digits"},
    "size": {"type": "integer", "description": "Bytes"},
    "mime_type": {"type": "string", "description": "The media type remembered for this content"}
  },
  "required": ["hash", "size", "mime_type"]
})json";

constexpr std::string_view kStoreArguments = R"json({
  "type": "object",
  "properties": {
    "data": {"type": "string", "contentEncoding": "base64", "description": "The content: base64 text in JSON, a binary in msgpack"},
    "mime_type": {"type": "string", "minLength": 3, "maxLength": 255, "default": "application/octet-stream",
                  "description": "Media type, such as audio/midi or text/vnd.abc"}
  },
  "required": ["data"],
  "additionalProperties": false
})json";

constexpr std::string_view kUploadArguments = R"json({
  "type": "object",
  "properties": {
    "file_path": {"type": "string", "minLength": 1, "maxLength": 4096,
                  "description": "A regular file on the broker's machine, below one of its read_roots; relative paths are looked up below each of them"},
    "mime_type": {"type": "string", "minLength": 3, "maxLength": 255, "default": "application/octet-stream",
                  "description": "Media type, such as audio/wav or audio/x-soundfont"}
  },
  "required": ["file_path"],
  "additionalProperties": false
})json";

constexpr std::string_view kGetArguments = R"json({
  "type": "object",
  "properties": {
    "hash": {"type": "string", "description": "Name of the content, as cas_store answered it"},
    "offset": {"type": "integer", "minimum": 0, "maximum": 4294967296, "default": 0, "description": "First byte wanted"},
    "length": {"type": "integer", "minimum": 0, "maximum": 1048576,
               "description": "Bytes wanted, at most 1 MiB; without it the rest of the content"}
  },
  "required": ["hash"],
  "additionalProperties": false
})json";

constexpr std::string_view kGetResult = R"json({
  "type": "object",
  "properties": {
    "hash": {"type": "string"},
    "size": {"type": "integer", "description": "Bytes of the whole content"},
    "mime_type": {"type": "string"},
    "offset": {"type": "integer", "description": "Where data begins in the content"},
    "data": {"type": "string", "contentEncoding": "base64"}
  },
  "required": ["hash", "size", "mime_type", "offset", "data"]
})json";

constexpr std::string_view kInspectArguments = R"json({
  "type": "object",
  "properties": {"hash": {"type": "string", "description": "Name of the content"}},
  "required": ["hash"],
  "additionalProperties": false
})json";

constexpr std::string_view kInspectResult = R"json({
  "type": "object",
  "properties": {
    "hash": {"type": "string"},
    "exists": {"type": "boolean"},
    "size": {"type": "integer", "description": "Bytes; only where it exists"},
    "mime_type": {"type": "string", "description": "Only where it exists"},
    "preview": {"type": "string", "description": "The beginning: text as it is, anything else as hex: and its first 32 bytes"}
  },
  "required": ["hash", "exists"]
})json";

constexpr std::string_view kStatsResult = R"json({
  "type": "object",
  "properties": {
    "total_items": {"type": "integer"},
    "total_bytes": {"type": "integer"},
    "cas_dir": {"type": "string", "description": "The store's folder on the broker's machine"}
  },
  "required": ["total_items", "total_bytes", "cas_dir"]
})json";

void write_object(PackMap& map, const CasObject& object) {
  map.string("hash", object.hash.text()).natural("size", object.size).string("mime_type", object.mime_type);
}

Result<CasObject> known_object(const Cas& cas, const ContentHash& hash) {
  YARD_TRY(auto object, cas.inspect(hash));
  if (!object) return fail(ErrorCode::kNotFound, hash.text() + " is not stored here", "/hash");
  return *std::move(object);
}

// Cuts a character that the end tears apart.
std::string_view whole_characters(std::string_view text) {
  for (std::size_t cut = 0; cut < 4 && cut <= text.size(); ++cut) {
    const std::string_view shorter = text.substr(0, text.size() - cut);
    if (is_utf8(shorter)) return shorter;
  }
  return {};
}

bool is_readable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
  });
}

std::string preview_of(std::string_view beginning) {
  const std::string_view text = whole_characters(beginning);
  if ((!text.empty() || beginning.empty()) && is_readable(text)) return std::string(text);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex = "hex:";
  for (const char c : beginning.substr(0, kPreviewOctets)) {
    hex += kHex[static_cast<unsigned char>(c) >> 4];
    hex += kHex[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

class CasTools {
 public:
  CasTools(Cas& cas, Environment environment, StoredHook on_stored)
      : cas_(cas), environment_(std::move(environment)), on_stored_(std::move(on_stored)) {}

  Status store(PackView arguments, jobs::JobContext& context, PackWriter& result) const {
    const std::string_view mime_type = arguments.find("mime_type").string_or(kOctetStream);
    YARD_TRY_STATUS(check_mime_type(mime_type));
    auto data = bytes_argument(arguments.find("data"));
    if (!data) {
      data.error().pointer = "/data";
      return std::unexpected(std::move(data).error());
    }
    return answer(cas_.store(*data, mime_type), context, result);
  }

  Status upload(PackView arguments, jobs::JobContext& context, PackWriter& result) const {
    const std::string_view mime_type = arguments.find("mime_type").string_or(kOctetStream);
    return answer(upload_file(cas_, environment_, arguments.find("file_path").string_or(""), mime_type, context),
                  context, result);
  }

  Status get(PackView arguments, jobs::JobContext& context, PackWriter& result) const {
    YARD_TRY(const ContentHash hash, hash_argument(arguments, "hash"));
    YARD_TRY(const CasObject object, known_object(cas_, hash));
    const auto offset = static_cast<std::uint64_t>(arguments.find("offset").integer_or(0));
    if (offset > object.size) {
      return fail(ErrorCode::kInvalidArguments, "the content has " + std::to_string(object.size) + " bytes", "/offset");
    }
    const auto rest = static_cast<std::int64_t>(object.size - offset);
    const std::int64_t length = std::min(arguments.find("length").integer_or(rest), rest);
    if (length > static_cast<std::int64_t>(kInlineBytesMax)) {
      return fail(ErrorCode::kTooLarge, "the content has " + std::to_string(object.size) +
                                            " bytes and a reply carries 1048576; read it in parts with offset and "
                                            "length");
    }
    YARD_TRY(const Bytes data, cas_.read(hash, offset, static_cast<std::size_t>(length), context.stop()));
    PackMap map(result);
    write_object(map, object);
    map.natural("offset", offset).binary("data", data);
    return {};
  }

  Status inspect(PackView arguments, jobs::JobContext& context, PackWriter& result) const {
    YARD_TRY(const ContentHash hash, hash_argument(arguments, "hash"));
    YARD_TRY(const auto object, cas_.inspect(hash));
    if (!object) {
      PackMap(result).string("hash", hash.text()).boolean("exists", false);
      return {};
    }
    YARD_TRY(const Bytes beginning, cas_.read(hash, 0, kPreviewBytes, context.stop()));
    PackMap map(result);
    write_object(map, *object);
    map.boolean("exists", true).string("preview", preview_of(beginning));
    return {};
  }

  void stats(PackWriter& result) const {
    const CasStats stats = cas_.stats();
    PackMap map(result);
    map.natural("total_items", stats.items).natural("total_bytes", stats.bytes);
    map.string("cas_dir", cas_.folder().string());
  }

 private:
  Status answer(Result<CasObject> stored, jobs::JobContext& context, PackWriter& result) const {
    if (!stored) return std::unexpected(std::move(stored).error());
    if (on_stored_) on_stored_(*stored, context);
    PackMap map(result);
    write_object(map, *stored);
    return {};
  }

  Cas& cas_;
  const Environment environment_;
  const StoredHook on_stored_;
};

}  // namespace

Result<CasObject> upload_file(Cas& cas, const Environment& environment, std::string_view file_path,
                              std::string_view mime_type, jobs::JobContext& context) {
  YARD_TRY_STATUS(check_mime_type(mime_type));
  YARD_TRY(const Fd file, open_readable(environment.read_roots, file_path));
  return cas.store_file(file.get(), mime_type, context.stop(), [&](std::uint64_t done, std::uint64_t total) {
    const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
    context.progress(100.0 * share, std::to_string(done) + " of " + std::to_string(total) + " bytes");
  });
}

Status add_cas_tools(Registry& registry, Cas& cas, const Environment& environment, const StoredHook& on_stored) {
  // Shared by the handlers of this family, which the registry copies.
  const auto tools = std::make_shared<CasTools>(cas, environment, on_stored);
  YARD_TRY_STATUS(registry.add({
      .name = "cas_store",
      .title = "Store content",
      .description =
          "Stores bytes and returns the hash that names them. Use it for small content that you have at hand (up to a "
          "few MiB; cas_upload_file takes files). Storing the same bytes twice gives the same hash and keeps one copy.",
      .arguments = std::string(kStoreArguments),
      .result = std::string(kStoredSchema),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .idempotent = true,
      .handler = JobHandler([tools](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return tools->store(arguments, context, result);
      }),
  }));
  YARD_TRY_STATUS(registry.add({
      .name = "cas_upload_file",
      .title = "Store a file",
      .description =
          "Copies a file of the broker's machine into the store and returns the hash that names its content. Only "
          "regular files below the broker's read_roots can be read. Large files are copied in blocks, with progress.",
      .arguments = std::string(kUploadArguments),
      .result = std::string(kStoredSchema),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .idempotent = true,
      .handler = JobHandler([tools](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return tools->upload(arguments, context, result);
      }),
  }));
  YARD_TRY_STATUS(registry.add({
      .name = "cas_get",
      .title = "Read content",
      .description =
          "Returns the bytes behind a hash, verified against it. At most 1 MiB a call: read larger content in parts "
          "with offset and length.",
      .arguments = std::string(kGetArguments),
      .result = std::string(kGetResult),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .inline_result = true,
      .read_only = true,
      .idempotent = true,
      .handler = JobHandler([tools](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return tools->get(arguments, context, result);
      }),
  }));
  YARD_TRY_STATUS(registry.add({
      .name = "cas_inspect",
      .title = "Look at content",
      .description =
          "Tells whether a hash is stored, and if so its size, media type and a short preview. A hash that is not "
          "stored answers with exists: false rather than with an error.",
      .arguments = std::string(kInspectArguments),
      .result = std::string(kInspectResult),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .read_only = true,
      .idempotent = true,
      .handler = JobHandler([tools](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return tools->inspect(arguments, context, result);
      }),
  }));
  return registry.add({
      .name = "cas_stats",
      .title = "Size of the store",
      .description = "Returns how many objects the content store holds, their bytes together, and its folder.",
      .arguments = R"json({"type": "object", "additionalProperties": false})json",
      .result = std::string(kStatsResult),
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .idempotent = true,
      .handler = ImmediateHandler([tools](PackView, InlineContext&, PackWriter& result) -> Status {
        tools->stats(result);
        return {};
      }),
  });
}

}  // namespace yard::tools
