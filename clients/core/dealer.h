// How a client's sockets are set up (PROTOCOL.md, section 1).
#pragma once

#include <string>
#include <zmq.hpp>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard::client {

// What every socket of a client has.
void configure_socket(zmq::socket_t& socket);

// A DEALER that queues nothing for a peer that isn't there.
[[nodiscard]] zmq::socket_t make_dealer(zmq::context_t& context);

// Errors: kUnavailable for an endpoint that none can be.
[[nodiscard]] Status connect_socket(zmq::socket_t& socket, const std::string& endpoint);

// False where the frame can't be sent at once.
[[nodiscard]] bool send_now(zmq::socket_t& socket, BytesView frame);

// The frame of HELLO from a client of this name.
[[nodiscard]] Bytes hello_frame(const std::string& name, std::uint64_t correlation);

}  // namespace yard::client
