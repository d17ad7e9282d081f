// Where the broker may listen.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace yard::broker {

// Makes `endpoint` fit to be bound: for ipc, its folder exists, is ours and open to nobody else, and a
// socket file that no process listens on is removed; for tcp, it is on loopback, since there are no keys
// yet to let anybody else in by.
// Errors: kDenied and kUnavailable, with what to do.
[[nodiscard]] Status prepare_endpoint(const std::string& endpoint);

}  // namespace yard::broker
