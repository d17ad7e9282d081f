#include "tools/cas/cas.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sodium/core.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

namespace yard::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 256 * 1024;  // read, hashed and written at once
constexpr std::size_t kMimeBytesMax = 255;
constexpr std::size_t kVerifiedMax = 1'024;  // stamps remembered; forgotten together when full
constexpr std::string_view kMimeSuffix = ".mime";
constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;

std::string shard_name(const ContentHash& hash) { return std::string(hash.digits().substr(0, 2)); }
std::string file_name(const ContentHash& hash) { return std::string(hash.digits().substr(2)); }

// The place below the store's folder.
fs::path place_of(const ContentHash& hash) {
  return fs::path(ContentHash::kAlgorithm) / shard_name(hash) / file_name(hash);
}

Status sync(int file, std::string_view what) {
  if (::fsync(file) != 0) return io_error(what, errno);
  return {};
}

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return io_error("make folder " + folder.string(), error.value());
  return {};
}

std::expected<Fd, int> open_strictly(int root, const fs::path& place) {
  return open_beneath(root, place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, RESOLVE_NO_SYMLINKS);
}

// Feeds `take` the file from its start, block by block.
template <typename Take>
Status each_block(int file, const std::stop_token& stop, Take&& take) {
  Bytes block;
  for (std::uint64_t offset = 0;; offset += block.size()) {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    YARD_TRY_STATUS(read_at(file, offset, kBlockBytes, block));
    if (block.empty()) return {};
    YARD_TRY_STATUS(take(BytesView(block)));
  }
}

std::unexpected<Error> too_large() {
  return fail(ErrorCode::kTooLarge,
              "an object holds at most " + std::to_string(Cas::kObjectBytesMax >> 30) + " GiB; store it in parts");
}

}  // namespace

CasTemporary::CasTemporary(const Cas& cas, Fd file, std::string name)
    : cas_(&cas), file_(std::move(file)), name_(std::move(name)) {}

CasTemporary::~CasTemporary() {
  if (file_ && !name_.empty()) ::unlinkat(cas_->root_.get(), name_.c_str(), 0);
}

Result<std::unique_ptr<Cas>> Cas::open(const fs::path& folder) {
  if (sodium_init() < 0) return fail(ErrorCode::kInternal, "libsodium does not start");
  YARD_TRY_STATUS(make_folder(folder / ContentHash::kAlgorithm));
  YARD_TRY_STATUS(make_folder(folder / "tmp"));
  YARD_TRY(Fd root, open_folder(folder));
  std::unique_ptr<Cas> cas(new Cas(fs::absolute(folder), std::move(root)));
  YARD_TRY_STATUS(cas->prepare());
  YARD_TRY_STATUS(cas->count_objects());
  return cas;
}

// Files in the making belong to a process that is gone.
Status Cas::prepare() {
  const fs::path making = folder_ / "tmp";
  try {
    for (const auto& entry : fs::directory_iterator(making)) fs::remove_all(entry.path());
  } catch (const fs::filesystem_error& error) {
    return io_error("clean " + making.string(), error.code().value());
  }
  return sync(root_.get(), "sync " + folder_.string());
}

Status Cas::count_objects() {
  return each([this](const CasObject& object) {
    items_ += 1;
    bytes_ += object.size;
  });
}

