// Cas: bytes on disk under the name of their content.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "tools/cas/content_hash.h"
#include "tools/cas/fd.h"

namespace yard::tools {

inline constexpr std::string_view kOctetStream = "application/octet-stream";

struct CasObject {
  ContentHash hash;
  std::uint64_t size = 0;  // bytes
  std::string mime_type = std::string(kOctetStream);
};

struct CasStats {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
};

class Cas;

// A file in the making, below the store's folder. Deleted with this object unless Cas::adopt took it.
class CasTemporary {
 public:
  CasTemporary(CasTemporary&&) noexcept = default;
  CasTemporary& operator=(CasTemporary&&) = delete;
  ~CasTemporary();

  // Open for reading, writing and seeking.
  [[nodiscard]] int file() const { return file_.get(); }

 private:
  friend class Cas;
  CasTemporary(const Cas& cas, Fd file, std::string name);

  const Cas* cas_;
  Fd file_;
  std::string name_;  // empty once adopted
};

// The store's folder:
//
//   blake2b-256/ab/<62 digits>        the content
//   blake2b-256/ab/<62 digits>.mime   its mime type, where it is not application/octet-stream
//   tmp/                              files in the making; emptied when the store is opened
//
// Content appears whole or not at all: it is written and synced in tmp/, renamed, and the folder
// synced before a store answers. Storing the same bytes again changes nothing, except that content
// found damaged is replaced, and that a mime type other than application/octet-stream is remembered.
//
// Threads: any; everything but stats() and path() touches the disk. One process a folder.
class Cas {
 public:
  // The largest object; a larger one is a mistake rather than a sample.
  static constexpr std::uint64_t kObjectBytesMax = std::uint64_t{4} << 30;

  // Told how many of how many bytes are copied.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  // Makes the folder where it is missing. Errors: kIo.
  [[nodiscard]] static Result<std::unique_ptr<Cas>> open(const std::filesystem::path& folder);

  // Errors: kTooLarge; kIo, and then nothing is left behind.
  [[nodiscard]] Result<CasObject> store(BytesView bytes, std::string_view mime_type);

  // Copies an open regular file in blocks. Errors: as store; kCancelled.
  [[nodiscard]] Result<CasObject> store_file(int file, std::string_view mime_type, const std::stop_token& stop,
                                             const Progress& progress = {});

  // For content that is written with seeks, or that is too large for memory.
  [[nodiscard]] Result<CasTemporary> temporary() const;
  [[nodiscard]] Result<CasObject> adopt(CasTemporary temporary, std::string_view mime_type,
                                        const std::stop_token& stop);

  // Nothing where it isn't there; does not read the content. Errors: kIo.
  [[nodiscard]] Result<std::optional<CasObject>> inspect(const ContentHash& hash) const;

  // Opens the content for reading, after it was compared with its name.
  // Errors: kNotFound; kIo where the content is damaged; kCancelled.
  [[nodiscard]] Result<Fd> open_verified(const ContentHash& hash, const std::stop_token& stop = {}) const;

  // At most `length` bytes from `offset` on, verified. Errors: as open_verified.
  [[nodiscard]] Result<Bytes> read(const ContentHash& hash, std::uint64_t offset, std::size_t length,
                                   const std::stop_token& stop = {}) const;

  // Remembers a media type for stored content. Errors: kNotFound, kIo.
  [[nodiscard]] Status set_mime_type(const ContentHash& hash, std::string_view mime_type);

  // Where the content is, or would be, for libraries that open files by name.
  [[nodiscard]] std::filesystem::path path(const ContentHash& hash) const;

  // Visits every object, in no order. Errors: kIo.
  [[nodiscard]] Status each(const std::function<void(const CasObject&)>& visit) const;

  [[nodiscard]] CasStats stats() const { return {.items = items_.load(), .bytes = bytes_.load()}; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  friend class CasTemporary;

  // What a file was when its content was last compared with its name.
  struct Stamp {
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  Cas(std::filesystem::path folder, Fd root) : folder_(std::move(folder)), root_(std::move(root)) {}

  Status prepare();
  Status count_objects();
  Result<CasObject> publish(CasTemporary& temporary, ContentHash hash, std::uint64_t size, std::string_view mime_type);
  Result<Fd> make_shard(const ContentHash& hash) const;
  Status place(CasTemporary& temporary, const ContentHash& hash, std::uint64_t size, int shard);
  Result<std::string> keep_mime(const ContentHash& hash, std::string_view mime_type, int shard) const;
  std::string mime_of(const ContentHash& hash) const;
  bool is_intact(const ContentHash& hash) const;
  Status verify(int file, const ContentHash& hash, const std::stop_token& stop) const;
  void remember_verified(const ContentHash& hash, const Stamp& stamp) const YARD_EXCLUDES(verified_mutex_);
  static Result<Stamp> stamp_of(int file);

  const std::filesystem::path folder_;
  const Fd root_;
  std::atomic<std::uint64_t> items_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  mutable std::atomic<std::uint64_t> temporaries_ = 0;

  // Spares reading the whole of a large object for each slice of it.
  mutable Mutex verified_mutex_;
  mutable std::unordered_map<std::string, Stamp> verified_ YARD_GUARDED_BY(verified_mutex_);
};

}  // namespace yard::tools
