#include "tests/bench/raw_echo.h"

#include <poll.h>
#include <zmq.h>

#include <chrono>
#include <vector>

#include "engine/base/bounded_queue.h"
#include "engine/base/check.h"
#include "engine/base/event_fd.h"
#include "tests/bench/measure.h"

namespace yard::bench {
namespace {

constexpr BytesView kStop = "stop";

void echo_loop(zmq::socket_t& router) {
  zmq::message_t id;
  zmq::message_t body;
  for (;;) {
    if (zmq_msg_recv(id.handle(), router.handle(), 0) < 0) return;
    if (zmq_msg_recv(body.handle(), router.handle(), 0) < 0) return;
    if (body.to_string_view() == kStop) return;
    zmq_msg_send(id.handle(), router.handle(), ZMQ_SNDMORE);
    zmq_msg_send(body.handle(), router.handle(), 0);
  }
}

}  // namespace

RawEcho::RawEcho()
    : router_(server_context_, zmq::socket_type::router), dealer_(client_context_, zmq::socket_type::dealer) {
  // A ROUTER drops what its peer's queue has no room for; leave enough for any window measured here.
  router_.set(zmq::sockopt::sndhwm, 10'000);
  router_.bind("tcp://127.0.0.1:*");
  dealer_.set(zmq::sockopt::linger, 0);
  dealer_.connect(router_.get(zmq::sockopt::last_endpoint));
  thread_ = std::jthread([this] { echo_loop(router_); });
}

RawEcho::~RawEcho() {
  send(kStop);
  thread_.join();
}

void RawEcho::send(BytesView frame) { YARD_CHECK(zmq_send(dealer_.handle(), frame.data(), frame.size(), 0) >= 0); }

void RawEcho::receive() { YARD_CHECK(zmq_msg_recv(message_.handle(), dealer_.handle(), 0) >= 0); }

double hand_over_us(int times) {
  using Clock = std::chrono::steady_clock;
  BoundedQueue<int> there(1);
  const EventFd back;
  const std::jthread other([&] {
    std::vector<int> values;
    while (there.pop_batch(values, 1)) back.signal();
  });
  std::vector<double> all;
  for (int i = 0; i < times; ++i) {
    const auto began = Clock::now();
    YARD_CHECK(there.try_push(int{i}));
    pollfd readable{back.fd(), POLLIN, 0};
    YARD_CHECK(poll(&readable, 1, -1) == 1);
    back.clear();
    all.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
  }
  there.close();
  return median(all);
}

}  // namespace yard::bench
