#include "broker/socket.h"

#include <zmq.h>

#include <cerrno>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"

namespace yard::broker {
namespace {

// libzmq counts messages, not bytes: what is beyond waits in the peer's outbox, which counts bytes.
constexpr int kRouterQueue = 256;
constexpr int kPublisherQueue = 10'000;
constexpr int kLingerMs = 1'000;
constexpr int kHandshakeMs = 5'000;
constexpr int kBacklog = 1'024;
constexpr int kKeepaliveIdleSeconds = 30;

}  // namespace

zmq::socket_t make_socket(zmq::context_t& context, SocketRole role) {
  zmq::socket_t socket(context, role == SocketRole::kRouter ? zmq::socket_type::router : zmq::socket_type::xpub);
  socket.set(zmq::sockopt::linger, kLingerMs);
  socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(wire::kSocketBytesMax));
  socket.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
  socket.set(zmq::sockopt::backlog, kBacklog);
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::tcp_keepalive_idle, kKeepaliveIdleSeconds);
  if (role == SocketRole::kRouter) {
    socket.set(zmq::sockopt::router_mandatory, 1);
    socket.set(zmq::sockopt::router_handover, 1);
    socket.set(zmq::sockopt::sndhwm, kRouterQueue);
    socket.set(zmq::sockopt::rcvhwm, kRouterQueue);
  } else {
    socket.set(zmq::sockopt::xpub_verbose, 1);
    socket.set(zmq::sockopt::sndhwm, kPublisherQueue);
  }
  return socket;
}

Result<std::string> bind_socket(zmq::socket_t& socket, const std::string& endpoint) {
  if (zmq_bind(socket.handle(), endpoint.c_str()) != 0) {
    return fail(ErrorCode::kUnavailable, "cannot bind " + endpoint + ": " + zmq_strerror(zmq_errno()));
  }
  return socket.get(zmq::sockopt::last_endpoint);
}

Sent send_to(zmq::socket_t& router, BytesView routing_id, BytesView frame) {
  const auto failed = [] { return zmq_errno() == EHOSTUNREACH ? Sent::kUnreachable : Sent::kFull; };
  if (zmq_send(router.handle(), routing_id.data(), routing_id.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) return failed();
  // With its peer chosen, a ROUTER takes the rest of the message or drops it; it doesn't refuse.
  return zmq_send(router.handle(), frame.data(), frame.size(), ZMQ_DONTWAIT) < 0 ? failed() : Sent::kSent;
}

void publish(zmq::socket_t& publisher, BytesView frame) {
  // XPUB without NODROP never refuses.
  (void)zmq_send(publisher.handle(), frame.data(), frame.size(), ZMQ_DONTWAIT);
}

bool receive(zmq::socket_t& socket, zmq::message_t& frame) {
  return zmq_msg_recv(frame.handle(), socket.handle(), ZMQ_DONTWAIT) >= 0;
}

}  // namespace yard::broker
