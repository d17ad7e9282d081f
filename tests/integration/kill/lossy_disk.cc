// A disk that forgets: preloaded into a program, it makes SIGKILL a loss of power.
//
// What is written to regular files below LOSSY_DISK_FOLDER stays in this library's memory, as a kernel would keep it in
// its cache, until the file is synced; the program reads its own writes. Now and then a part of a write reaches the
// disk early, as writeback does it, so that torn and reordered writes are found, too.
//
// LOSSY_DISK_MODE
//   hold        what is described above
//   lie         syncs say yes, and nothing ever reaches the disk: a test that doesn't notice this one sees nothing
//   fail_write  as hold, and write number LOSSY_DISK_AT fails with EIO
//   fail_sync   as hold, and sync number LOSSY_DISK_AT fails with EIO; as with a kernel, what it was to hand on is gone
//               and the next sync says yes
// LOSSY_DISK_SEED draws what is early.
//
// Names (creations, renames, removals) are not held, nor is what is mapped. An orderly exit loses nothing. Programs
// that the program starts have the disk as it is.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

// One of kEarly writes reaches the disk in part before its sync.
constexpr unsigned kEarly = 4;

// A change of a file that the disk doesn't have: bytes at an offset, or a size.
struct Change {
  bool resizes;
  off_t at;  // or the size
  std::string bytes;
};

using FileKey = std::pair<dev_t, ino_t>;

std::string text_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? "" : text;
}

std::uint64_t number_from(const char* variable) {
  const std::string text = text_from(variable);
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Calls of the kernel itself, because those of the library are ours.
ssize_t write_through(int fd, std::string_view bytes, off_t at) {
  for (std::size_t done = 0; done < bytes.size();) {
    const long put =
        ::syscall(SYS_pwrite64, fd, bytes.data() + done, bytes.size() - done, at + static_cast<off_t>(done));
    if (put < 0) return -1;
    done += static_cast<std::size_t>(put);
  }
  return static_cast<ssize_t>(bytes.size());
}

bool real_status(int fd, struct stat& status) { return ::syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0; }

class LossyDisk {
 public:
  LossyDisk() { ::unsetenv("LD_PRELOAD"); }

  // The power stayed on: the kernel gets what it would have.
  ~LossyDisk() {
    const std::lock_guard lock(mutex_);
    for (auto& [key, file] : files_) {
      static_cast<void>(hand_on(file.fd, file.changes));
      ::close(file.fd);
    }
    files_.clear();
  }

  ssize_t write(int fd, std::string_view bytes, off_t at) {
    const std::lock_guard lock(mutex_);
    if (mode_ == "fail_write" && ++writes_ == fail_at_) return refuse();
    change(fd, {.resizes = false, .at = at, .bytes = std::string(bytes)});
    if (mode_ != "lie" && random_() % kEarly == 0)
      write_through(fd, bytes.substr(0, random_() % (bytes.size() + 1)), at);
    return static_cast<ssize_t>(bytes.size());
  }

  int resize(int fd, off_t size) {
    const std::lock_guard lock(mutex_);
    change(fd, {.resizes = true, .at = size, .bytes = {}});
    return 0;
  }

  int sync(int fd) {
    const std::lock_guard lock(mutex_);
    if (mode_ == "lie") return 0;
    const bool fails = mode_ == "fail_sync" && ++syncs_ == fail_at_;
    const auto file = files_.find(key_of(fd));
    int result = 0;
    if (file != files_.end()) {
      if (!fails) result = hand_on(file->second.fd, file->second.changes);
      ::close(file->second.fd);
      files_.erase(file);
    }
    if (fails) return refuse();
    return result == 0 ? static_cast<int>(::syscall(SYS_fsync, fd)) : result;
  }

  // What the disk has, and over it what is held.
  ssize_t read(int fd, char* into, std::size_t size, off_t at) {
    const std::lock_guard lock(mutex_);
    const long got = ::syscall(SYS_pread64, fd, into, size, at);
    const auto file = files_.find(key_of(fd));
    if (got < 0 || file == files_.end()) return got;
    std::memset(into + got, 0, size - static_cast<std::size_t>(got));
    off_t end = real_size(fd);
    for (const Change& change : file->second.changes) {
      if (change.resizes) {
        const off_t cut = std::clamp<off_t>(change.at - at, 0, static_cast<off_t>(size));
        std::memset(into + cut, 0, size - static_cast<std::size_t>(cut));
      } else {
        overlay(change, into, size, at);
      }
      end = size_after(change, end);
    }
    return static_cast<ssize_t>(std::clamp<off_t>(end - at, 0, static_cast<off_t>(size)));
  }

  off_t size(int fd) {
    const std::lock_guard lock(mutex_);
    off_t size = real_size(fd);
    const auto file = files_.find(key_of(fd));
    if (file == files_.end()) return size;
    for (const Change& change : file->second.changes) size = size_after(change, size);
    return size;
  }

  // Whether the file is one of ours to play with.
  bool holds(int fd) const {
    const int before = errno;
    struct stat status{};
    char path[PATH_MAX];
    bool held = !folder_.empty() && real_status(fd, status) && S_ISREG(status.st_mode);
    if (held) {
      const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
      const std::string_view name(path, static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
      held = name.starts_with(folder_) && !name.contains(".sqlite");
    }
    errno = before;
    return held;
  }

 private:
  struct Held {
    int fd = -1;  // of our own, so that the file, and its number, lasts as long as its changes
    std::vector<Change> changes;
  };

  static FileKey key_of(int fd) {
    struct stat status{};
    real_status(fd, status);
    return {status.st_dev, status.st_ino};
  }

  static off_t real_size(int fd) {
    struct stat status{};
    real_status(fd, status);
    return status.st_size;
  }

  static off_t size_after(const Change& change, off_t size) {
    return change.resizes ? change.at : std::max(size, change.at + static_cast<off_t>(change.bytes.size()));
  }

  static void overlay(const Change& change, char* into, std::size_t size, off_t at) {
    const off_t begin = std::max(at, change.at);
    const off_t end = std::min(at + static_cast<off_t>(size), change.at + static_cast<off_t>(change.bytes.size()));
    if (begin >= end) return;
    std::memcpy(into + (begin - at), change.bytes.data() + (begin - change.at), static_cast<std::size_t>(end - begin));
  }

  static int hand_on(int fd, const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      const long done =
          change.resizes ? ::syscall(SYS_ftruncate, fd, change.at) : write_through(fd, change.bytes, change.at);
      if (done < 0) return -1;
    }
    return 0;
  }

  static int refuse() {
    errno = EIO;
    return -1;
  }

  void change(int fd, Change change) {
    Held& held = files_[key_of(fd)];
    if (held.fd < 0) held.fd = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    held.changes.push_back(std::move(change));
  }

  const std::string folder_ = text_from("LOSSY_DISK_FOLDER");
  const std::string mode_ = text_from("LOSSY_DISK_MODE");
  const std::uint64_t fail_at_ = number_from("LOSSY_DISK_AT");
  std::mutex mutex_;
  std::uint64_t writes_ = 0;
  std::uint64_t syncs_ = 0;
  std::map<FileKey, Held> files_;
  std::minstd_rand random_{static_cast<std::minstd_rand::result_type>(number_from("LOSSY_DISK_SEED"))};
};

// Made by the first call, which may be one of another library's start.
LossyDisk& disk() {
  static LossyDisk disk;
  return disk;
}

off_t position(int fd) { return ::lseek(fd, 0, SEEK_CUR); }

off_t write_position(int fd) { return (::fcntl(fd, F_GETFL) & O_APPEND) != 0 ? disk().size(fd) : position(fd); }

}  // namespace

