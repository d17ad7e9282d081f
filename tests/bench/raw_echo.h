// The floor: libzmq alone.
#pragma once

#include <string>
#include <thread>
#include <zmq.hpp>

#include "engine/base/bytes.h"

namespace yard::bench {

// A ROUTER that sends every message back, on a thread of its own, and a DEALER that talks to it.
class RawEcho {
 public:
  RawEcho();
  ~RawEcho();
  RawEcho(const RawEcho&) = delete;
  RawEcho& operator=(const RawEcho&) = delete;

  void send(BytesView frame);
  void receive();
  [[nodiscard]] zmq::socket_t& socket() { return dealer_; }

 private:
  zmq::context_t server_context_{1};
  zmq::context_t client_context_{1};
  zmq::socket_t router_;
  zmq::socket_t dealer_;
  zmq::message_t message_;
  std::jthread thread_;
};

// How long it takes to hand a value to another thread through a queue with a condition variable and to
// hear back through an eventfd, in microseconds: what any job on a thread pool pays beyond an echo.
[[nodiscard]] double hand_over_us(int times);

}  // namespace yard::bench
