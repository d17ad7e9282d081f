#include "tools/artifacts/artifacts.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/utf8.h"
#include "tools/system/iso_time.h"

namespace yard::tools {
namespace {

constexpr int kFormat = 1;

constexpr const char* kSchema =
    "CREATE TABLE artifacts ("
    " position INTEGER PRIMARY KEY,"  // oldest first, dense
    " id TEXT NOT NULL UNIQUE,"
    " content_hash TEXT NOT NULL,"
    " mime_type TEXT NOT NULL,"
    " tags TEXT NOT NULL,"  // a JSON array
    " creator TEXT NOT NULL,"
    " created_at TEXT NOT NULL,"
    " parent_id TEXT NOT NULL,"
    " variation_set_id TEXT NOT NULL,"
    " metadata TEXT NOT NULL"  // a JSON object, or empty
    ") STRICT";

constexpr const char* kInsert =
    "INSERT INTO artifacts (id, content_hash, mime_type, tags, creator, created_at, parent_id, variation_set_id,"
    " metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr const char* kSelect =
    "SELECT id, content_hash, mime_type, tags, creator, created_at, parent_id, variation_set_id, metadata"
    " FROM artifacts ORDER BY position";

Artifact read_row(const Statement& row) {
  Artifact artifact{.id = row.text(0),
                    .content_hash = row.text(1),
                    .mime_type = row.text(2),
                    .tags = {},
                    .creator = row.text(4),
                    .created_at = row.text(5),
                    .parent_id = row.text(6),
                    .variation_set_id = row.text(7),
                    .metadata = {}};
  const auto tags = nlohmann::json::parse(row.text(3), nullptr, /*allow_exceptions=*/false);
  for (const auto& tag : tags) {
    if (tag.is_string()) artifact.tags.push_back(tag.get<std::string>());
  }
  const auto metadata = nlohmann::json::parse(row.text(8), nullptr, /*allow_exceptions=*/false);
  if (metadata.is_object()) artifact.metadata = pack(metadata);
  return artifact;
}

Status check_text(std::string_view text, std::string_view name) {
  if (text.size() > Artifacts::kTextBytesMax) {
    return fail(ErrorCode::kTooLarge, "expected at most 1024 bytes", "/" + std::string(name));
  }
  if (!is_utf8(text)) return fail(ErrorCode::kInvalidArguments, "expected UTF-8", "/" + std::string(name));
  return {};
}

Status check_draft(const ArtifactDraft& draft) {
  YARD_TRY_STATUS(check_text(draft.content_hash, "content_hash"));
  YARD_TRY_STATUS(check_text(draft.mime_type, "mime_type"));
  YARD_TRY_STATUS(check_text(draft.creator, "creator"));
  YARD_TRY_STATUS(check_text(draft.parent_id, "parent_id"));
  YARD_TRY_STATUS(check_text(draft.variation_set_id, "variation_set_id"));
  if (draft.tags.size() > Artifacts::kTagsMax) return fail(ErrorCode::kTooLarge, "expected at most 64 tags", "/tags");
  for (const std::string& tag : draft.tags) YARD_TRY_STATUS(check_text(tag, "tags"));
  if (draft.metadata.empty()) return {};
  if (draft.metadata.size() > Artifacts::kMetadataBytesMax) {
    return fail(ErrorCode::kTooLarge, "expected at most 16384 bytes", "/metadata");
  }
  if (!check_pack(draft.metadata) || PackView(draft.metadata).type() != PackType::kMap) {
    return fail(ErrorCode::kInvalidArguments, "expected a map", "/metadata");
  }
  return {};
}

// Tags are a set; their order is the caller's.
std::vector<std::string> without_repeats(std::vector<std::string> tags) {
  std::vector<std::string> kept;
  for (std::string& tag : tags) {
    if (!tag.empty() && std::ranges::find(kept, tag) == kept.end()) kept.push_back(std::move(tag));
  }
  return kept;
}

bool fits(const Artifact& artifact, const Artifacts::Filter& filter) {
  if (!filter.creator.empty() && artifact.creator != filter.creator) return false;
  return filter.tag.empty() || std::ranges::find(artifact.tags, filter.tag) != artifact.tags.end();
}

// About what the artifact costs in a reply.
std::size_t reply_bytes(const Artifact& artifact) {
  std::size_t bytes = 256 + artifact.content_hash.size() + artifact.mime_type.size() + artifact.creator.size() +
                      artifact.variation_set_id.size() + artifact.metadata.size();
  for (const std::string& tag : artifact.tags) bytes += tag.size() + 5;
  return bytes;
}

}  // namespace

void write_artifact(PackWriter& writer, const Artifact& artifact) {
  PackMap map(writer);
  map.string("id", artifact.id).string("artifact_id", artifact.id).string("content_hash", artifact.content_hash);
  map.string("mime_type", artifact.mime_type);
  {
    PackArray tags = map.array("tags");
    for (const std::string& tag : artifact.tags) tags.string(tag);
  }
  map.string("creator", artifact.creator).string("created_at", artifact.created_at);
  if (!artifact.parent_id.empty()) map.string("parent_id", artifact.parent_id);
  if (!artifact.variation_set_id.empty()) map.string("variation_set_id", artifact.variation_set_id);
  if (!artifact.metadata.empty()) map.raw("metadata", artifact.metadata);
}

Artifacts::Artifacts(Database database, const Clock& clock, Random& random)
    : clock_(clock), random_(random), database_(std::move(database)) {}
Artifacts::~Artifacts() = default;

Result<std::unique_ptr<Artifacts>> Artifacts::open(const std::filesystem::path& file, const Clock& clock,
                                                   Random& random) {
  YARD_TRY(Database database, Database::open(file, kFormat, kSchema));
  std::unique_ptr<Artifacts> store(new Artifacts(std::move(database), clock, random));
  const MutexLock lock(store->disk_mutex_);
  YARD_TRY_STATUS(store->load());
  return store;
}

Status Artifacts::load() {
  YARD_TRY(Statement rows, database_.prepare(kSelect));
  for (;;) {
    YARD_TRY(const bool row, rows.step());
    if (!row) return {};
    remember(read_row(rows));
  }
}

Result<std::shared_ptr<const Artifact>> Artifacts::create(ArtifactDraft draft) {
  YARD_TRY_STATUS(check_draft(draft));
  if (!draft.parent_id.empty() && find(draft.parent_id) == nullptr) {
    return fail(ErrorCode::kNotFound, "no artifact has this id", "/parent_id");
  }
  const MutexLock lock(disk_mutex_);
  {
    const MutexLock memory(memory_mutex_);
    if (all_.size() >= kArtifactsMax) return fail(ErrorCode::kOverQuota, "the store holds its 200000 artifacts");
  }
  Artifact artifact{.id = "artifact_" + to_hex(make_uuid(random_)),
                    .content_hash = std::move(draft.content_hash),
                    .mime_type = std::move(draft.mime_type),
                    .tags = without_repeats(std::move(draft.tags)),
                    .creator = std::move(draft.creator),
                    .created_at = iso_time(clock_.now().wall),
                    .parent_id = std::move(draft.parent_id),
                    .variation_set_id = std::move(draft.variation_set_id),
                    .metadata = std::move(draft.metadata)};
  YARD_TRY_STATUS(insert(artifact));
  const std::string id = artifact.id;
  remember(std::move(artifact));
  return find(id);
}

Status Artifacts::insert(const Artifact& artifact) {
  const std::string metadata = artifact.metadata.empty() ? "" : to_json(PackView(artifact.metadata)).dump();
  const std::string tags = nlohmann::json(artifact.tags).dump();
  YARD_TRY(Statement statement, database_.prepare(kInsert));
  YARD_TRY_STATUS(statement.bind(artifact.id, artifact.content_hash, artifact.mime_type, tags, artifact.creator,
                                 artifact.created_at, artifact.parent_id, artifact.variation_set_id, metadata));
  return statement.run();
}

void Artifacts::remember(Artifact artifact) {
  const auto shared = std::make_shared<const Artifact>(std::move(artifact));
  const MutexLock lock(memory_mutex_);
  const auto position = static_cast<Position>(all_.size());
  all_.push_back(shared);
  by_id_.emplace(shared->id, position);
  for (const std::string& tag : shared->tags) by_tag_[tag].push_back(position);
  if (!shared->creator.empty()) by_creator_[shared->creator].push_back(position);
}

std::shared_ptr<const Artifact> Artifacts::find(std::string_view id) const {
  const MutexLock lock(memory_mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : all_[found->second];
}

// The shortest list that contains every match; null: all_.
const std::vector<Artifacts::Position>* Artifacts::postings(const Filter& filter) const {
  static const std::vector<Position> kNone;
  const std::vector<Position>* shortest = nullptr;
  const auto consider = [&](const Postings& index, std::string_view key) {
    if (key.empty()) return;
    const auto found = index.find(key);
    const auto* list = found == index.end() ? &kNone : &found->second;
    if (shortest == nullptr || list->size() < shortest->size()) shortest = list;
  };
  consider(by_tag_, filter.tag);
  consider(by_creator_, filter.creator);
  return shortest;
}

Result<Artifacts::Page> Artifacts::list(const Filter& filter, std::size_t limit, std::string_view cursor) const {
  const MutexLock lock(memory_mutex_);
  Position before = static_cast<Position>(all_.size());
  if (!cursor.empty()) {
    Position stated = 0;
    const auto [end, problem] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), stated);
    if (problem != std::errc{} || end != cursor.data() + cursor.size()) {
      return fail(ErrorCode::kInvalidArguments, "expected the next_cursor of an earlier page", "/cursor");
    }
    before = std::min(before, stated);
  }
  const std::vector<Position>* listed = postings(filter);
  // Candidates are listed[0, left) or the positions [0, left) themselves, newest last.
  std::size_t left = before;
  if (listed != nullptr) left = static_cast<std::size_t>(std::ranges::lower_bound(*listed, before) - listed->begin());
  Page page;
  std::size_t bytes = 0;
  for (; left > 0; --left) {
    const Position position = listed != nullptr ? (*listed)[left - 1] : static_cast<Position>(left - 1);
    const auto& artifact = all_[position];
    if (!fits(*artifact, filter)) continue;
    bytes += reply_bytes(*artifact);
    if (page.artifacts.size() >= limit || (bytes > kPageBytesMax && !page.artifacts.empty())) {
      page.next_cursor = std::to_string(position + 1);
      break;
    }
    page.artifacts.push_back(artifact);
  }
  return page;
}

}  // namespace yard::tools
