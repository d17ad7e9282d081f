#include "clients/core/dealer.h"

#include <zmq.h>

#include "dispatch/wire/message.h"
#include "engine/base/pack.h"

namespace yard::client {
namespace {

constexpr int kLingerMs = 1'000;
constexpr int kDealerQueue = 10'000;

}  // namespace

void configure_socket(zmq::socket_t& socket) {
  socket.set(zmq::sockopt::linger, kLingerMs);
  socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(wire::kSocketBytesMax));
  socket.set(zmq::sockopt::tcp_keepalive, 1);
}

zmq::socket_t make_dealer(zmq::context_t& context) {
  zmq::socket_t socket(context, zmq::socket_type::dealer);
  configure_socket(socket);
  socket.set(zmq::sockopt::immediate, 1);
  socket.set(zmq::sockopt::sndhwm, kDealerQueue);
  socket.set(zmq::sockopt::rcvhwm, kDealerQueue);
  return socket;
}

Status connect_socket(zmq::socket_t& socket, const std::string& endpoint) {
  if (zmq_connect(socket.handle(), endpoint.c_str()) == 0) return {};
  return fail(ErrorCode::kUnavailable, "cannot connect to " + endpoint + ": " + zmq_strerror(zmq_errno()));
}

bool send_now(zmq::socket_t& socket, BytesView frame) {
  return zmq_send(socket.handle(), frame.data(), frame.size(), ZMQ_DONTWAIT) >= 0;
}

Bytes hello_frame(const std::string& name, std::uint64_t correlation) {
  Bytes frame;
  wire::encode_head(frame, {.verb = wire::Verb::kHello, .correlation = correlation});
  PackWriter writer(frame);
  {
    PackMap hello(writer);
    hello.string("client", name);
    PackArray versions = hello.array("versions");
    versions.integer(wire::kVersionMin).integer(wire::kVersionMax);
  }
  return frame;
}

}  // namespace yard::client
