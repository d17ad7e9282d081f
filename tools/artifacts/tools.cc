#include "tools/artifacts/tools.h"

#include "tools/bytes_argument.h"
#include "tools/cas/arguments.h"

namespace yard::tools {
namespace {

constexpr std::string_view kLineageProperties = R"json(
    "tags": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 128}, "maxItems": 32, "default": [],
             "description": "Labels to find it by, such as genre:reel"},
    "creator": {"type": "string", "maxLength": 128, "description": "Who makes it: a person, an agent or a model"},
    "parent_id": {"type": "string", "maxLength": 64, "description": "The artifact this one was made from"},
    "variation_set_id": {"type": "string", "maxLength": 128, "description": "What variations of the same idea share"}
)json";

constexpr std::string_view kArtifactProperties = R"json(
    "id": {"type": "string"},
    "artifact_id": {"type": "string", "description": "The same as id"},
    "content_hash": {"type": "string", "description": "Name of the content in the content store"},
    "mime_type": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "creator": {"type": "string"},
    "created_at": {"type": "string", "description": "ISO 8601, UTC"},
    "parent_id": {"type": "string"},
    "variation_set_id": {"type": "string"},
    "metadata": {"type": "object"}
)json";

constexpr std::string_view kUploadProperties = R"json(
    "file_path": {"type": "string", "minLength": 1, "maxLength": 4096,
                  "description": "A regular file on the broker's machine, below one of its read_roots"},
    "data": {"type": "string", "contentEncoding": "base64", "description": "The content itself, instead of file_path"},
    "content_hash": {"type": "string", "description": "Content that is stored already, instead of file_path"},
    "mime_type": {"type": "string", "minLength": 3, "maxLength": 255, "description": "Media type, such as audio/midi"},
    "metadata": {"type": "object", "description": "Anything else worth keeping, at most 16 KiB"},
)json";

constexpr std::string_view kListArguments = R"json({
  "type": "object",
  "properties": {
    "tag": {"type": "string", "description": "Only artifacts with exactly this tag"},
    "creator": {"type": "string", "description": "Only artifacts of exactly this creator"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "description": "At most so many; a page also ends at 1 MiB"},
    "cursor": {"type": "string", "maxLength": 32, "description": "next_cursor of the page before"}
  },
  "additionalProperties": false
})json";

std::string object_schema(std::string_view properties, std::string_view required) {
  return "{\"type\": \"object\", \"properties\": {" + std::string(properties) + "}, \"required\": [" +
         std::string(required) + "]}";
}

std::string arguments_schema(std::string_view properties, std::string_view required) {
  std::string schema = object_schema(properties, required);
  schema.insert(1, "\"additionalProperties\": false, ");
  return schema;
}

class ArtifactTools {
 public:
  ArtifactTools(Cas& cas, Artifacts& artifacts, Environment environment, StoredHook on_stored)
      : cas_(cas), artifacts_(artifacts), environment_(std::move(environment)), on_stored_(std::move(on_stored)) {}

  Status upload(PackView arguments, jobs::JobContext& context, PackWriter& result) const {
    ArtifactDraft draft = lineage_argument(arguments);
    // Before the content is stored: an unknown parent must not leave content without a reason.
    if (!draft.parent_id.empty() && artifacts_.find(draft.parent_id) == nullptr) {
      return fail(ErrorCode::kNotFound, "no artifact has this id", "/parent_id");
    }
    YARD_TRY(const CasObject object, content(arguments, context));
    if (on_stored_) on_stored_(object, context);
    draft.content_hash = object.hash.text();
    draft.mime_type = arguments.find("mime_type").string_or(object.mime_type);
    if (const PackView metadata = arguments.find("metadata")) draft.metadata = metadata.bytes();
    YARD_TRY(const auto artifact, create_artifact(artifacts_, std::move(draft), context));
    write_artifact(result, *artifact);
    return {};
  }

  Status get(PackView arguments, PackWriter& result) const {
    const auto artifact = artifacts_.find(arguments.find("id").string_or(""));
    if (artifact == nullptr) return fail(ErrorCode::kNotFound, "no artifact has this id", "/id");
    write_artifact(result, *artifact);
    return {};
  }

  Status list(PackView arguments, PackWriter& result) const {
    const Artifacts::Filter filter{.tag = arguments.find("tag").string_or(""),
                                   .creator = arguments.find("creator").string_or("")};
    const auto limit = static_cast<std::size_t>(
        arguments.find("limit").integer_or(static_cast<std::int64_t>(Artifacts::kPageDefault)));
    YARD_TRY(const auto page, artifacts_.list(filter, limit, arguments.find("cursor").string_or("")));
    PackMap map(result);
    {
      PackArray listed = map.array("artifacts");
      for (const auto& artifact : page.artifacts) {
        Bytes packed;
        PackWriter writer(packed);
        write_artifact(writer, *artifact);
        listed.raw(packed);
      }
    }
    map.natural("count", page.artifacts.size());
    if (!page.next_cursor.empty()) map.string("next_cursor", page.next_cursor);
    return {};
  }

