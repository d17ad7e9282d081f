// Where the broker may listen.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace yard::broker {

// Makes `endpoint` fit to be bound: for ipc, its folder exists, is ours and open to nobody else, and a
// socket file that no process listens on is removed; for tcp, it is on loopback, since there are no keys
// yet to let anybody else in by.
// Errors: kDenied and kUnavailable, with what to do.
[[nodiscard]] Status prepare_endpoint(const std::string& endpoint);

// Where workers connect when nobody says otherwise, so that several brokers don't meet: for ipc, `workers` in the
// folder of `requests`; for tcp, any port of its host. WELCOME tells which.
[[nodiscard]] std::string workers_beside(std::string_view requests);

}  // namespace yard::broker
