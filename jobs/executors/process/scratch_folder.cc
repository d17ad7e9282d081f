#include "jobs/executors/process/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace yard::jobs {
namespace {

namespace fs = std::filesystem;

// A folder whose bits keep its owner out keeps its content in.
void open_folders(const fs::path& folder) {
  std::error_code ignored;
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow, ignored);
  for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored)) {
    std::error_code unknown;
    if (fs::is_directory(at->symlink_status(unknown))) open_folders(at->path());
  }
}

void remove_folder(const std::string& path) {
  if (path.empty()) return;
  std::error_code failed;
  fs::remove_all(path, failed);
  if (!failed) return;
  open_folders(path);
  fs::remove_all(path, failed);
}

}  // namespace

Result<ScratchFolder> ScratchFolder::make() {
  std::error_code failed;
  const fs::path base = fs::temp_directory_path(failed);
  if (failed) return fail(ErrorCode::kIo, "no folder for temporary files: " + failed.message());
  std::string path = base / "switchyard-job-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail(ErrorCode::kIo, "cannot make " + path + ": " + std::generic_category().message(errno));
  }
  return ScratchFolder(std::move(path));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchFolder::~ScratchFolder() { remove_folder(path_); }

}  // namespace yard::jobs
