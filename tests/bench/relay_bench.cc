// Jobs that a remote worker runs, beside a relay of raw libzmq.
#include <chrono>
#include <memory>
#include <thread>

#include "clients/core/worker.h"
#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "tests/bench/raw_relay.h"
#include "tests/bench/road_bench.h"
#include "tests/support/broker_fixture.h"

namespace yard::bench {
namespace {

using testing::BrokerFixture;
using testing::RawSession;

constexpr int kRoundTrips = 2'000;
constexpr int kPipelined = 50'000;
constexpr int kWindow = 1'000;
constexpr std::uint32_t kBudgetMs = 20'000;
constexpr BytesView kTool = "far_noop";
const Bytes kEmptyMap(1, static_cast<char>(0x80));

// A worker of this library, on threads of its own, and somebody who listens to what becomes of all jobs.
class Relay {
 public:
  Relay()
      : worker_({.workers = broker_.endpoints().workers, .name = "bench", .concurrency = 1, .prefetch = kWindow}),
        listener_(context_, zmq::socket_type::sub) {
    listener_.set(zmq::sockopt::linger, 0);
    listener_.set(zmq::sockopt::subscribe, "t.");
    listener_.connect(broker_.endpoints().iopub);
    worker_.offer({.name = std::string(kTool), .description = "Does nothing.", .idempotent = true},
                  [](PackView, client::WorkerContext&) -> Result<Bytes> { return kEmptyMap; });
    thread_ = std::jthread([this](const std::stop_token& stop) { YARD_CHECK(worker_.run(stop).has_value()); });
    while (!runs_one()) {
    }
  }

  void send() { session_.send(session_.call_frame(kTool, kEmptyMap, kBudgetMs, session_.fresh_id())); }
  [[nodiscard]] bool receive() {
    const auto message = wire::decode(session_.receive());
    return message && message->header.verb == wire::Verb::kResult;
  }
  [[nodiscard]] std::size_t frame_bytes() { return session_.call_frame(kTool, kEmptyMap, 0).size(); }

 private:
  // False until the worker is there.
  bool runs_one() {
    send();
    return receive();
  }

  BrokerFixture broker_;
  RawSession session_{broker_.endpoints()};
  client::Worker worker_;
  zmq::context_t context_{1};
  zmq::socket_t listener_;
  std::jthread thread_;
};

}  // namespace

std::vector<Comparison> relay_comparisons() {
  struct Setting {
    Relay relay;
    RawRelay raw;
    Bytes frame = Bytes(relay.frame_bytes(), 'r');
  };
  const auto setting = lazily<Setting>();
  std::vector<Comparison> all;
  all.push_back({.name = "remote job round trip",
                 .reference_name = "raw relay to a worker and back, same bytes",
                 .unit = "us",
                 .reach_for = 2.5,
                 .smaller_is_better = true,
                 .ours =
                     [setting] {
                       Relay& relay = setting().relay;
                       return round_trip_us(kRoundTrips, [&] { relay.send(); }, [&] { YARD_CHECK(relay.receive()); });
                     },
                 .reference =
                     [setting] {
                       Setting& s = setting();
                       return round_trip_us(kRoundTrips, [&] { s.raw.send(s.frame); }, [&] { s.raw.receive(); });
                     }});
  all.push_back({.name = "remote jobs pipelined",
                 .reference_name = "raw relay, same bytes and window",
                 .unit = "k/s",
                 .reach_for = 0.5,
                 .ours =
                     [setting] {
                       Relay& relay = setting().relay;
                       return pipelined_k(
                           kPipelined, kWindow, [&] { relay.send(); }, [&] { YARD_CHECK(relay.receive()); });
                     },
                 .reference =
                     [setting] {
                       Setting& s = setting();
                       return pipelined_k(kPipelined, kWindow, [&] { s.raw.send(s.frame); }, [&] { s.raw.receive(); });
                     }});
  return all;
}

}  // namespace yard::bench
