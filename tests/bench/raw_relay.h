// The floor of a relay: libzmq alone, from a client to a worker and back.
#pragma once

#include <string>
#include <thread>
#include <zmq.hpp>

#include "engine/base/bytes.h"

namespace yard::bench {

// A ROUTER in the middle, a worker that sends every message back, each on a thread of its own, and a DEALER that
// talks to them.
class RawRelay {
 public:
  RawRelay();
  ~RawRelay();
  RawRelay(const RawRelay&) = delete;
  RawRelay& operator=(const RawRelay&) = delete;

  void send(BytesView frame);
  void receive();

 private:
  zmq::context_t middle_context_{1};
  zmq::context_t worker_context_{1};
  zmq::context_t client_context_{1};
  zmq::socket_t router_;
  zmq::socket_t worker_;
  zmq::socket_t dealer_;
  zmq::message_t message_;
  std::jthread middle_thread_;
  std::jthread worker_thread_;
};

}  // namespace yard::bench
