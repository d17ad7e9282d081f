#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "engine/aot/library.h"

namespace yard::graph::aot {
namespace {

// Removed with all that is in it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "switchyard-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The exit code; what the command says goes to `log`.
Result<int> run(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fail(ErrorCode::kUnavailable, "there is no compiler " + command.front() + "; $CXX names one");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

std::string first_error(const std::filesystem::path& log) {
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);)
    if (line.find("error") != std::string::npos) return line.substr(0, 500);
  return "the compiler failed";
}

}  // namespace

Status build_library(const std::string& header, const std::filesystem::path& out) {
  const Folder folder;
  const std::filesystem::path source = folder.path() / "graph.cc";
  std::ofstream(source, std::ios::binary) << header;
  const char* compiler = std::getenv("CXX");
  // Positions and pragmas of a header are no news where it is the whole of a library.
  YARD_TRY(const int code, run({compiler != nullptr && *compiler != '\0' ? compiler : "c++", "-std=c++20", "-O3",
                                "-fPIC", "-shared", "-ffp-contract=off", "-fvisibility=hidden", "-DSWITCHYARD_SHARED",
                                "-w", source.string(), "-o", out.string()},
                               folder.path() / "log"));
  if (code != 0) return fail(ErrorCode::kInternal, first_error(folder.path() / "log"));
  return {};
}

}  // namespace yard::graph::aot
