// Artifacts: what was made, from what, by whom. Content lives in the Cas; an artifact is a reason for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "engine/base/pack.h"
#include "engine/base/random.h"
#include "engine/base/result.h"
#include "jobs/sqlite/database.h"

namespace yard::tools {

// What the maker of an artifact states.
struct ArtifactDraft {
  std::string content_hash;
  std::string mime_type;
  std::vector<std::string> tags = {};
  std::string creator = {};
  std::string parent_id = {};         // empty: none
  std::string variation_set_id = {};  // empty: none
  Bytes metadata = {};                // one msgpack map; empty: none
};

struct Artifact {
  std::string id;  // "artifact_" and 32 hex digits
  std::string content_hash;
  std::string mime_type;
  std::vector<std::string> tags;
  std::string creator;
  std::string created_at;  // ISO 8601, UTC
  std::string parent_id;
  std::string variation_set_id;
  Bytes metadata;
};

// Writes one map, as artifact_get answers it; what is empty is left out.
void write_artifact(PackWriter& writer, const Artifact& artifact);

// The store: a SQLite file (WAL, synchronous=FULL), and all of it in memory too, so that reading
// never touches the disk. An artifact is written once and never changed: the same content uploaded
// again is another artifact with a lineage of its own.
//
// Threads: any. create() blocks on the disk; find() and list() never do, and never wait for it.
class Artifacts {
 public:
  static constexpr std::size_t kArtifactsMax = 200'000;  // about 1 KiB of memory each
  static constexpr std::size_t kTagsMax = 64;
  static constexpr std::size_t kTextBytesMax = 1'024;  // of a tag, a creator and so on
  static constexpr std::size_t kMetadataBytesMax = 16'384;
  static constexpr std::size_t kPageDefault = 100;
  static constexpr std::size_t kPageMax = 1'000;
  static constexpr std::size_t kPageBytesMax = 1 << 20;  // a page ends early rather than exceed a frame

  // Both empty: everything.
  struct Filter {
    std::string_view tag = {};
    std::string_view creator = {};
  };

  struct Page {
    std::vector<std::shared_ptr<const Artifact>> artifacts;  // newest first; shared by the index and readers
    std::string next_cursor;                                 // empty: that was the last page
  };

  // `clock` and `random` must outlive the store; `random` is used under a lock. Errors: kIo.
  [[nodiscard]] static Result<std::unique_ptr<Artifacts>> open(const std::filesystem::path& file, const Clock& clock,
                                                               Random& random);
  ~Artifacts();

  // On disk when it returns. Errors: kNotFound for an unknown parent; kInvalidArguments, kTooLarge and
  // kOverQuota for broken bounds; kIo, and then nothing was created.
  [[nodiscard]] Result<std::shared_ptr<const Artifact>> create(ArtifactDraft draft);

  // Null where there is none.
  [[nodiscard]] std::shared_ptr<const Artifact> find(std::string_view id) const;

  // At most `limit` artifacts older than `cursor` (empty: from the newest on). Errors: kInvalidArguments
  // for a cursor that no page gave out.
  [[nodiscard]] Result<Page> list(const Filter& filter, std::size_t limit, std::string_view cursor) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Position = std::uint32_t;  // in all_, oldest first
  using Postings = std::unordered_map<std::string, std::vector<Position>, TextHash, std::equal_to<>>;

  Artifacts(Database database, const Clock& clock, Random& random);

  Status load() YARD_REQUIRES(disk_mutex_);
  Status insert(const Artifact& artifact) YARD_REQUIRES(disk_mutex_);
  void remember(Artifact artifact) YARD_EXCLUDES(memory_mutex_);
  const std::vector<Position>* postings(const Filter& filter) const YARD_REQUIRES(memory_mutex_);

  const Clock& clock_;

  // Taken before memory_mutex_ where both are.
  Mutex disk_mutex_;
  Random& random_ YARD_GUARDED_BY(disk_mutex_);
  Database database_ YARD_GUARDED_BY(disk_mutex_);

  mutable Mutex memory_mutex_;
  std::vector<std::shared_ptr<const Artifact>> all_ YARD_GUARDED_BY(memory_mutex_);
  std::unordered_map<std::string_view, Position> by_id_ YARD_GUARDED_BY(memory_mutex_);  // keys view into all_
  Postings by_tag_ YARD_GUARDED_BY(memory_mutex_);
  Postings by_creator_ YARD_GUARDED_BY(memory_mutex_);
};

}  // namespace yard::tools
