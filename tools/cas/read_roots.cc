#include "tools/cas/read_roots.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

namespace yard::tools {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> outside(std::span<const fs::path> roots) {
  if (roots.empty()) {
    return fail(ErrorCode::kDenied, "no folder may be read; name some as read_roots in the broker's configuration",
                "/file_path");
  }
  std::string names;
  for (const fs::path& root : roots) names += (names.empty() ? "" : ", ") + root.string();
  return fail(ErrorCode::kDenied,
              "the file is outside the folders that may be read (" + names +
                  "); move it there, or add its folder to read_roots in the broker's configuration",
              "/file_path");
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "something else";
}

// The rest of `path` below `root`, by names alone; the kernel checks what they lead to.
std::optional<fs::path> below(const fs::path& root, const fs::path& path) {
  const fs::path base = (root / "").lexically_normal().parent_path();
  const auto [in_base, in_path] = std::ranges::mismatch(base, path);
  if (in_base != base.end() || in_path == path.end()) return std::nullopt;
  fs::path rest;
  for (auto part = in_path; part != path.end(); ++part) rest /= *part;
  return rest;
}

// The root as configured, and as it is without links: callers may know either name.
std::optional<fs::path> below_either(const fs::path& root, const fs::path& path) {
  if (auto rest = below(root, path)) return rest;
  std::error_code error;
  const fs::path canonical = fs::canonical(root, error);
  return error ? std::nullopt : below(canonical, path);
}

// Looks first and opens then: opening a device or FIFO may already do something.
Result<Fd> open_regular(const Fd& looked_at) {
  struct stat status = {};
  if (::fstat(looked_at.get(), &status) != 0) return io_error("stat", errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kDenied, "expected a regular file, got " + std::string(kind_of(status.st_mode)),
                "/file_path");
  }
  const std::string same = "/proc/self/fd/" + std::to_string(looked_at.get());
  Fd file(::open(same.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == EACCES) return fail(ErrorCode::kDenied, "the broker may not read the file", "/file_path");
  if (!file) return io_error("open the file", errno);
  return file;
}

}  // namespace

Result<Fd> open_readable(std::span<const fs::path> roots, std::string_view path) {
  if (path.empty() || path.contains('\0')) {
    return fail(ErrorCode::kInvalidArguments, "expected a path without NUL", "/file_path");
  }
  const fs::path wanted(path);
  bool is_below = false;
  for (const fs::path& root : roots) {
    const auto rest = wanted.is_absolute() ? below_either(root, wanted) : std::optional(wanted);
    if (!rest) continue;
    YARD_TRY(const Fd folder, open_folder(root));
    const auto found = open_beneath(folder.get(), *rest, O_PATH, 0);
    if (found) return open_regular(*found);
    switch (found.error()) {
      case EXDEV:
      case ELOOP: break;
      case ENOENT:
      case ENOTDIR: is_below = true; break;
      case EACCES: return fail(ErrorCode::kDenied, "the broker may not read the file", "/file_path");
      default: return io_error("open the file", found.error());
    }
  }
  if (!is_below) return outside(roots);
  return fail(ErrorCode::kNotFound, "no file of that name", "/file_path");
}

}  // namespace yard::tools
