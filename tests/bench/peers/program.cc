#include "tests/bench/peers/program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "engine/base/check.h"

namespace yard::bench {
namespace {

constexpr int kAttemptsMax = 1'000;
constexpr int kBetweenAttemptsMs = 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

template <typename Address>
Fd connect_to(const Address& address) {
  Fd fd(::socket(reinterpret_cast<const sockaddr&>(address).sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  YARD_CHECK(fd);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return fd;
}

// Between fork and exec: only what is safe in a copy of a process with threads.
[[noreturn]] void become(const char* file, char* const* arguments, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv(file, arguments);
  ::_exit(127);
}

}  // namespace

std::optional<std::filesystem::path> find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::filesystem::path file = std::filesystem::path(folder) / name;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return std::nullopt;
}

Program::Program(std::string_view name, std::vector<std::string> arguments, const std::filesystem::path& log)
    : log_(log) {
  const auto file = find_program(name);
  YARD_CHECK(file.has_value());
  arguments.insert(arguments.begin(), file->string());
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const Fd output(::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  pid_ = ::fork();
  YARD_CHECK(pid_ >= 0);
  if (pid_ == 0) become(file->c_str(), raw.data(), output.get());
  process_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  YARD_CHECK(process_);
}

Program::~Program() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

// Nothing tells when a stranger is ready, but its end tells that it will never be.
template <typename Connect>
Fd Program::connect_patiently(Connect&& connect) const {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (Fd fd = connect()) return fd;
    pollfd ended{process_.get(), POLLIN, 0};
    if (::poll(&ended, 1, kBetweenAttemptsMs) > 0) break;
  }
  std::cerr << std::ifstream(log_).rdbuf();
  YARD_CHECK(false && "a peer did not start");
}

Fd Program::connect_unix(const std::filesystem::path& socket) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  YARD_CHECK(socket.native().size() < sizeof address.sun_path);
  std::ranges::copy(socket.native(), address.sun_path);
  return connect_patiently([&] { return connect_to(address); });
}

Fd Program::connect_loopback(std::uint16_t port) const {
  Fd fd = connect_patiently([&] { return connect_to(loopback(port)); });
  const int on = 1;
  YARD_CHECK(::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
  return fd;
}

double Program::resident_mib() const { return bench::resident_mib(std::to_string(pid_)); }

std::uint16_t free_loopback_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  YARD_CHECK(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  YARD_CHECK(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

double resident_mib(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/statm");
  std::size_t whole = 0;
  std::size_t resident = 0;
  YARD_CHECK(file >> whole >> resident);
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace yard::bench
