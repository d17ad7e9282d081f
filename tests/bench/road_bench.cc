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

// The raw echo that makes 1.3 million a second has a hundred messages on their way, so the ratios aimed at are
// of that window. A deeper one lets the echo batch more than a broker can, and shows the rate at which it is full.
constexpr int kWindow = 100;
constexpr int kDeepWindow = 1'000;
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

struct Setting {
  BrokerFixture broker;
  RawSession session{broker.endpoints()};
  RawEcho echo;
  Bytes echo_frame = session.call_frame("echo", echo_arguments(), 0);
  Bytes job_frame() { return session.call_frame("noop", kNoArguments, kBudgetMs, session.fresh_id()); }
};
using LazySetting = decltype(lazily<Setting>());

double raw_round_trip_us(Setting& setting, std::size_t bytes) {
  const Bytes frame(bytes, 'r');
  return round_trip_us(kRoundTrips, [&] { setting.echo.send(frame); }, [&] { setting.echo.receive(); });
}

Comparison immediate_round_trip(const LazySetting& setting) {
  return {.name = "immediate round trip",
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
          .reference = [setting] { return raw_round_trip_us(setting(), setting().echo_frame.size()); }};
}

Comparison job_round_trip(const LazySetting& setting) {
  return {
      .name = "job submit to complete",
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
          [setting] { return raw_round_trip_us(setting(), setting().job_frame().size()) + hand_over_us(kRoundTrips); }};
}

// `frame_of` makes each request.
Comparison pipelined(const LazySetting& setting, std::string name, int window, double reach_for, auto frame_of,
                     wire::Verb reply) {
  return {.name = std::move(name),
          .reference_name = "raw echo, same bytes and window",
          .unit = "k/s",
          .reach_for = reach_for,
          .ours =
              [=] {
                Setting& s = setting();
                return pipelined_k(
                    kPipelined, window, [&] { s.session.send(frame_of(s)); },
                    [&] { expect_verb(s.session.receive(), reply); });
              },
          .reference =
              [=] {
                Setting& s = setting();
                const Bytes frame(frame_of(s).size(), 'r');
                return pipelined_k(kPipelined, window, [&] { s.echo.send(frame); }, [&] { s.echo.receive(); });
              }};
}

}  // namespace

std::vector<Comparison> road_comparisons() {
  const auto setting = lazily<Setting>();
  const auto echo = [](Setting& s) -> const Bytes& { return s.echo_frame; };
  const auto job = [](Setting& s) { return s.job_frame(); };
  return {immediate_round_trip(setting),
          pipelined(setting, "immediate pipelined", kWindow, 0.6, echo, wire::Verb::kImmediate),
          pipelined(setting, "immediate pipelined, 1000 deep", kDeepWindow, 0, echo, wire::Verb::kImmediate),
          job_round_trip(setting),
          pipelined(setting, "jobs pipelined", kWindow, 0.23, job, wire::Verb::kResult),
          pipelined(setting, "jobs pipelined, 1000 deep", kDeepWindow, 0, job, wire::Verb::kResult)};
}

}  // namespace yard::bench
