// A broker in this process, with tools that do next to nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "broker/server.h"
#include "dispatch/wire/message.h"
#include "engine/base/clock.h"
#include "engine/base/event_fd.h"
#include "engine/base/random.h"
#include "jobs/log.h"
#include "tests/support/temp_dir.h"
#include "tools/registry.h"

namespace yard::testing {

// Tools: echo (Immediate, {text, times?} to {text}), touch (Ack, {}), noop and noop_buffered
// (jobs of grade synced and buffered, {} to {}), stream (job,
// {count, bytes}: so many chunks), hold (job, until it is stopped).
class BrokerFixture {
 public:
  struct Options {
    broker::Limits limits = {.drain_grace = Millis(100)};
    std::size_t threads = 2;
    broker::Endpoints at = {};      // where an earlier one listened; empty: anywhere
    std::string transport = "tcp";  // or "ipc", in a temporary folder
    jobs::JobLog* log = nullptr;    // must outlive it; in memory where there is none
  };

  BrokerFixture() : BrokerFixture(Options{}) {}
  explicit BrokerFixture(const Options& options);
  ~BrokerFixture();
  BrokerFixture(const BrokerFixture&) = delete;
  BrokerFixture& operator=(const BrokerFixture&) = delete;

  [[nodiscard]] const broker::Endpoints& endpoints() const { return endpoints_; }

  // Asks it to drain, and returns once it has.
  void stop();

 private:
  tools::Registry registry_;
  SystemClock clock_;
  jobs::MemoryLog log_;
  EventFd stop_;
  std::unique_ptr<broker::Server> server_;
  std::optional<TempDir> folder_;  // of ipc sockets
  broker::Endpoints endpoints_;
  std::jthread thread_;
};

// A raw session with a broker: frames in, frames out, nothing in between.
class RawSession {
 public:
  explicit RawSession(const broker::Endpoints& endpoints, const std::string& identity = "");

  [[nodiscard]] Bytes frame(wire::Verb verb, std::string_view tool, BytesView body, std::uint32_t budget_ms,
                            const Uuid& id = {}, std::uint8_t flags = 0) const;
  [[nodiscard]] Bytes call_frame(std::string_view tool, BytesView arguments, std::uint32_t budget_ms,
                                 const Uuid& id = {}) const {
    return frame(wire::Verb::kCall, tool, arguments, budget_ms, id);
  }

  void send(BytesView frame);
  // Blocks; the message stays valid until the next one.
  [[nodiscard]] BytesView receive();
  // The same for at most `wait`; empty if nothing came.
  [[nodiscard]] BytesView receive_within(Millis wait);

  [[nodiscard]] zmq::socket_t& socket() { return socket_; }
  [[nodiscard]] Uuid fresh_id() { return make_uuid(random_); }

 private:
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  zmq::message_t message_;
  std::uint64_t session_ = 0;
  SystemRandom random_;
};

}  // namespace yard::testing
