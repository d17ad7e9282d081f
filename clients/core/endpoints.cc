#include "clients/core/endpoints.h"

#include <unistd.h>

#include <cstdlib>

namespace yard::client {
namespace {

constexpr std::string_view kTcp = "tcp://";

std::string_view host_of(std::string_view tcp_endpoint) {
  tcp_endpoint.remove_prefix(kTcp.size());
  return tcp_endpoint.substr(0, tcp_endpoint.rfind(':'));
}

}  // namespace

std::string default_socket_folder() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime != '\0') return std::string(runtime) + "/switchyard";
  return "/tmp/switchyard-" + std::to_string(::getuid());
}

std::string default_requests_endpoint() {
  const char* const stated = std::getenv("SWITCHYARD_ENDPOINT");
  if (stated != nullptr && *stated != '\0') return stated;
  return "ipc://" + default_socket_folder() + "/requests";
}

std::string default_workers_endpoint() { return "ipc://" + default_socket_folder() + "/workers"; }

std::string reachable_endpoint(std::string_view told, std::string_view requests) {
  if (!told.starts_with(kTcp) || !requests.starts_with(kTcp)) return std::string(told);
  const std::string_view host = host_of(told);
  if (host != "0.0.0.0" && host != "*" && host != "[::]") return std::string(told);
  const std::string_view port = told.substr(told.rfind(':'));
  return std::string(kTcp).append(host_of(requests)).append(port);
}

bool is_same_machine(std::string_view endpoint) {
  return endpoint.starts_with("ipc://") || endpoint.starts_with("inproc://");
}

}  // namespace yard::client
