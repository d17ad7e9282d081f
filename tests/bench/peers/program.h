// A peer's own server, running for as long as its object.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/fd.h"

namespace yard::bench {

// Where PATH, or the folder of servers that a user's PATH may lack, has the program `name`; nothing: not installed.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name);

// Threads: one; the program is killed when the thread that made this ends, however it ends.
class Program {
 public:
  // Starts the program that find_program finds, which must be there; what it prints goes to `log`.
  Program(std::string_view name, std::vector<std::string> arguments, const std::filesystem::path& log);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Returns once a client could connect to it, and aborts with its log if none could within seconds.
  [[nodiscard]] Fd connect_unix(const std::filesystem::path& socket) const;
  [[nodiscard]] Fd connect_loopback(std::uint16_t port) const;

  [[nodiscard]] double resident_mib() const;

 private:
  template <typename Connect>
  Fd connect_patiently(Connect&& connect) const;

  std::filesystem::path log_;
  pid_t pid_;
  Fd process_;  // readable once it has ended
};

// A port of the loopback that nobody listens on now.
[[nodiscard]] std::uint16_t free_loopback_port();

// What the process `pid` ("self": this one) has in memory.
[[nodiscard]] double resident_mib(const std::string& pid);

}  // namespace yard::bench
