// The road beside raw libzmq: round trips, pipelined throughput, jobs.
#include "tests/bench/road_bench.h"

#include <chrono>
#include <memory>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "engine/base/pack.h"
#include "tests/bench/raw_echo.h"
#include "tests/support/broker_fixture.h"

namespace yard::bench {
namespace {

using testing::BrokerFixture;
using testing::RawSession;

constexpr int kRoundTrips = 4'000;
constexpr int kPipelined = 200'000;
constexpr int kWindow = 1'000;
constexpr std::uint32_t kBudgetMs = 20'000;

Bytes echo_arguments() {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap(writer).string("text", std::string(64, 'a'));
  return bytes;
}

const Bytes kNoArguments(1, static_cast<char>(0x80));

void expect_verb(BytesView frame, wire::Verb verb) {
  const auto message = wire::decode(frame);
  YARD_CHECK(message && message->header.verb == verb);
}

}  // namespace

std::vector<Comparison> road_comparisons() {
  // Shared by the comparisons, which outlive this function; built when the first one runs.
  struct Setting {
    BrokerFixture broker;
    RawSession session{broker.endpoints()};
    RawEcho echo;
    Bytes echo_frame = session.call_frame("echo", echo_arguments(), 0);
    Bytes job_frame() { return session.call_frame("noop", kNoArguments, kBudgetMs, session.fresh_id()); }
  };
  const auto slot = std::make_shared<std::unique_ptr<Setting>>();
  const auto setting = [slot]() -> Setting& {
    if (!*slot) *slot = std::make_unique<Setting>();
    return **slot;
  };
  const auto raw_round_trip = [setting](std::size_t bytes) {
    Setting& s = setting();
    const Bytes frame(bytes, 'r');
    return round_trip_us(kRoundTrips, [&] { s.echo.send(frame); }, [&] { s.echo.receive(); });
  };
  const auto raw_pipelined = [setting](std::size_t bytes) {
    Setting& s = setting();
    const Bytes frame(bytes, 'r');
    return pipelined_k(kPipelined, kWindow, [&] { s.echo.send(frame); }, [&] { s.echo.receive(); });
  };
  std::vector<Comparison> all;
  all.push_back({.name = "immediate round trip",
                 .reference_name = "raw echo, same bytes",
                 .unit = "us",
                 .reach_for = 1.15,
                 .smaller_is_better = true,
                 .ours =
                     [setting] {
                       Setting& s = setting();
                       return round_trip_us(
                           kRoundTrips, [&] { s.session.send(s.echo_frame); },
                           [&] { expect_verb(s.session.receive(), wire::Verb::kImmediate); });
                     },
                 .reference = [setting, raw_round_trip] { return raw_round_trip(setting().echo_frame.size()); }});
  all.push_back({.name = "immediate pipelined",
                 .reference_name = "raw echo, same bytes and window",
                 .unit = "k/s",
                 .reach_for = 0.6,
                 .ours =
                     [setting] {
                       Setting& s = setting();
                       return pipelined_k(
                           kPipelined, kWindow, [&] { s.session.send(s.echo_frame); },
                           [&] { expect_verb(s.session.receive(), wire::Verb::kImmediate); });
                     },
                 .reference = [setting, raw_pipelined] { return raw_pipelined(setting().echo_frame.size()); }});
  all.push_back({.name = "job submit to complete",
                 .reference_name = "raw echo + hand-over to a thread and back",
                 .unit = "us",
                 .reach_for = 1.2,
                 .smaller_is_better = true,
                 .ours =
                     [setting] {
                       Setting& s = setting();
                       return round_trip_us(
                           kRoundTrips, [&] { s.session.send(s.job_frame()); },
                           [&] { expect_verb(s.session.receive(), wire::Verb::kResult); });
                     },
                 .reference =
                     [setting, raw_round_trip] {
                       return raw_round_trip(setting().job_frame().size()) + hand_over_us(kRoundTrips);
                     }});
  all.push_back({.name = "jobs pipelined",
                 .reference_name = "raw echo, same bytes and window",
                 .unit = "k/s",
                 .reach_for = 0.23,
                 .ours =
                     [setting] {
                       Setting& s = setting();
                       return pipelined_k(
                           kPipelined, kWindow, [&] { s.session.send(s.job_frame()); },
                           [&] { expect_verb(s.session.receive(), wire::Verb::kResult); });
                     },
                 .reference = [setting, raw_pipelined] { return raw_pipelined(setting().job_frame().size()); }});
  return all;
}

}  // namespace yard::bench
