// How every ZeroMQ socket of the broker is set up, and the two calls it needs of one.
//
// Source of the rules: the trap table of PROTOCOL.md's authors; tests/integration/traps_test.cc repeats
// each of them against a running broker.
#pragma once

#include <zmq.hpp>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard::broker {

enum class SocketRole { kRouter, kPublisher };

// Creates and configures; doesn't bind. A socket belongs to one thread for all of its life.
//   - ROUTER_MANDATORY: an unknown peer or a full pipe is an error here, never a silent drop.
//   - ROUTER_HANDOVER: a repeated identity doesn't make libzmq buffer for good; it means nothing to us.
//   - MAXMSGSIZE as a backstop, HANDSHAKE_IVL short, LINGER one second, no ZMQ heartbeats ever (with a
//     full receive queue they abort libzmq 4.3.4): tcp keepalive and PING instead.
//   - XPUB_VERBOSE: each new subscriber is greeted, not just a topic's first.
[[nodiscard]] zmq::socket_t make_socket(zmq::context_t& context, SocketRole role);

// Binds and returns the endpoint with its real port. Errors: kUnavailable with the reason.
[[nodiscard]] Result<std::string> bind_socket(zmq::socket_t& socket, const std::string& endpoint);

enum class Sent { kSent, kFull, kUnreachable };

// Sends `frame` to the peer without ever blocking.
[[nodiscard]] Sent send_to(zmq::socket_t& router, BytesView routing_id, BytesView frame);

// Publishes `frame`. A subscriber whose pipe is full misses it; its sequence tells it.
void publish(zmq::socket_t& publisher, BytesView frame);

// Receives the next frame without blocking. False if there is none.
[[nodiscard]] bool receive(zmq::socket_t& socket, zmq::message_t& frame);

}  // namespace yard::broker
