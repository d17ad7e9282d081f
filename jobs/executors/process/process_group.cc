#include "jobs/executors/process/process_group.h"

#include <sys/wait.h>

#include <cctype>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace yard::jobs {
namespace {

// Source: proc(5), /proc/PID/stat: "PID (NAME) STATE PARENT GROUP …", where NAME may be anything.
bool runs_in(const std::string& stat, pid_t group) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return false;  // gone while we looked
  std::istringstream fields(stat.substr(name_end + 1));
  char state = 0;
  pid_t parent = 0;
  pid_t its_group = 0;
  fields >> state >> parent >> its_group;
  return its_group == group && state != 'Z' && state != 'X';
}

bool any_runs_in(pid_t group) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::directory_iterator at("/proc", failed);
  if (failed) return true;
  for (const fs::directory_iterator end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename();
    if (std::isdigit(static_cast<unsigned char>(name.front())) == 0) continue;
    std::ifstream file(at->path() / "stat");
    if (runs_in({std::istreambuf_iterator<char>(file), {}}, group)) return true;
  }
  return false;
}

}  // namespace

// The number stays the group's while it has members of any kind.
bool group_is_gone(pid_t group) {
  while (::waitpid(-group, nullptr, WNOHANG) > 0) {
  }
  if (::kill(-group, 0) != 0 && errno == ESRCH) return true;
  return !any_runs_in(group);
}

}  // namespace yard::jobs
