#include "engine/journal/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace yard::journal {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr char kLockName[] = "LOCK";

std::string text_of(int error) { return std::generic_category().message(error); }

std::unexpected<DiskFailure> failure(std::string_view what, std::string_view name) {
  const int error = errno;
  const DiskError kind = error == ENOSPC || error == EDQUOT ? DiskError::kFull
                         : error == ENOENT                  ? DiskError::kNotFound
                                                            : DiskError::kFailed;
  return std::unexpected(DiskFailure{
      .kind = kind, .message = "cannot " + std::string(what) + " " + std::string(name) + ": " + text_of(error)});
}

template <typename Call>
auto without_interruption(Call&& call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

class PosixFile final : public DiskFile {
 public:
  PosixFile(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  DiskResult<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = without_interruption([&] {
        return ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      });
      if (got < 0) return failure("read", name_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  DiskStatus write(std::uint64_t offset, BytesView bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = without_interruption(
          [&] { return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
      if (put < 0) return failure("write", name_);
      bytes.remove_prefix(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    }
    return {};
  }

  // Not tried again after EINTR either: it may have given up on pages.
  DiskStatus sync() override {
    if (::fdatasync(fd_.get()) != 0) return failure("sync", name_);
    return {};
  }

  DiskStatus truncate(std::uint64_t size) override {
    if (without_interruption([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) != 0) {
      return failure("truncate", name_);
    }
    return {};
  }

  DiskStatus preallocate(std::uint64_t size) override {
    if (without_interruption([&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(size)); }) == 0) return {};
    if (errno == EOPNOTSUPP || errno == ENOSYS) return {};
    return failure("preallocate", name_);
  }

  DiskResult<std::uint64_t> size() override {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) return failure("stat", name_);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  Fd fd_;
  std::string name_;
};

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::kCreate: return O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
    case OpenMode::kReadWrite: return O_RDWR | O_CLOEXEC;
    case OpenMode::kRead: return O_RDONLY | O_CLOEXEC;
  }
  return O_RDONLY | O_CLOEXEC;
}

Status refuse_network(int folder, const std::string& path) {
  struct statfs status{};
  if (without_interruption([&] { return ::fstatfs(folder, &status); }) != 0) {
    return fail(ErrorCode::kIo, "cannot statfs " + path + ": " + text_of(errno));
  }
  const auto name = network_file_system(static_cast<std::uint32_t>(status.f_type));
  if (!name) return {};
  return fail(ErrorCode::kUnsupported, path + " is on " + std::string(*name) +
                                           ", where locks and syncs cannot be relied on; choose a local folder");
}

Result<Fd> take_lock(int folder, const std::string& path, PosixDisk::Access access) {
  const bool write = access == PosixDisk::Access::kWrite;
  Fd lock(::openat(folder, kLockName, write ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, kFileMode));
  if (lock.get() < 0) {
    if (!write && errno == ENOENT) return lock;  // never written by anyone
    return fail(ErrorCode::kIo, "cannot open " + path + "/LOCK: " + text_of(errno));
  }
  const int mode = (write ? LOCK_EX : LOCK_SH) | LOCK_NB;
  if (without_interruption([&] { return ::flock(lock.get(), mode); }) == 0) return lock;
  if (errno != EWOULDBLOCK) return fail(ErrorCode::kIo, "cannot lock " + path + "/LOCK: " + text_of(errno));
  return fail(ErrorCode::kUnavailable, path + " is in use by another process (it holds LOCK)");
}

}  // namespace

std::optional<std::string_view> network_file_system(std::uint32_t type) {
  struct Row {
    std::uint32_t type;
    std::string_view name;
  };
  // FUSE does not tell who is behind it: sshfs and glusterfs look like a local one.
  static constexpr std::array kRows = {
      Row{0x00006969, "NFS"},   Row{0x0000517B, "SMB"},  Row{0xFF534D42, "CIFS"},   Row{0xFE534D42, "SMB2"},
      Row{0x65735546, "FUSE"},  Row{0x00C36400, "Ceph"}, Row{0x01021997, "9P"},     Row{0x5346414F, "AFS"},
      Row{0x6B414653, "AFS"},   Row{0x73757245, "Coda"}, Row{0x0000564C, "NCP"},    Row{0x0BD00BD0, "Lustre"},
      Row{0x7461636F, "OCFS2"}, Row{0x01161970, "GFS2"}, Row{0x19830326, "BeeGFS"},
  };
  for (const Row& row : kRows) {
    if (row.type == type) return row.name;
  }
  return std::nullopt;
}

Result<std::unique_ptr<PosixDisk>> PosixDisk::open(const std::filesystem::path& path, Access access) {
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
    return fail(code, "cannot open folder " + path.string() + ": " + text_of(errno));
  }
  YARD_TRY_STATUS(refuse_network(folder.get(), path.string()));
  YARD_TRY(Fd lock, take_lock(folder.get(), path.string(), access));
  return std::unique_ptr<PosixDisk>(new PosixDisk(std::move(folder), std::move(lock)));
}

DiskResult<std::vector<std::string>> PosixDisk::list() {
  // A descriptor of its own: the position in a folder belongs to the open file.
  const int fd = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failure("open", "the folder");
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd), &::closedir);
  if (!folder) {
    ::close(fd);
    return failure("list", "the folder");
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  if (errno != 0) return failure("list", "the folder");
  return names;
}

DiskResult<std::unique_ptr<DiskFile>> PosixDisk::open(const std::string& name, OpenMode mode) {
  Fd fd(without_interruption([&] { return ::openat(folder_.get(), name.c_str(), flags_of(mode), kFileMode); }));
  if (fd.get() < 0) return failure("open", name);
  return std::make_unique<PosixFile>(std::move(fd), name);
}

DiskStatus PosixDisk::rename(const std::string& from, const std::string& to) {
  if (::renameat(folder_.get(), from.c_str(), folder_.get(), to.c_str()) != 0) return failure("rename", from);
  return {};
}

DiskStatus PosixDisk::remove(const std::string& name) {
  if (::unlinkat(folder_.get(), name.c_str(), 0) != 0) return failure("remove", name);
  return {};
}

DiskStatus PosixDisk::sync_dir() {
  if (::fsync(folder_.get()) != 0) return failure("sync", "the folder");
  return {};
}

}  // namespace yard::journal
