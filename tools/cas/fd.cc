#include "tools/cas/fd.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace yard::tools {

std::unexpected<Error> io_error(std::string_view what, int error_number) {
  std::string message(what);
  switch (error_number) {
    case ENOSPC: message += ": the disk is full; free some space and try again"; break;
    case EDQUOT: message += ": the disk quota is used up; free some space and try again"; break;
    case EFBIG: message += ": the file system takes no file of that size"; break;
    default: message += ": " + std::generic_category().message(error_number);
  }
  return fail(ErrorCode::kIo, std::move(message));
}

Result<Fd> open_folder(const std::filesystem::path& folder) {
  Fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return io_error("open folder " + folder.string(), errno);
  return opened;
}

std::expected<Fd, int> open_beneath(int folder, const std::filesystem::path& path, std::uint64_t flags,
                                    std::uint64_t resolve) {
  open_how how = {};
  how.flags = flags | O_CLOEXEC;
  how.resolve = resolve | RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // A rename elsewhere at the same moment may make the kernel give up with EAGAIN; it asks us to try again.
  for (int attempt = 0; attempt < 16; ++attempt) {
    const long number = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
    if (number >= 0) return Fd(static_cast<int>(number));
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return std::unexpected(errno);
}

Status write_all(int file, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return io_error("write", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status read_at(int file, std::uint64_t offset, std::size_t size, Bytes& out) {
  out.resize(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::pread(file, out.data() + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0) {
      if (errno == EINTR) continue;
      return io_error("read", errno);
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return {};
}

Result<std::uint64_t> size_of(int file) {
  struct stat status = {};
  if (::fstat(file, &status) != 0) return io_error("stat", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace yard::tools
