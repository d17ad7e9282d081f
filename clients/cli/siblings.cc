#include "clients/cli/siblings.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

namespace yard::cli {

std::optional<std::string> find_sibling(const std::string& name) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  const std::filesystem::path folder = self.parent_path();
  for (const auto& path : {folder / name, folder.parent_path() / "libexec" / "switchyard" / name}) {
    if (access(path.c_str(), X_OK) == 0) return path.string();
  }
  return std::nullopt;
}

std::vector<char*> argument_pointers(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return pointers;
}

Status become(const std::string& path, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {path};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::signal(SIGPIPE, SIG_DFL);  // what is ignored stays so across exec
  execv(path.c_str(), argument_pointers(all).data());
  const std::string reason = std::strerror(errno);
  std::signal(SIGPIPE, SIG_IGN);
  return fail(ErrorCode::kIo, "cannot start " + path + ": " + reason);
}

}  // namespace yard::cli
