#include "engine/journal/memory_disk.h"

#include <algorithm>
#include <utility>

namespace yard::journal {
namespace {

std::unexpected<DiskFailure> failure(DiskError kind, std::string_view what) {
  const char* why = kind == DiskError::kFull ? "no space" : kind == DiskError::kNotFound ? "no such file" : "I/O error";
  return std::unexpected(DiskFailure{.kind = kind, .message = "cannot " + std::string(what) + ": " + why});
}

}  // namespace

class MemoryDisk::File final : public DiskFile {
 public:
  File(MemoryDisk& disk, InodePtr inode) : disk_(disk), inode_(std::move(inode)) {}

  DiskResult<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    const MutexLock lock(disk_.mutex_);
    const Bytes& bytes = inode_->now;
    if (offset >= bytes.size()) return 0;
    return bytes.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
  }

  DiskStatus write(std::uint64_t offset, BytesView bytes) override {
    const MutexLock lock(disk_.mutex_);
    const DiskStatus counted = disk_.count_operation("write");
    const std::uint64_t end = inode_->now.size();
    const std::uint64_t fits = (offset < end ? end - offset : 0) + disk_.room();
    const std::size_t size =
        counted ? static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), fits)) : bytes.size() / 2;
    if (size > 0) disk_.change(*inode_, {.offset = offset, .bytes = Bytes(bytes.substr(0, size))});
    if (counted && size < bytes.size()) return failure(DiskError::kFull, "write");
    return counted;
  }

  DiskStatus sync() override {
    const MutexLock lock(disk_.mutex_);
    if (DiskStatus counted = disk_.count_sync(); !counted) return counted;
    for (const Change& change : inode_->changes) apply(inode_->synced, change);
    inode_->changes.clear();
    return {};
  }

  DiskStatus truncate(std::uint64_t size) override {
    const MutexLock lock(disk_.mutex_);
    if (DiskStatus counted = disk_.count_operation("truncate"); !counted) return counted;
    disk_.change(*inode_, {.resize = true, .offset = size, .bytes = {}});
    return {};
  }

  DiskStatus preallocate(std::uint64_t size) override {
    const MutexLock lock(disk_.mutex_);
    if (DiskStatus counted = disk_.count_operation("preallocate"); !counted) return counted;
    return disk_.extend(*inode_, size);
  }

  DiskResult<std::uint64_t> size() override {
    const MutexLock lock(disk_.mutex_);
    return inode_->now.size();
  }

 private:
  MemoryDisk& disk_;
  InodePtr inode_;
};

void MemoryDisk::apply(Names& names, const Renaming& renaming) {
  if (!renaming.from.empty()) names.erase(renaming.from);
  if (!renaming.to.empty()) names[renaming.to] = renaming.inode;
}

void MemoryDisk::apply(Bytes& bytes, const Change& change) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.resize) return bytes.resize(offset);
  if (bytes.size() < offset + change.bytes.size()) bytes.resize(offset + change.bytes.size());
  std::ranges::copy(change.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

void MemoryDisk::apply_some(Bytes& bytes, const Change& change, Random& random, std::uint64_t keep_of_8) {
  const auto keep = [&] { return random.next() % 8 < keep_of_8; };
  if (change.resize) {
    if (keep()) apply(bytes, change);
    return;
  }
  for (std::size_t at = 0; at < change.bytes.size();) {
    const auto offset = static_cast<std::size_t>(change.offset) + at;
    const std::size_t size = std::min(kSectorBytes - offset % kSectorBytes, change.bytes.size() - at);
    if (keep()) apply(bytes, {.offset = offset, .bytes = change.bytes.substr(at, size)});
    at += size;
  }
}

DiskStatus MemoryDisk::count_operation(std::string_view what) {
  ++operations_;
  if (operations_ == fail_at_) return failure(fail_kind_, what);
  return {};
}

DiskStatus MemoryDisk::count_sync() {
  if (DiskStatus counted = count_operation("sync"); !counted) return counted;
  if (fail_syncs_) return failure(DiskError::kFailed, "sync");
  return {};
}

std::uint64_t MemoryDisk::room() const {
  std::uint64_t used = 0;
  for (const auto& [name, inode] : names_) used += inode->now.size();
  return used < capacity_ ? capacity_ - used : 0;
}

void MemoryDisk::change(Inode& inode, Change change) {
  apply(inode.now, change);
  inode.changes.push_back(std::move(change));
}

DiskStatus MemoryDisk::extend(Inode& inode, std::uint64_t size) {
  if (size <= inode.now.size()) return {};
  if (size - inode.now.size() > room()) return failure(DiskError::kFull, "preallocate");
  change(inode, {.resize = true, .offset = size, .bytes = {}});
  return {};
}

DiskResult<std::vector<std::string>> MemoryDisk::list() {
  const MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) names.push_back(name);
  return names;
}

