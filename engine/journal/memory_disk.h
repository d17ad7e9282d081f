// MemoryDisk: files in memory that can lose what was not synced. For tests and the simulator.
#pragma once

#include <map>

#include "engine/base/mutex.h"
#include "engine/base/random.h"
#include "engine/journal/disk.h"

namespace yard::journal {

// Remembers what was synced and what was only written. It is harsher than real disks: after a crash any
// unsynced sector, resize, creation, rename or removal may be there or not, each by itself.
//
// Threads: any.
class MemoryDisk final : public Disk {
 public:
  static constexpr std::size_t kSectorBytes = 512;

  [[nodiscard]] DiskResult<std::vector<std::string>> list() override YARD_EXCLUDES(mutex_);
  [[nodiscard]] DiskResult<std::unique_ptr<DiskFile>> open(const std::string& name, OpenMode mode) override
      YARD_EXCLUDES(mutex_);
  [[nodiscard]] DiskStatus rename(const std::string& from, const std::string& to) override YARD_EXCLUDES(mutex_);
  [[nodiscard]] DiskStatus remove(const std::string& name) override YARD_EXCLUDES(mutex_);
  [[nodiscard]] DiskStatus sync_dir() override YARD_EXCLUDES(mutex_);

  // Loses power. What was synced stays, of the rest what `random` leaves. Open files go on writing to nowhere.
  void crash(Random& random) YARD_EXCLUDES(mutex_);

  // The n-th operation from now on that changes something (1: the next, 0: none) fails, once. A write
  // that fails leaves the first half of its bytes.
  void fail_operation(std::uint64_t n, DiskError kind) YARD_EXCLUDES(mutex_);

  // All syncs fail from now on, or no longer.
  void fail_syncs(bool fail) YARD_EXCLUDES(mutex_);

  // There is room for `bytes` in all files together.
  void set_capacity(std::uint64_t bytes) YARD_EXCLUDES(mutex_);

  // How many operations changed something, or would have.
  [[nodiscard]] std::uint64_t operations() const YARD_EXCLUDES(mutex_);

  // The file as it is now; empty if there is none.
  [[nodiscard]] Bytes content(const std::string& name) const YARD_EXCLUDES(mutex_);

  // Makes the file hold `bytes`, synced.
  void put(const std::string& name, BytesView bytes) YARD_EXCLUDES(mutex_);

 private:
  struct Change {
    bool resize = false;
    std::uint64_t offset = 0;  // or the new size
    Bytes bytes;
  };
  struct Inode {
    Bytes now;
    Bytes synced;
    std::vector<Change> changes;  // what leads from `synced` to `now`
  };
  using InodePtr = std::shared_ptr<Inode>;  // owned by names, and by files that are open
  struct Renaming {
    std::string from;  // goes, if not empty
    std::string to;    // comes to mean `inode`, if not empty
    InodePtr inode;
  };
  using Names = std::map<std::string, InodePtr>;
  class File;

  static void apply(Names& names, const Renaming& renaming);
  static void apply(Bytes& bytes, const Change& change);
  static void apply_some(Bytes& bytes, const Change& change, Random& random, std::uint64_t keep_of_8);
  [[nodiscard]] DiskStatus count_operation(std::string_view what) YARD_REQUIRES(mutex_);
  [[nodiscard]] DiskStatus count_sync() YARD_REQUIRES(mutex_);
  [[nodiscard]] std::uint64_t room() const YARD_REQUIRES(mutex_);
  void change(Inode& inode, Change change) YARD_REQUIRES(mutex_);
  [[nodiscard]] DiskStatus extend(Inode& inode, std::uint64_t size) YARD_REQUIRES(mutex_);

  mutable Mutex mutex_;
  Names names_ YARD_GUARDED_BY(mutex_);
  Names synced_names_ YARD_GUARDED_BY(mutex_);
  std::vector<Renaming> renamings_ YARD_GUARDED_BY(mutex_);
  std::uint64_t operations_ YARD_GUARDED_BY(mutex_) = 0;
  std::uint64_t fail_at_ YARD_GUARDED_BY(mutex_) = 0;
  DiskError fail_kind_ YARD_GUARDED_BY(mutex_) = DiskError::kFailed;
  bool fail_syncs_ YARD_GUARDED_BY(mutex_) = false;
  std::uint64_t capacity_ YARD_GUARDED_BY(mutex_) = UINT64_MAX;
};

}  // namespace yard::journal
