// Where a broker is, for clients that weren't told.
#pragma once

#include <string>
#include <string_view>

namespace yard::client {

// The folder of the default ipc sockets: $XDG_RUNTIME_DIR/switchyard, or /tmp/switchyard-<uid>.
[[nodiscard]] std::string default_socket_folder();

// $SWITCHYARD_ENDPOINT, or ipc://<default_socket_folder()>/requests.
[[nodiscard]] std::string default_requests_endpoint();

// ipc://<default_socket_folder()>/workers.
[[nodiscard]] std::string default_workers_endpoint();

// An endpoint that the broker told (iopub, control), as it is reachable from here: a wildcard host
// ("0.0.0.0", "*", "[::]") becomes the host that `requests` names. Everything else stays.
[[nodiscard]] std::string reachable_endpoint(std::string_view told, std::string_view requests);

// Whether the broker behind `endpoint` shares this machine's steady clock for certain.
[[nodiscard]] bool is_same_machine(std::string_view endpoint);

}  // namespace yard::client