DiskResult<std::unique_ptr<DiskFile>> MemoryDisk::open(const std::string& name, OpenMode mode) {
  const MutexLock lock(mutex_);
  const auto found = names_.find(name);
  if (mode != OpenMode::kCreate) {
    if (found == names_.end()) return failure(DiskError::kNotFound, "open " + name);
    return std::make_unique<File>(*this, found->second);
  }
  if (DiskStatus counted = count_operation("create " + name); !counted) return std::unexpected(counted.error());
  if (found != names_.end()) {
    change(*found->second, {.resize = true, .offset = 0, .bytes = {}});
    return std::make_unique<File>(*this, found->second);
  }
  renamings_.push_back({.from = {}, .to = name, .inode = std::make_shared<Inode>()});
  apply(names_, renamings_.back());
  return std::make_unique<File>(*this, renamings_.back().inode);
}

DiskStatus MemoryDisk::rename(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  if (DiskStatus counted = count_operation("rename " + from); !counted) return counted;
  const auto found = names_.find(from);
  if (found == names_.end()) return failure(DiskError::kNotFound, "rename " + from);
  renamings_.push_back({.from = from, .to = to, .inode = found->second});
  apply(names_, renamings_.back());
  return {};
}

DiskStatus MemoryDisk::remove(const std::string& name) {
  const MutexLock lock(mutex_);
  if (DiskStatus counted = count_operation("remove " + name); !counted) return counted;
  if (!names_.contains(name)) return failure(DiskError::kNotFound, "remove " + name);
  renamings_.push_back({.from = name, .to = {}, .inode = nullptr});
  apply(names_, renamings_.back());
  return {};
}

DiskStatus MemoryDisk::sync_dir() {
  const MutexLock lock(mutex_);
  if (DiskStatus counted = count_sync(); !counted) return counted;
  synced_names_ = names_;
  renamings_.clear();
  return {};
}

void MemoryDisk::crash(Random& random) {
  const MutexLock lock(mutex_);
  // Some crashes lose everything, some nothing, most a part.
  const std::uint64_t keep_of_8 = random.next() % 9;
  for (const Renaming& renaming : renamings_) {
    if (random.next() % 8 < keep_of_8) apply(synced_names_, renaming);
  }
  renamings_.clear();
  // New inodes: whoever still holds a file of before writes to nowhere.
  std::map<InodePtr, InodePtr> survivors;
  for (auto& [name, inode] : synced_names_) {
    InodePtr& survivor = survivors[inode];
    if (!survivor) {
      survivor = std::make_shared<Inode>();
      survivor->synced = inode->synced;
      for (const Change& change : inode->changes) apply_some(survivor->synced, change, random, keep_of_8);
      survivor->now = survivor->synced;
    }
    inode = survivor;
  }
  names_ = synced_names_;
  fail_at_ = 0;
  fail_syncs_ = false;
}

void MemoryDisk::fail_operation(std::uint64_t n, DiskError kind) {
  const MutexLock lock(mutex_);
  fail_at_ = operations_ + n;
  fail_kind_ = kind;
}

void MemoryDisk::fail_syncs(bool fail) {
  const MutexLock lock(mutex_);
  fail_syncs_ = fail;
}

void MemoryDisk::set_capacity(std::uint64_t bytes) {
  const MutexLock lock(mutex_);
  capacity_ = bytes;
}

std::uint64_t MemoryDisk::operations() const {
  const MutexLock lock(mutex_);
  return operations_;
}

Bytes MemoryDisk::content(const std::string& name) const {
  const MutexLock lock(mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? Bytes() : found->second->now;
}

void MemoryDisk::put(const std::string& name, BytesView bytes) {
  const MutexLock lock(mutex_);
  const auto inode = std::make_shared<Inode>();
  inode->now = inode->synced = Bytes(bytes);
  names_[name] = synced_names_[name] = inode;
}

}  // namespace yard::journal
