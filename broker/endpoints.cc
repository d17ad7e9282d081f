#include "broker/endpoints.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace yard::broker {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIpc = "ipc://";
constexpr std::string_view kTcp = "tcp://";
constexpr mode_t kOwnerOnly = 0700;

Status prepare_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (mkdir(folder.c_str(), kOwnerOnly) != 0 && errno != EEXIST) {
    return fail(ErrorCode::kUnavailable, "cannot make " + folder.string() + ": " + std::strerror(errno));
  }
  struct stat status{};
  if (lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return fail(ErrorCode::kDenied, folder.string() + " is no folder");
  if (status.st_uid != geteuid())
    return fail(ErrorCode::kDenied, folder.string() + " belongs to somebody else; choose another folder with --listen");
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::kDenied, folder.string() + " is open to others; run: chmod 700 " + folder.string());
  }
  return {};
}

// Whether a process accepts connections on the socket file.
bool is_served(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool served = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return served;
}

Status prepare_ipc(const std::string& path) {
  if (!path.starts_with('/'))
    return fail(ErrorCode::kDenied, "an ipc endpoint is ipc:// and an absolute path, not " + path);
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return fail(ErrorCode::kDenied, "the path " + path + " is too long for a socket");
  YARD_TRY_STATUS(prepare_folder(fs::path(path).parent_path()));
  if (is_served(path))
    return fail(ErrorCode::kUnavailable,
                "a broker listens on " + path + " already; stop it, or choose another --listen");
  std::error_code error;
  if (fs::is_socket(path, error)) fs::remove(path, error);
  return {};
}

Status prepare_tcp(std::string_view address) {
  for (const std::string_view loopback : {"127.", "[::1]:", "localhost:"}) {
    if (address.starts_with(loopback)) return {};
  }
  return fail(ErrorCode::kDenied,
              "tcp://" + std::string(address) + " is not on loopback: without keys anybody could call tools there");
}

}  // namespace

std::string workers_beside(std::string_view requests) {
  if (requests.starts_with(kTcp)) return std::string(requests.substr(0, requests.rfind(':'))) + ":*";
  constexpr std::string_view kUsual = "/requests";
  if (!requests.ends_with(kUsual)) return std::string(requests) + ".workers";
  return std::string(requests.substr(0, requests.size() - kUsual.size())) + "/workers";
}

Status prepare_endpoint(const std::string& endpoint) {
  if (endpoint.starts_with(kIpc)) return prepare_ipc(endpoint.substr(kIpc.size()));
  if (endpoint.starts_with(kTcp)) return prepare_tcp(std::string_view(endpoint).substr(kTcp.size()));
  return fail(ErrorCode::kDenied, "endpoint " + endpoint + ": expected ipc:///folder/name or tcp://127.0.0.1:port");
}

}  // namespace yard::broker