 private:
  // Stores what the one of file_path, data and content_hash gives.
  Result<CasObject> content(PackView arguments, jobs::JobContext& context) const {
    const PackView file_path = arguments.find("file_path");
    const PackView data = arguments.find("data");
    const PackView content_hash = arguments.find("content_hash");
    if (int{static_cast<bool>(file_path)} + int{static_cast<bool>(data)} + int{static_cast<bool>(content_hash)} != 1) {
      return fail(ErrorCode::kInvalidArguments, "give exactly one of file_path, data and content_hash");
    }
    const std::string_view mime_type = arguments.find("mime_type").string_or(kOctetStream);
    YARD_TRY_STATUS(check_mime_type(mime_type));
    if (file_path) return upload_file(cas_, environment_, file_path.string_or(""), mime_type, context);
    if (data) {
      YARD_TRY(const Bytes bytes, bytes_argument(data));
      return cas_.store(bytes, mime_type);
    }
    YARD_TRY(const ContentHash hash, hash_argument(arguments, "content_hash"));
    YARD_TRY(auto object, cas_.inspect(hash));
    if (!object) return fail(ErrorCode::kNotFound, hash.text() + " is not stored here", "/content_hash");
    return *std::move(object);
  }

  Cas& cas_;
  Artifacts& artifacts_;
  const Environment environment_;
  const StoredHook on_stored_;
};

}  // namespace

std::string_view lineage_properties() { return kLineageProperties; }

ArtifactDraft lineage_argument(PackView arguments, std::initializer_list<std::string_view> own_tags) {
  ArtifactDraft draft;
  draft.tags.assign(own_tags.begin(), own_tags.end());
  arguments.find("tags").each_element([&](PackView tag) { draft.tags.emplace_back(tag.string_or("")); });
  draft.creator = arguments.find("creator").string_or("");
  draft.parent_id = arguments.find("parent_id").string_or("");
  draft.variation_set_id = arguments.find("variation_set_id").string_or("");
  return draft;
}

Result<std::shared_ptr<const Artifact>> create_artifact(Artifacts& artifacts, ArtifactDraft draft,
                                                        jobs::JobContext& context) {
  YARD_TRY(auto artifact, artifacts.create(std::move(draft)));
  Bytes packed;
  PackWriter writer(packed);
  write_artifact(writer, *artifact);
  context.artifact_created(packed);
  return artifact;
}

bool is_artifact_id(std::string_view id) { return id.starts_with("artifact_"); }

Status add_artifact_tools(Registry& registry, Cas& cas, Artifacts& artifacts, const Environment& environment,
                          const StoredHook& on_stored) {
  // Shared by the handlers of this family, which the registry copies.
  const auto tools = std::make_shared<ArtifactTools>(cas, artifacts, environment, on_stored);
  YARD_TRY_STATUS(registry.add({
      .name = "artifact_upload",
      .title = "Upload an artifact",
      .description =
          "Stores content together with where it comes from: tags, creator, parent and variation set. Give exactly one "
          "of file_path (below the broker's read_roots), data and content_hash. Returns the artifact. Uploading the "
          "same content again makes another artifact with a lineage of its own; the content is kept once.",
      .arguments = arguments_schema(std::string(kUploadProperties) + std::string(kLineageProperties), "\"mime_type\""),
      .result = object_schema(kArtifactProperties, R"("artifact_id", "content_hash", "tags", "creator")"),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .handler = JobHandler([tools](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return tools->upload(arguments, context, result);
      }),
  }));
  YARD_TRY_STATUS(registry.add({
      .name = "artifact_get",
      .title = "Look up an artifact",
      .description =
          "Returns what is known of an artifact: its content's hash and media type, tags, creator, time, parent and "
          "metadata. Read the content itself with cas_get and its content_hash.",
      .arguments = arguments_schema(
          R"("id": {"type": "string", "maxLength": 64, "description": "artifact_ and 32 hex digits"})", R"("id")"),
      .result = object_schema(kArtifactProperties, R"("id", "content_hash", "mime_type", "tags", "created_at")"),
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .idempotent = true,
      .handler = ImmediateHandler(
          [tools](PackView arguments, InlineContext&, PackWriter& result) { return tools->get(arguments, result); }),
  }));
  return registry.add({
      .name = "artifact_list",
      .title = "List artifacts",
      .description = "Lists artifacts, newest first, optionally only those with a tag or of a creator (exact matches). "
                     "Where there "
                     "are more, next_cursor asks for the next page; new artifacts don't shift it.",
      .arguments = std::string(kListArguments),
      .result = object_schema(
          R"("artifacts": {"type": "array", "items": {"type": "object", "properties": {)" +
              std::string(kArtifactProperties) +
              R"(}}}, "count": {"type": "integer", "description": "Of this page"}, "next_cursor": {"type": "string"})",
          R"("artifacts", "count")"),
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .idempotent = true,
      .handler = ImmediateHandler(
          [tools](PackView arguments, InlineContext&, PackWriter& result) { return tools->list(arguments, result); }),
  });
}

}  // namespace yard::tools