Result<CasTemporary> Cas::temporary() const {
  const std::string name = "tmp/" + std::to_string(::getpid()) + "-" + std::to_string(temporaries_.fetch_add(1));
  Fd file(::openat(root_.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file) return io_error("make a file in " + (folder_ / "tmp").string(), errno);
  return CasTemporary(*this, std::move(file), name);
}

Result<CasObject> Cas::store(BytesView bytes, std::string_view mime_type) {
  if (bytes.size() > kObjectBytesMax) return too_large();
  YARD_TRY(CasTemporary file, temporary());
  YARD_TRY_STATUS(write_all(file.file(), bytes));
  return publish(file, ContentHash::of(bytes), bytes.size(), mime_type);
}

Result<CasObject> Cas::store_file(int file, std::string_view mime_type, const std::stop_token& stop,
                                  const Progress& progress) {
  YARD_TRY(const std::uint64_t total, size_of(file));
  if (total > kObjectBytesMax) return too_large();
  YARD_TRY(CasTemporary copy, temporary());
  ContentHasher hasher;
  std::uint64_t done = 0;
  const auto copy_block = [&](BytesView block) -> Status {
    done += block.size();
    if (done > kObjectBytesMax) return too_large();  // it grew meanwhile
    hasher.add(block);
    YARD_TRY_STATUS(write_all(copy.file(), block));
    if (progress) progress(done, std::max(done, total));
    return {};
  };
  YARD_TRY_STATUS(each_block(file, stop, copy_block));
  return publish(copy, hasher.finish(), done, mime_type);
}

Result<CasObject> Cas::adopt(CasTemporary temporary, std::string_view mime_type, const std::stop_token& stop) {
  YARD_TRY(const std::uint64_t size, size_of(temporary.file()));
  if (size > kObjectBytesMax) return too_large();
  ContentHasher hasher;
  YARD_TRY_STATUS(each_block(temporary.file(), stop, [&](BytesView block) -> Status {
    hasher.add(block);
    return {};
  }));
  return publish(temporary, hasher.finish(), size, mime_type);
}

Result<CasObject> Cas::publish(CasTemporary& temporary, ContentHash hash, std::uint64_t size,
                               std::string_view mime_type) {
  YARD_TRY_STATUS(sync(temporary.file(), "sync a new object"));
  YARD_TRY(const Fd shard, make_shard(hash));
  YARD_TRY_STATUS(place(temporary, hash, size, shard.get()));
  YARD_TRY(std::string kept, keep_mime(hash, mime_type, shard.get()));
  YARD_TRY_STATUS(sync(shard.get(), "sync the store's folder"));
  return CasObject{.hash = std::move(hash), .size = size, .mime_type = std::move(kept)};
}

Result<Fd> Cas::make_shard(const ContentHash& hash) const {
  const fs::path shard = fs::path(ContentHash::kAlgorithm) / shard_name(hash);
  if (::mkdirat(root_.get(), shard.c_str(), kFolderMode) == 0) {
    auto parent = open_strictly(root_.get(), ContentHash::kAlgorithm);
    if (!parent) return io_error("open the store's folder", parent.error());
    YARD_TRY_STATUS(sync(parent->get(), "sync the store's folder"));
  } else if (errno != EEXIST) {
    return io_error("make folder " + (folder_ / shard).string(), errno);
  }
  auto opened = open_strictly(root_.get(), shard);
  if (!opened) return io_error("open folder " + (folder_ / shard).string(), opened.error());
  return *std::move(opened);
}

// Moves the file to its name; exactly one of those who store the same content at once counts it.
Status Cas::place(CasTemporary& temporary, const ContentHash& hash, std::uint64_t size, int shard) {
  const std::string name = file_name(hash);
  if (::renameat2(root_.get(), temporary.name_.c_str(), shard, name.c_str(), RENAME_NOREPLACE) == 0) {
    temporary.name_.clear();
    items_ += 1;
    bytes_ += size;
    if (const auto stamp = stamp_of(temporary.file())) remember_verified(hash, *stamp);
    return {};
  }
  if (errno != EEXIST) return io_error("name a new object", errno);
  if (is_intact(hash)) return {};
  struct stat damaged = {};
  const bool counted = ::fstatat(shard, name.c_str(), &damaged, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(damaged.st_mode);
  if (::renameat(root_.get(), temporary.name_.c_str(), shard, name.c_str()) != 0) {
    return io_error("replace a damaged object", errno);
  }
  temporary.name_.clear();
  items_ += counted ? 0 : 1;
  bytes_ += size - (counted ? static_cast<std::uint64_t>(damaged.st_size) : 0);
  return {};
}

bool Cas::is_intact(const ContentHash& hash) const {
  auto opened = open_strictly(root_.get(), place_of(hash));
  return opened && verify(opened->get(), hash, {}).has_value();
}

// Remembers a mime type that says something, and returns the one that counts now.
Result<std::string> Cas::keep_mime(const ContentHash& hash, std::string_view mime_type, int shard) const {
  std::string known = mime_of(hash);
  if (mime_type.empty() || mime_type == kOctetStream || mime_type == known) return known;
  YARD_TRY(CasTemporary file, temporary());
  YARD_TRY_STATUS(write_all(file.file(), mime_type.substr(0, kMimeBytesMax)));
  YARD_TRY_STATUS(sync(file.file(), "sync a mime type"));
  const std::string name = file_name(hash) + std::string(kMimeSuffix);
  if (::renameat(root_.get(), file.name_.c_str(), shard, name.c_str()) != 0) return io_error("name a mime type", errno);
  file.name_.clear();
  return std::string(mime_type.substr(0, kMimeBytesMax));
}

Status Cas::set_mime_type(const ContentHash& hash, std::string_view mime_type) {
  YARD_TRY(const auto object, inspect(hash));
  if (!object) return fail(ErrorCode::kNotFound, hash.text() + " is not stored here");
  YARD_TRY(const Fd shard, make_shard(hash));
  YARD_TRY(const std::string kept, keep_mime(hash, mime_type, shard.get()));
  return sync(shard.get(), "sync the store's folder");
}

std::string Cas::mime_of(const ContentHash& hash) const {
  const auto file = open_strictly(root_.get(), place_of(hash).concat(kMimeSuffix));
  Bytes text;
  if (!file || !read_at(file->get(), 0, kMimeBytesMax, text) || text.empty()) return std::string(kOctetStream);
  return text;
}

Result<std::optional<CasObject>> Cas::inspect(const ContentHash& hash) const {
  const auto file = open_strictly(root_.get(), place_of(hash));
  if (!file && file.error() == ENOENT) return std::nullopt;
  if (!file) return io_error("open " + path(hash).string(), file.error());
  YARD_TRY(const std::uint64_t size, size_of(file->get()));
  return CasObject{.hash = hash, .size = size, .mime_type = mime_of(hash)};
}

Result<Fd> Cas::open_verified(const ContentHash& hash, const std::stop_token& stop) const {
  auto file = open_strictly(root_.get(), place_of(hash));
  if (!file && file.error() == ENOENT) {
    return fail(ErrorCode::kNotFound, hash.text() + " is not stored here; upload it first");
  }
  if (!file) return io_error("open " + path(hash).string(), file.error());
  YARD_TRY_STATUS(verify(file->get(), hash, stop));
  return *std::move(file);
}

Result<Bytes> Cas::read(const ContentHash& hash, std::uint64_t offset, std::size_t length,
                        const std::stop_token& stop) const {
  YARD_TRY(const Fd file, open_verified(hash, stop));
  YARD_TRY(const std::uint64_t size, size_of(file.get()));
  const std::uint64_t left = offset < size ? size - offset : 0;
  Bytes bytes;
  YARD_TRY_STATUS(read_at(file.get(), offset, static_cast<std::size_t>(std::min<std::uint64_t>(length, left)), bytes));
  return bytes;
}

Result<Cas::Stamp> Cas::stamp_of(int file) {
  struct stat status = {};
  if (::fstat(file, &status) != 0) return io_error("stat", errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kIo, "an object of the store is no regular file");
  return Stamp{.inode = status.st_ino,
               .size = static_cast<std::uint64_t>(status.st_size),
               .changed_ns = std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec};
}

Status Cas::verify(int file, const ContentHash& hash, const std::stop_token& stop) const {
  YARD_TRY(const Stamp stamp, stamp_of(file));
  {
    const MutexLock lock(verified_mutex_);
    const auto known = verified_.find(hash.text());
    if (known != verified_.end() && known->second == stamp) return {};
  }
  ContentHasher hasher;
  YARD_TRY_STATUS(each_block(file, stop, [&](BytesView block) -> Status {
    hasher.add(block);
    return {};
  }));
  if (hasher.finish() != hash) {
    return fail(ErrorCode::kIo, hash.text() + " is damaged on disk; store the same content again to mend it");
  }
  remember_verified(hash, stamp);
  return {};
}

void Cas::remember_verified(const ContentHash& hash, const Stamp& stamp) const {
  if (stamp.size <= kBlockBytes) return;  // cheap to read again
  const MutexLock lock(verified_mutex_);
  if (verified_.size() >= kVerifiedMax) verified_.clear();
  verified_[hash.text()] = stamp;
}

fs::path Cas::path(const ContentHash& hash) const { return folder_ / place_of(hash); }

Status Cas::each(const std::function<void(const CasObject&)>& visit) const {
  const fs::path top = folder_ / ContentHash::kAlgorithm;
  const std::string prefix = std::string(ContentHash::kAlgorithm) + ":";
  try {
    for (const auto& shard : fs::directory_iterator(top)) {
      if (!shard.is_directory() || shard.is_symlink()) continue;
      for (const auto& entry : fs::directory_iterator(shard.path())) {
        const std::string digits = shard.path().filename().string() + entry.path().filename().string();
        const auto hash = ContentHash::parse(prefix + digits);
        if (!hash || !entry.is_regular_file() || entry.is_symlink()) continue;
        visit({.hash = *hash, .size = entry.file_size(), .mime_type = mime_of(*hash)});
      }
    }
  } catch (const fs::filesystem_error& error) {
    return io_error("list " + top.string(), error.code().value());
  }
  return {};
}

}  // namespace yard::tools