extern "C" {

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  if (!disk().holds(fd)) return ::syscall(SYS_pwrite64, fd, bytes, size, at);
  return disk().write(fd, {static_cast<const char*>(bytes), size}, at);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (!disk().holds(fd)) return ::syscall(SYS_write, fd, bytes, size);
  const off_t at = write_position(fd);
  const ssize_t written = disk().write(fd, {static_cast<const char*>(bytes), size}, at);
  if (written > 0) ::lseek(fd, at + written, SEEK_SET);
  return written;
}

ssize_t writev(int fd, const iovec* parts, int count) {
  if (!disk().holds(fd)) return ::syscall(SYS_writev, fd, parts, count);
  std::string all;
  for (int i = 0; i < count; ++i) all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return write(fd, all.data(), all.size());
}

ssize_t pread(int fd, void* into, size_t size, off_t at) {
  if (!disk().holds(fd)) return ::syscall(SYS_pread64, fd, into, size, at);
  return disk().read(fd, static_cast<char*>(into), size, at);
}

ssize_t read(int fd, void* into, size_t size) {
  if (!disk().holds(fd)) return ::syscall(SYS_read, fd, into, size);
  const off_t at = position(fd);
  const ssize_t got = disk().read(fd, static_cast<char*>(into), size, at);
  if (got > 0) ::lseek(fd, at + got, SEEK_SET);
  return got;
}

int ftruncate(int fd, off_t size) noexcept {
  return disk().holds(fd) ? disk().resize(fd, size) : static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}

int fallocate(int fd, int mode, off_t at, off_t size) {
  if (!disk().holds(fd)) return static_cast<int>(::syscall(SYS_fallocate, fd, mode, at, size));
  return mode != 0 || at + size <= disk().size(fd) ? 0 : disk().resize(fd, at + size);
}

int fsync(int fd) { return disk().holds(fd) ? disk().sync(fd) : static_cast<int>(::syscall(SYS_fsync, fd)); }

int fdatasync(int fd) { return disk().holds(fd) ? disk().sync(fd) : static_cast<int>(::syscall(SYS_fdatasync, fd)); }

int fstat(int fd, struct stat* status) noexcept {
  if (!real_status(fd, *status)) return -1;
  if (disk().holds(fd)) status->st_size = disk().size(fd);
  return 0;
}

// The same calls under the names that programs with large files use.
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) { return pwrite(fd, bytes, size, at); }
ssize_t pread64(int fd, void* into, size_t size, off64_t at) { return pread(fd, into, size, at); }
int ftruncate64(int fd, off64_t size) noexcept { return ftruncate(fd, size); }
int fallocate64(int fd, int mode, off64_t at, off64_t size) { return fallocate(fd, mode, at, size); }
int fstat64(int fd, struct stat64* status) noexcept { return fstat(fd, reinterpret_cast<struct stat*>(status)); }
}
