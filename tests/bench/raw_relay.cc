#include "tests/bench/raw_relay.h"

#include <zmq.h>

#include "engine/base/check.h"

namespace yard::bench {
namespace {

constexpr BytesView kStop = "stop";
constexpr std::string_view kWorker = "worker";
constexpr std::string_view kClient = "client";
constexpr int kQueue = 10'000;  // enough for any window measured here

zmq::socket_t make(zmq::context_t& context, zmq::socket_type type) {
  zmq::socket_t socket(context, type);
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::sndhwm, kQueue);
  socket.set(zmq::sockopt::rcvhwm, kQueue);
  return socket;
}

void relay_loop(zmq::socket_t& router) {
  zmq::message_t from;
  zmq::message_t body;
  for (;;) {
    if (zmq_msg_recv(from.handle(), router.handle(), 0) < 0) return;
    if (zmq_msg_recv(body.handle(), router.handle(), 0) < 0) return;
    const bool over = body.to_string_view() == kStop;
    const std::string_view to = from.to_string_view() == kWorker && !over ? kClient : kWorker;
    zmq_send(router.handle(), to.data(), to.size(), ZMQ_SNDMORE);
    zmq_msg_send(body.handle(), router.handle(), 0);
    if (over) return;
  }
}

void worker_loop(zmq::socket_t& worker) {
  zmq::message_t body;
  while (zmq_msg_recv(body.handle(), worker.handle(), 0) >= 0 && body.to_string_view() != kStop)
    zmq_msg_send(body.handle(), worker.handle(), 0);
}

}  // namespace

RawRelay::RawRelay()
    : router_(make(middle_context_, zmq::socket_type::router)),
      worker_(make(worker_context_, zmq::socket_type::dealer)),
      dealer_(make(client_context_, zmq::socket_type::dealer)) {
  router_.set(zmq::sockopt::router_mandatory, 1);
  router_.bind("tcp://127.0.0.1:*");
  const std::string endpoint = router_.get(zmq::sockopt::last_endpoint);
  worker_.set(zmq::sockopt::routing_id, std::string(kWorker));
  worker_.connect(endpoint);
  dealer_.set(zmq::sockopt::routing_id, std::string(kClient));
  dealer_.connect(endpoint);
  // Both are known to the ROUTER before anything is relayed.
  for (zmq::socket_t* each : {&worker_, &dealer_}) {
    zmq_send(each->handle(), "", 0, 0);
    for (int part = 0; part < 2; ++part) YARD_CHECK(zmq_msg_recv(message_.handle(), router_.handle(), 0) >= 0);
  }
  middle_thread_ = std::jthread([this] { relay_loop(router_); });
  worker_thread_ = std::jthread([this] { worker_loop(worker_); });
}

RawRelay::~RawRelay() {
  send(kStop);
  middle_thread_.join();
  worker_thread_.join();
}

void RawRelay::send(BytesView frame) { YARD_CHECK(zmq_send(dealer_.handle(), frame.data(), frame.size(), 0) >= 0); }

void RawRelay::receive() { YARD_CHECK(zmq_msg_recv(message_.handle(), dealer_.handle(), 0) >= 0); }

}  // namespace yard::bench
