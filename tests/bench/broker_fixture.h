// A broker in this process, with tools that do next to nothing.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "broker/event_fd.h"
#include "broker/server.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "jobs/log.h"
#include "tools/registry.h"

namespace yard::bench {

// Tools: bench_echo (Immediate, {text} to {text}), bench_noop (job, {} to {}), bench_stream (job, {count, bytes}:
// so many chunks). Listens on loopback tcp, as its references do.
class BrokerFixture {
 public:
  BrokerFixture();
  ~BrokerFixture();
  BrokerFixture(const BrokerFixture&) = delete;
  BrokerFixture& operator=(const BrokerFixture&) = delete;

  [[nodiscard]] const broker::Endpoints& endpoints() const { return endpoints_; }

 private:
  tools::Registry registry_;
  SystemClock clock_;
  jobs::MemoryLog log_;
  broker::EventFd stop_;
  std::unique_ptr<broker::Server> server_;
  broker::Endpoints endpoints_;
  std::jthread thread_;
};

// A raw session with a broker: frames in, frames out, nothing in between.
class RawSession {
 public:
  explicit RawSession(const broker::Endpoints& endpoints);

  // A CALL frame; `id` is fresh for every one.
  [[nodiscard]] Bytes call_frame(std::string_view tool, BytesView arguments, std::uint32_t budget_ms,
                                 const Uuid& id = {}) const;

  void send(BytesView frame);
  // Blocks; the message stays valid until the next one.
  [[nodiscard]] BytesView receive();

  [[nodiscard]] zmq::socket_t& socket() { return socket_; }
  [[nodiscard]] Uuid fresh_id() { return make_uuid(random_); }

 private:
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  zmq::message_t message_;
  std::uint64_t session_ = 0;
  SystemRandom random_;
};

}  // namespace yard::bench
